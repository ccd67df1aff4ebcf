//! Short strings that repeat: tags and the values of `runner_type` and `status`.
//!
//! A page has hundreds of them and a handful of different ones. Each different one gets a number, the
//! JS side cuts it out of the text once, and every further use costs a lookup here: one load, one
//! multiplication, one comparison. The table may forget (a newcomer takes the place it hashes to); then
//! a string is merely cut twice.

use crate::lanes::Lanes;

/// Words that every reader knows, by number. The JS side begins its list with the same.
pub const KNOWN_WORDS: [&str; 5] = ["", "plus", "pro", "active", "disabled"];

const PLACES: usize = 64;

pub(crate) struct Words {
    /// Bytes of a word, padded with zeros, and its number. Nothing has the key and the number of the
    /// empty string.
    places: [([u64; 2], u32); PLACES],
    /// Start and end of each word after the known ones, in the form of [`crate::Page::columns`].
    pub(crate) spans: Vec<u32>,
}

impl Words {
    pub(crate) fn new() -> Self {
        let mut words = Self {
            places: [([0; 2], 0); PLACES],
            spans: Vec::new(),
        };
        for (number, word) in KNOWN_WORDS.iter().enumerate() {
            let mut key = [0; 16];
            key[..word.len()].copy_from_slice(word.as_bytes());
            let key = Lanes::new(key).halves();
            words.places[place(key)] = (key, number as u32);
        }
        words
    }

    /// The number of a word of up to 16 bytes, if it is remembered.
    #[inline(always)]
    pub(crate) fn find(&self, word: Lanes) -> Option<u32> {
        let key = word.halves();
        let (known, number) = self.places[place(key)];
        (known == key).then_some(number)
    }

    /// Numbers the word that spans `from..to`, and remembers it if it has at most 16 bytes.
    pub(crate) fn add(&mut self, word: Option<Lanes>, from: u32, to: u32) -> u32 {
        let number = (KNOWN_WORDS.len() + self.spans.len() / 2) as u32;
        self.spans.extend([from, to]);
        if let Some(word) = word {
            let key = word.halves();
            self.places[place(key)] = (key, number);
        }
        number
    }
}

#[inline(always)]
fn place([low, high]: [u64; 2]) -> usize {
    ((low ^ high.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize
}
