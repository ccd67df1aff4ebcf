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

/// [`KNOWN_WORDS`], padded with zeros.
static KNOWN: [[u8; 16]; KNOWN_WORDS.len()] = {
    let mut known = [[0; 16]; KNOWN_WORDS.len()];
    let mut i = 0;
    while i < known.len() {
        let word = KNOWN_WORDS[i].as_bytes();
        let mut k = 0;
        while k < word.len() {
            known[i][k] = word[k];
            k += 1;
        }
        i += 1;
    }
    known
};

pub(crate) struct Words {
    /// Bytes of a word, padded with zeros, and its number. Nothing has the key and the number of the
    /// empty string.
    keys: [[u64; 2]; PLACES],
    numbers: [u32; PLACES],
    /// Start and end of each word after the known ones, in the form of [`crate::Page::columns`].
    pub(crate) spans: Vec<u32>,
}

impl Words {
    pub(crate) fn new() -> Self {
        Self {
            keys: [[0; 2]; PLACES],
            numbers: [0; PLACES],
            spans: Vec::new(),
        }
    }

    /// Apart from [`new`](Self::new), which would be built elsewhere and copied.
    #[inline(never)]
    pub(crate) fn remember_known(&mut self) {
        // Kept as a loop: unrolled, it is longer than most functions here.
        for (number, word) in core::hint::black_box(&KNOWN[..]).iter().enumerate() {
            self.remember(Lanes::new(*word), number as u32);
        }
    }

    /// The number of a word of up to 16 bytes, if it is remembered.
    #[inline(always)]
    pub(crate) fn find(&self, word: Lanes) -> Option<u32> {
        let key = word.halves();
        let place = place(key);
        if self.keys[place] == key {
            Some(self.numbers[place])
        } else {
            None
        }
    }

    /// Numbers the word that spans `from..to`, and remembers it if it has at most 16 bytes.
    pub(crate) fn add(&mut self, word: Option<Lanes>, from: u32, to: u32) -> u32 {
        let number = (KNOWN_WORDS.len() + self.spans.len() / 2) as u32;
        self.spans.extend([from, to]);
        if let Some(word) = word {
            self.remember(word, number);
        }
        number
    }

    fn remember(&mut self, word: Lanes, number: u32) {
        let key = word.halves();
        let place = place(key);
        self.keys[place] = key;
        self.numbers[place] = number;
    }
}

#[inline(always)]
fn place([low, high]: [u64; 2]) -> usize {
    ((low ^ high.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize
}
