//! Short strings that repeat: tags and the values of `runner_type` and `status`.
//!
//! A page has hundreds of them and a handful of different ones. Each different one gets a number, the
//! JS side cuts it out of the text once, and every further use costs a lookup here: one load, one
//! multiplication, one comparison. The table may forget (a newcomer takes the place it hashes to); then
//! a string is merely cut twice.

use crate::at::At;
use crate::lanes::Lanes;

/// Enough for the dozen words of a page to seldom meet.
const PLACES: usize = 256;

pub(crate) struct Words {
    /// Words with their closing quotes, padded with zeros. Zeros alone are looked for at the end of a body
    /// that broke off, and their place has what nothing looked for is at first: more than one quote.
    keys: [u128; PLACES],
    numbers: [u32; PLACES],
    /// Start and end of each word, in the form of [`crate::Page::columns`].
    pub(crate) spans: Vec<u32>,
}

/// A word of `len` bytes, which has a closing quote, up to which it and that have 16 bytes.
#[inline(always)]
fn key(word: At, len: usize) -> Lanes {
    word.lanes(0).first(len + 1)
}

impl Words {
    pub(crate) fn new() -> Self {
        let mut new = Self {
            keys: [0; PLACES],
            numbers: [0; PLACES],
            spans: Vec::new(),
        };
        new.keys[0] = u128::from_le_bytes([b'"'; 16]);
        new
    }

    /// The number of the word at `at`, if it is remembered; `len` bytes, or 16, come before the first quote.
    /// So only words without escapes are found, and of those none that is not remembered.
    #[inline(always)]
    pub(crate) fn find(&self, at: At, len: usize) -> Option<u32> {
        let key = key(at, len);
        let place = place(key);
        if key.equals(self.keys[place].to_le_bytes()) {
            Some(self.numbers[place])
        } else {
            None
        }
    }

    /// Numbers the word of `len` bytes at `at`, which spans `from..to`, and remembers it if it is short.
    pub(crate) fn add(&mut self, at: At, len: usize, (from, to): (u32, u32)) -> u32 {
        let number = (self.spans.len() / 2) as u32;
        self.spans.push(from);
        self.spans.push(to);
        if len <= LONGEST {
            let key = key(at, len);
            let place = place(key);
            // SAFETY: 16 bytes of the table.
            unsafe { key.store((&raw mut self.keys[place]).cast()) };
            self.numbers[place] = number;
        }
        number
    }
}

/// The longest word that is remembered, in bytes.
pub(crate) const LONGEST: usize = 15;

#[inline(always)]
fn place(key: Lanes) -> usize {
    let [low, high] = key.halves();
    ((low ^ high.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}
