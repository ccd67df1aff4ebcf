//! Strings that repeat: tags, and the values of `runner_type` and `status`.
//!
//! A page has hundreds of them, and a handful of different ones. The table numbers the different ones, so that
//! JavaScript makes each of them once. To find a string again costs one load, one multiplication and one
//! comparison. The table may forget a string, when another one takes its slot: then JavaScript merely makes
//! the string twice.

use crate::lanes::Lanes;
use crate::scanner::JsonString;

/// Large enough that the dozen strings of a page seldom share a slot.
const SLOTS: usize = 256;

/// The longest string that the table finds again, in bytes: with its closing quote it has sixteen.
const LONGEST: usize = 15;

/// Start and end of a string, as [`Page::columns`](crate::Page::columns) has them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: i32,
    pub(crate) end: i32,
}

pub(crate) struct StringTable {
    /// The string in each slot, with its closing quote and then zeros.
    keys: [[u8; 16]; SLOTS],
    indexes: [i32; SLOTS],
    spans: Vec<Span>,
}

impl StringTable {
    pub(crate) fn new() -> Self {
        Self {
            keys: [[0; 16]; SLOTS],
            indexes: [0; SLOTS],
            spans: Vec::new(),
        }
    }

    /// The index of the string at the start of `text`, which has `len` bytes before its closing quote. Only
    /// strings without escapes are found.
    #[inline(always)]
    pub(crate) fn find(&self, text: &[u8; 16], len: usize) -> Option<i32> {
        if len > LONGEST {
            return None;
        }
        let key = key(text, len);
        let slot = slot(key);
        if key.equals(&self.keys[slot]) {
            Some(self.indexes[slot])
        } else {
            None
        }
    }

    /// The index of a string, if the table remembers it.
    pub(crate) fn find_string(&self, string: &JsonString) -> Option<i32> {
        if string.has_escapes {
            return None;
        }
        self.find(string.first_bytes(), string.content.len())
    }

    /// Adds a string, and remembers it if it is short and has no escapes.
    pub(crate) fn add(&mut self, string: &JsonString, span: Span) -> i32 {
        let index = self.spans.len() as i32;
        self.spans.push(span);
        let len = string.content.len();
        if len <= LONGEST && !string.has_escapes {
            let key = key(string.first_bytes(), len);
            let slot = slot(key);
            self.keys[slot] = key.to_bytes();
            self.indexes[slot] = index;
        }
        index
    }

    /// Start and end of each string, in the order of their indexes.
    pub(crate) fn spans(&self) -> &[Span] {
        &self.spans
    }
}

/// The string of `len` bytes at the start of `text`, with its closing quote and then zeros.
#[inline(always)]
fn key(text: &[u8; 16], len: usize) -> Lanes {
    Lanes::load(text).first(len + 1)
}

#[inline(always)]
fn slot(key: Lanes) -> usize {
    // A multiplicative hash (Fibonacci hashing); the highest eight bits are the best mixed.
    let [low, high] = key.halves();
    let hash = (low ^ high.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 56) as usize % SLOTS
}
