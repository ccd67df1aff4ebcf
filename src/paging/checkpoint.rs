//! Checkpoints: the position of an enumeration as text, from which another process can continue.
//!
//! The list is ordered by `created_at`, newest first. So one time, the horizon, says which runners are
//! done: all that were created after it. A checkpoint lists by id the runners that were handed over but
//! were created at or before the horizon. Usually there are none, or only those created at the same time as
//! the last one. While the client reads pages again because the list changed, there are a few hundred. If
//! many runners share one `created_at`, or if an answer showed that the server keeps another order, the
//! checkpoint lists them all. An answer shows it by a row that is newer than the one before. Across pages, only
//! `reconcile` looks for that.
//!
//! The text is URL-safe Base64 (RFC 4648 §5, no padding) of these numbers, lowest byte first:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version of this format |
//! | 8 | hash of the base URL |
//! | 4 | page size |
//! | 1, 1, 1 | `ordered`, `changed`, `left_out`: 0 or 1 |
//! | 8 | `horizon` |
//! | 4 | `page` |
//! | 7 × 8 | `consumed`, `duplicates`, `total_start`, `total_end`, `total_accepted`, `growth`, `requests` |
//! | 16 each | ids |
//! | 8 | hash of everything before it |
//!
//! The text has 123 characters without ids, and 21 or 22 more for each id.

use super::base64;
use super::seen::{CreatedAt, NEVER};
use super::totals::MAX_TOTAL;
use crate::text::{concat, number};

const VERSION: u8 = 4;

/// Why a checkpoint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// The text was shortened or changed, or is not a checkpoint at all.
    Damaged,
    /// Another version of this package wrote it, in this version of the format.
    Version(u8),
    /// It was written for another base URL.
    BaseUrl,
    /// It was written for another page size: this one.
    PerPage(u32),
}

impl CheckpointError {
    /// Describes the given checkpoint, for error messages.
    #[must_use]
    pub fn given(self) -> String {
        match self {
            Self::Damaged => "a damaged one".to_owned(),
            Self::Version(version) => concat(&["one of format version ", &number(version)]),
            Self::BaseUrl => "one for another base URL".to_owned(),
            Self::PerPage(per_page) => concat(&["one for perPage ", &number(per_page)]),
        }
    }
}

/// A checkpoint for the right base URL and page size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// All answers so far were ordered newest first.
    pub(super) ordered: bool,
    /// A change of the list was noticed.
    pub(super) changed: bool,
    /// Invalid runners were left out.
    pub(super) left_out: bool,
    /// Every runner created after this was handed over, or joined too late to be looked for.
    pub(super) horizon: CreatedAt,
    /// The page to go on with, from 1.
    pub(super) page: u32,
    /// Runners that the consumer took.
    pub(super) consumed: u64,
    /// As in [`Report`](super::Report).
    pub(super) duplicates: u64,
    pub(super) total_start: u64,
    pub(super) total_end: u64,
    /// `total` when the latest page was accepted.
    pub(super) total_accepted: u64,
    /// Runners that joined, as far as `total` shows.
    pub(super) growth: u64,
    pub(super) requests: u64,
    /// Runners that the consumer took although they were not created after the horizon.
    pub(super) ids: Vec<u128>,
}

impl Checkpoint {
    /// The state of a new enumeration.
    pub(super) fn start() -> Self {
        Self {
            ordered: true,
            changed: false,
            left_out: false,
            horizon: NEVER,
            page: 1,
            consumed: 0,
            duplicates: 0,
            total_start: 0,
            total_end: 0,
            total_accepted: 0,
            growth: 0,
            requests: 0,
            ids: Vec::new(),
        }
    }

    /// Reads what [`Enumeration::checkpoint`](super::Enumeration::checkpoint) wrote for the same base
    /// URL and page size.
    pub fn read(text: &str, base_url: &str, per_page: u32) -> Result<Self, CheckpointError> {
        let damaged = CheckpointError::Damaged;
        let bytes = base64::decode(text).ok_or(damaged)?;
        let (content, checksum) = bytes.split_last_chunk().ok_or(damaged)?;
        if u64::from_le_bytes(*checksum) != hash(content) {
            return Err(damaged);
        }
        let mut reader = Reader(content);
        let [version] = reader.take()?;
        if version != VERSION {
            return Err(CheckpointError::Version(version));
        }
        if reader.u64()? != hash(base_url.as_bytes()) {
            return Err(CheckpointError::BaseUrl);
        }
        let written_for = reader.u32()?;
        if written_for != per_page {
            return Err(CheckpointError::PerPage(written_for));
        }
        Ok(Self {
            ordered: reader.bool()?,
            changed: reader.bool()?,
            left_out: reader.bool()?,
            horizon: CreatedAt::from_le_bytes(reader.take()?),
            page: reader.u32()?.max(1),
            consumed: reader.count()?,
            duplicates: reader.count()?,
            total_start: reader.count()?,
            total_end: reader.count()?,
            total_accepted: reader.count()?,
            growth: reader.count()?,
            requests: reader.count()?,
            ids: reader.ids()?,
        })
    }

    pub(super) fn write(&self, base_url: &str, per_page: u32) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(hash(base_url.as_bytes()).to_le_bytes());
        bytes.extend(per_page.to_le_bytes());
        bytes.extend([self.ordered, self.changed, self.left_out].map(u8::from));
        bytes.extend(self.horizon.to_le_bytes());
        bytes.extend(self.page.to_le_bytes());
        for count in [
            self.consumed,
            self.duplicates,
            self.total_start,
            self.total_end,
            self.total_accepted,
            self.growth,
            self.requests,
        ] {
            bytes.extend(count.to_le_bytes());
        }
        for id in &self.ids {
            bytes.extend(id.to_le_bytes());
        }
        bytes.extend(hash(&bytes).to_le_bytes());
        base64::encode(&bytes)
    }
}

/// What is left of the content.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], CheckpointError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(CheckpointError::Damaged)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn bool(&mut self) -> Result<bool, CheckpointError> {
        Ok(self.take()? != [0])
    }

    fn u32(&mut self) -> Result<u32, CheckpointError> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, CheckpointError> {
        self.take().map(u64::from_le_bytes)
    }

    /// A count. Anybody can compute the checksum: one that was never written becomes the nearest
    /// possible one.
    fn count(&mut self) -> Result<u64, CheckpointError> {
        Ok(self.u64()?.min(MAX_TOTAL))
    }

    /// The ids are all that is left.
    fn ids(&mut self) -> Result<Vec<u128>, CheckpointError> {
        let mut ids = Vec::new();
        while !self.0.is_empty() {
            ids.push(self.take().map(u128::from_le_bytes)?);
        }
        Ok(ids)
    }
}

/// FNV-1a of 64 bits: against accidents, not against forgers.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
