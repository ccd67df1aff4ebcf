//! Checkpoints: the position of an enumeration as text, from which another process can continue.
//!
//! The list is ordered by `created_at`, newest first. So one time, the horizon, says which runners are
//! done: all that were created after it. A checkpoint lists by id the runners that were handed over but
//! were created at or before the horizon. Usually there are none, or only those created at the same time as
//! the last one. While the client reads pages again because the list changed, there are a few hundred. If
//! many runners share one `created_at`, or if the server keeps another order, the checkpoint lists them all.
//!
//! The text is URL-safe Base64 (RFC 4648 §5, no padding) of these numbers, lowest byte first:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version of this format |
//! | 8 | hash of the base URL |
//! | 4 | page size |
//! | 1, 1 | `ordered`, `changed`: 0 or 1 |
//! | 8 | `horizon` |
//! | 4 | `page` |
//! | 5 × 8 | `consumed`, `duplicates`, `total_start`, `total_end`, `requests` |
//! | 16 each | ids |
//! | 8 | hash of everything before it |
//!
//! The text has 100 characters without ids, and 21 or 22 more for each id.

use super::base64;
use super::seen::{CreatedAt, NEVER};
use super::totals::MAX_TOTAL;
use crate::text::{concat, number};

const VERSION: u8 = 3;

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
    /// Every runner created after this was handed over, or joined too late to be looked for.
    pub(super) horizon: CreatedAt,
    /// The page to go on with, from 1.
    pub(super) page: u32,
    /// Runners that the consumer took.
    pub(super) consumed: u64,
    /// As in [`Report`](super::Report).
    pub(super) duplicates: u64,
    pub(super) total_start: u64,
    /// `total` when the latest page was accepted.
    pub(super) total_end: u64,
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
            horizon: NEVER,
            page: 1,
            consumed: 0,
            duplicates: 0,
            total_start: 0,
            total_end: 0,
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
        let mut reader = Reader {
            rest: content,
            is_short: false,
        };
        let checkpoint = Self::read_content(&mut reader, base_url, per_page);
        if reader.is_short {
            Err(damaged)
        } else {
            checkpoint
        }
    }

    fn read_content(
        reader: &mut Reader<'_>,
        base_url: &str,
        per_page: u32,
    ) -> Result<Self, CheckpointError> {
        let version = reader.number(1) as u8;
        if version != VERSION {
            return Err(CheckpointError::Version(version));
        }
        if reader.number(8) != hash(base_url.as_bytes()) {
            return Err(CheckpointError::BaseUrl);
        }
        let written_for = reader.number(4) as u32;
        if written_for != per_page {
            return Err(CheckpointError::PerPage(written_for));
        }
        Ok(Self {
            ordered: reader.number(1) != 0,
            changed: reader.number(1) != 0,
            horizon: reader.number(8) as CreatedAt,
            page: (reader.number(4) as u32).max(1),
            consumed: reader.count(),
            duplicates: reader.count(),
            total_start: reader.count(),
            total_end: reader.count(),
            requests: reader.count(),
            ids: reader.ids(),
        })
    }

    pub(super) fn write(&self, base_url: &str, per_page: u32) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes, 1, VERSION.into());
        write(&mut bytes, 8, hash(base_url.as_bytes()));
        write(&mut bytes, 4, per_page.into());
        write(&mut bytes, 1, self.ordered.into());
        write(&mut bytes, 1, self.changed.into());
        write(&mut bytes, 8, self.horizon as u64);
        write(&mut bytes, 4, self.page.into());
        write(&mut bytes, 8, self.consumed);
        write(&mut bytes, 8, self.duplicates);
        write(&mut bytes, 8, self.total_start);
        write(&mut bytes, 8, self.total_end);
        write(&mut bytes, 8, self.requests);
        for id in &self.ids {
            write(&mut bytes, 8, *id as u64);
            write(&mut bytes, 8, (id >> 64) as u64);
        }
        let checksum = hash(&bytes);
        write(&mut bytes, 8, checksum);
        base64::encode(&bytes)
    }
}

/// Writes a number in so many bytes.
fn write(bytes: &mut Vec<u8>, len: usize, number: u64) {
    bytes.extend_from_slice(&number.to_le_bytes()[..len]);
}

/// What is left of the content. Beyond its end there are zeros, and it is too short.
struct Reader<'a> {
    rest: &'a [u8],
    is_short: bool,
}

impl Reader<'_> {
    /// The number in the next `len` bytes.
    fn number(&mut self, len: usize) -> u64 {
        let Some((bytes, rest)) = self.rest.split_at_checked(len) else {
            self.rest = &[];
            self.is_short = true;
            return 0;
        };
        self.rest = rest;
        let highest_first = bytes.iter().rev();
        highest_first.fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// A count. Anybody can compute the checksum: one that was never written becomes the nearest
    /// possible one.
    fn count(&mut self) -> u64 {
        self.number(8).min(MAX_TOTAL)
    }

    /// The ids are all that is left.
    fn ids(&mut self) -> Vec<u128> {
        let mut ids = Vec::new();
        while !self.rest.is_empty() {
            let low = self.number(8);
            ids.push(u128::from(self.number(8)) << 64 | u128::from(low));
        }
        ids
    }
}

/// FNV-1a of 64 bits: against accidents, not against forgers.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
