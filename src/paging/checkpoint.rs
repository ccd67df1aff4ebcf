//! Where an enumeration stands, as text that another process can go on from.
//!
//! The list is ordered by `created_at`, newest first, so a moment says what is done: every runner
//! created after it. The runners created at that very moment, or handed over out of order, are
//! listed by id. The text therefore has 102 characters, and 22 more for each listed runner:
//! usually none, a few hundred while the client is reading again because the list changed, and
//! all of them where many share one `created_at` or the server's order is another one.


const VERSION: u64 = 2;
/// URL-safe, as in RFC 4648 §5. A number is written lowest digit first.
const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// How many digits 64 bits have.
const WORD: u8 = 11;
/// How many digits each of [`Checkpoint::numbers`] has.
static WIDTHS: [u8; 9] = [1, 1, WORD, 10, 10, 10, 10, 10, 10];

/// Why a checkpoint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// Cut, changed, or no checkpoint at all.
    Damaged,
    /// Written by another version of this package.
    Version(u8),
    /// Of another base URL.
    BaseUrl,
    /// Of another page size, which is given.
    PerPage(u32),
}

/// A checkpoint that was read and fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// What [`Enumeration`](super::Enumeration) goes on from; the third may have 64 bits, and those
    /// after it 60.
    pub(super) numbers: [u64; 9],
    /// Runners handed over that were not created after the horizon.
    pub(super) known: Vec<u128>,
}

impl Checkpoint {
    /// Reads what [`Enumeration::checkpoint`](super::Enumeration::checkpoint) wrote for the same
    /// base URL and page size.
    pub fn read(text: &str, base_url: &str, per_page: u32) -> Result<Self, CheckpointError> {
        let body = text.len().saturating_sub(WORD.into());
        let (body, sum) = text.as_bytes().split_at(body);
        // As text, since several texts can be read as one number.
        let mut right = String::new();
        put(&mut right, hash(body), WORD);
        if sum != right.as_bytes() {
            return Err(CheckpointError::Damaged);
        }
        let mut from = Reader(body);
        let version = from.number(1);
        if version != VERSION {
            return Err(CheckpointError::Version(version as u8));
        }
        if from.number(WORD) != hash(base_url.as_bytes()) {
            return Err(CheckpointError::BaseUrl);
        }
        let size = from.number(6) as u32;
        if size != per_page {
            return Err(CheckpointError::PerPage(size));
        }
        let mut numbers = [0; WIDTHS.len()];
        for (number, width) in numbers.iter_mut().zip(&WIDTHS) {
            *number = from.number(*width);
        }
        let mut known = Vec::new();
        while !from.0.is_empty() {
            let high = u128::from(from.number(WORD)) << 64;
            known.push(high + u128::from(from.number(WORD)));
        }
        Ok(Self { numbers, known })
    }
}

/// URL-safe text, bound to the base URL and the page size, and with a checksum.
pub(super) fn write(
    numbers: &[u64; 9],
    known: impl Iterator<Item = u128>,
    base_url: &str,
    per_page: u32,
) -> String {
    let mut text = String::new();
    put(&mut text, VERSION, 1);
    put(&mut text, hash(base_url.as_bytes()), WORD);
    put(&mut text, per_page.into(), 6);
    for (number, width) in numbers.iter().zip(&WIDTHS) {
        put(&mut text, *number, *width);
    }
    for id in known {
        put(&mut text, (id >> 64) as u64, WORD);
        put(&mut text, id as u64, WORD);
    }
    let sum = hash(text.as_bytes());
    put(&mut text, sum, WORD);
    text
}

fn put(text: &mut String, mut number: u64, width: u8) {
    for _ in 0..width {
        let digit = number as usize & 63;
        text.push_str(&DIGITS[digit..digit + 1]);
        number >>= 6;
    }
}

/// What [`put`] wrote, number after number.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self, width: u8) -> u64 {
        let (digits, rest) = self.0.split_at(self.0.len().min(width.into()));
        self.0 = rest;
        let mut number = 0;
        for byte in digits.iter().rev() {
            // What is no digit spoils the checksum.
            let mut digit = 0;
            while digit < DIGITS.len() && DIGITS.as_bytes()[digit] != *byte {
                digit += 1;
            }
            number = (number << 6) + digit as u64;
        }
        number
    }
}

/// FNV-1a, without its last 4 bits: against accidents, not against forgers.
fn hash(bytes: &[u8]) -> u64 {
    let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    sum >> 4
}
