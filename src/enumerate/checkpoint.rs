//! Where an enumeration stands, as text that another process can go on from.
//!
//! The list is ordered by `created_at`, newest first, so a moment says what is done: every runner
//! created after it. The runners created at that very moment, or handed over out of order, are
//! listed by id. The text therefore has 102 characters, and 22 more for each listed runner:
//! usually none, a few hundred while the client is reading again because the list changed, and
//! all of them where many share one `created_at` or the server's order is another one.

use comfycontrol_decode::{Instant, Key};

const VERSION: u8 = 1;
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Why a checkpoint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Cut, changed, or no checkpoint at all.
    Damaged,
    /// Written by another version of this package.
    Version(u8),
    /// Of another base URL.
    BaseUrl,
    /// Of another page size, which is given.
    PageSize(u32),
}

/// A checkpoint that was read and fits.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Checkpoint {
    /// Runners created after this were handed over, if they were there.
    pub(super) horizon: Option<Instant>,
    /// Whether the server was seen to keep the documented order.
    pub(super) ordered: bool,
    /// Whether the list was seen to change.
    pub(super) changed: bool,
    /// The page from which to go on looking.
    pub(super) page: u64,
    pub(super) unique: u64,
    pub(super) duplicates: u64,
    pub(super) total_start: u64,
    pub(super) total: u64,
    pub(super) requests: u64,
    /// Runners handed over that were not created after the horizon.
    pub(super) known: Vec<u128>,
}

impl Checkpoint {
    /// Reads what [`Enumeration::checkpoint`](super::Enumeration::checkpoint) wrote for the same
    /// base URL and page size.
    pub fn read(text: &str, base_url: &str, per_page: u32) -> Result<Self, Refused> {
        let mut bytes = unpack(text).ok_or(Refused::Damaged)?;
        let body = bytes.len().checked_sub(8).ok_or(Refused::Damaged)?;
        let sum = bytes.split_off(body);
        if sum != hash(&bytes).to_le_bytes() {
            return Err(Refused::Damaged);
        }
        let mut from = Reader(&bytes);
        let version = from.number(1).ok_or(Refused::Damaged)? as u8;
        if version != VERSION {
            return Err(Refused::Version(version));
        }
        Self::fields(&mut from, base_url, per_page).unwrap_or(Err(Refused::Damaged))
    }

    fn fields(from: &mut Reader, base_url: &str, per_page: u32) -> Option<Result<Self, Refused>> {
        let base = from.number(8)? as u64;
        let size = from.number(4)? as u32;
        if base != hash(base_url.as_bytes()) {
            return Some(Err(Refused::BaseUrl));
        }
        if size != per_page {
            return Some(Err(Refused::PageSize(size)));
        }
        let flags = from.number(1)?;
        let seconds = from.number(8)? as i64;
        let nanos = from.number(4)? as u32;
        let mut checkpoint = Self {
            horizon: (flags & 1 != 0).then_some(Instant { seconds, nanos }),
            ordered: flags & 2 != 0,
            changed: flags & 4 != 0,
            page: (from.number(7)? as u64).max(1),
            unique: from.number(7)? as u64,
            duplicates: from.number(7)? as u64,
            total_start: from.number(7)? as u64,
            total: from.number(7)? as u64,
            requests: from.number(7)? as u64,
            known: Vec::new(),
        };
        while !from.0.is_empty() {
            checkpoint.known.push(from.number(16)?);
        }
        Some(Ok(checkpoint))
    }

    /// URL-safe text, bound to the base URL and the page size, and with a checksum.
    pub(super) fn write(&self, base_url: &str, per_page: u32) -> String {
        let mut bytes = vec![VERSION];
        let mut put =
            |number: u128, len: usize| bytes.extend_from_slice(&number.to_le_bytes()[..len]);
        let horizon = self.horizon.unwrap_or_default();
        put(hash(base_url.as_bytes()).into(), 8);
        put(per_page.into(), 4);
        let flags = [self.horizon.is_some(), self.ordered, self.changed];
        put(
            flags
                .iter()
                .rev()
                .fold(0, |flags, flag| flags << 1 | u128::from(*flag)),
            1,
        );
        put(horizon.seconds as u128, 8);
        put(horizon.nanos.into(), 4);
        for number in [
            self.page,
            self.unique,
            self.duplicates,
            self.total_start,
            self.total,
            self.requests,
        ] {
            put(number.into(), 7);
        }
        for id in &self.known {
            put(*id, 16);
        }
        let sum = hash(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        pack(&bytes)
    }
}

/// Little-endian numbers, one after the other.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self, len: usize) -> Option<u128> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(
            head.iter()
                .rev()
                .fold(0, |number, byte| number << 8 | u128::from(*byte)),
        )
    }
}

/// FNV-1a, 64 bits: against accidents, not against forgers.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum: u64, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// base64url without padding (RFC 4648 §5).
fn pack(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, i| {
            bits << 8 | u32::from(*group.get(i).unwrap_or(&0))
        });
        for i in 0..=group.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * i)) as usize & 63]));
        }
    }
    text
}

/// The only bytes that [`pack`] writes as this text.
fn unpack(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    for group in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for i in 0..4 {
            let digit = match group.get(i) {
                Some(byte) => DIGITS.iter().position(|digit| digit == byte)?,
                None => 0,
            };
            bits = bits << 6 | digit as u32;
        }
        let len = group.len() - 1;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..=len]);
        if len == 0 || len < 3 && bits << (8 + 8 * len) != 0 {
            return None;
        }
    }
    Some(bytes)
}

/// The part of the rows handed over that a horizon does not stand for.
pub(super) fn not_after<'a>(
    keys: impl Iterator<Item = &'a Key>,
    horizon: Option<Instant>,
) -> Vec<u128> {
    keys.filter(|key| horizon.is_none_or(|horizon| key.created_at <= horizon))
        .map(|key| key.id)
        .collect()
}
