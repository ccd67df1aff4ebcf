//! Where an enumeration stands, as text that another process can go on from.
//!
//! The list is ordered by `created_at`, newest first, so a moment says what is done: every runner
//! created after it. The runners created at that very moment, or handed over out of order, are
//! listed by id. The text therefore has 102 characters, and 22 more for each listed runner:
//! usually none, a few hundred while the client is reading again because the list changed, and
//! all of them where many share one `created_at` or the server's order is another one.

use super::report::{Complete, Report};
use super::seen::Moment;

const VERSION: u8 = 2;
/// URL-safe, as in RFC 4648 §5. A number is written lowest digit first.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// How many digits the numbers before the ids have: the version, the hash of the base URL, the page
/// size, the flags, the horizon, the page, and those of the report.
const WIDTHS: [usize; 11] = [2, WORD, 6, 1, WORD, 10, 10, 10, 10, 10, 10];
/// How many digits 64 bits have.
const WORD: usize = 11;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Runners created after this were handed over, if they were there.
    pub(super) horizon: Moment,
    /// Whether the server was seen to keep the documented order.
    pub(super) ordered: bool,
    /// Whether the list was seen to change.
    pub(super) changed: bool,
    /// The page from which to go on looking.
    pub(super) page: u64,
    /// What was found; `unique` counts what was handed over, and `total_end` is `total` when a page
    /// was last accepted.
    pub(super) report: Report,
    /// Runners handed over that were not created after the horizon.
    pub(super) known: Vec<u128>,
}

impl Checkpoint {
    /// Reads what [`Enumeration::checkpoint`](super::Enumeration::checkpoint) wrote for the same
    /// base URL and page size.
    pub fn read(text: &str, base_url: &str, per_page: u32) -> Result<Self, Refused> {
        let body = text.get(..text.len().saturating_sub(WORD));
        let body = body.unwrap_or_default();
        if sealed(body.to_owned()) != text {
            return Err(Refused::Damaged);
        }
        let mut from = Reader(body.as_bytes());
        let mut numbers = [0; WIDTHS.len()];
        for (number, width) in numbers.iter_mut().zip(WIDTHS) {
            *number = from.number(width);
        }
        let [version, base, size, flags, horizon, page, rest @ ..] = numbers;
        let [unique, duplicates, total_start, total_end, requests] = rest;
        if version != VERSION.into() {
            return Err(Refused::Version(version as u8));
        }
        if base != hash(base_url.as_bytes()) {
            return Err(Refused::BaseUrl);
        }
        if size != per_page.into() {
            return Err(Refused::PageSize(size as u32));
        }
        let mut known = Vec::new();
        while !from.0.is_empty() {
            let high = u128::from(from.number(WORD)) << 64;
            known.push(high | u128::from(from.number(WORD)));
        }
        Ok(Self {
            horizon: horizon as Moment,
            ordered: flags & 1 != 0,
            changed: flags & 2 != 0,
            page: page.max(1),
            report: Report {
                unique,
                duplicates,
                total_start,
                total_end,
                requests,
                complete: Complete::False,
            },
            known,
        })
    }

    /// URL-safe text, bound to the base URL and the page size, and with a checksum.
    pub(super) fn write(&self, base_url: &str, per_page: u32) -> String {
        let report = &self.report;
        let numbers = [
            VERSION.into(),
            hash(base_url.as_bytes()),
            per_page.into(),
            u64::from(self.ordered) | u64::from(self.changed) << 1,
            self.horizon as u64,
            self.page,
            report.unique,
            report.duplicates,
            report.total_start,
            report.total_end,
            report.requests,
        ];
        let mut text = String::new();
        for (number, width) in numbers.iter().zip(WIDTHS) {
            put(&mut text, *number, width);
        }
        for id in &self.known {
            put(&mut text, (*id >> 64) as u64, WORD);
            put(&mut text, *id as u64, WORD);
        }
        sealed(text)
    }
}

/// With a checksum at its end.
fn sealed(mut text: String) -> String {
    let sum = hash(text.as_bytes());
    put(&mut text, sum, WORD);
    text
}

fn put(text: &mut String, mut number: u64, width: usize) {
    for _ in 0..width {
        text.push(char::from(DIGITS[number as usize & 63]));
        number >>= 6;
    }
}

/// What [`put`] wrote, number after number: the checksum was right.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self, width: usize) -> u64 {
        let (digits, rest) = self.0.split_at(width.min(self.0.len()));
        self.0 = rest;
        let mut number = 0;
        for byte in digits.iter().rev() {
            let digit = DIGITS.iter().position(|digit| digit == byte);
            number = number << 6 | digit.unwrap_or(0) as u64;
        }
        number
    }
}

/// FNV-1a, 64 bits: against accidents, not against forgers.
fn hash(bytes: &[u8]) -> u64 {
    let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    sum
}
