//! JSON's frame: where the reader is, white space, items, member names, and how it fails. Strings are in
//! [`crate::strings`], values that nobody asked for in [`crate::skip`].
//!
//! Accepts what `TextDecoder` (fatal) followed by `JSON.parse` accepts. Nothing is bounds-checked: the
//! zeros behind the body (see [`crate::body`]) belong to no token, so every scan stops there at the
//! latest. Nothing recurses, and nothing allocates except where a string has escapes.

use core::marker::PhantomData;

use crate::body::Body;
use crate::lanes::Lanes;
use crate::problem::{Field, Kind, Problem};
use crate::strings::character;
use crate::words::Words;
use crate::{Key, Options};

/// `Some`, or `None` after [`Reader::fail`]. Where the body stops being JSON is kept in the reader.
pub(crate) type Read<T> = Option<T>;

/// What [`Reader::row`] remembers about a field that is wrong: the offset of the value, and the index of
/// the tag or [`NO_TAG`].
pub(crate) type Wrong = [u32; 2];

pub(crate) const NO_TAG: u32 = u32::MAX;

pub(crate) struct Reader<'a> {
    /// The next byte; never behind the first of the zeros after the body.
    pub(crate) at: *const u8,
    pub(crate) start: *const u8,
    pub(crate) end: *const u8,
    failed_at: *const u8,
    pub(crate) options: Options,
    pub(crate) columns: Vec<u32>,
    pub(crate) rows: u32,
    pub(crate) words: Words,
    pub(crate) keys: Vec<Key>,
    pub(crate) wrong: [Wrong; 7],
    pub(crate) problems: Vec<Problem>,
    pub(crate) problem_count: u32,
    /// A string without its escapes, followed by zeros.
    pub(crate) plain: Vec<u8>,
    /// The strings that hold more than ASCII, each in its quotes, and their length in UTF-16 units.
    pub(crate) wide: Vec<u8>,
    pub(crate) wide_units: u32,
    /// Whether the body is more than ASCII, in what is kept of it or not.
    pub(crate) is_wide: bool,
    body: PhantomData<&'a Body>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(body: &'a Body, options: Options) -> Self {
        let start = body.start();
        // SAFETY: within the body and its padding.
        let end = unsafe { start.add(body.len()) };
        let text = match body.bytes() {
            // SAFETY: the body has these three bytes.
            [0xef, 0xbb, 0xbf, ..] => unsafe { start.add(3) },
            _ => start,
        };
        let mut reader = Self {
            at: text,
            start,
            end,
            failed_at: start,
            options,
            // A row has 11 columns and takes more bytes than that; a tag is one column for at least three
            // bytes, and so is nesting. The rest is for a row that was only begun.
            columns: Vec::with_capacity(body.len() / 3 + 32),
            rows: 0,
            words: Words::new(),
            keys: Vec::new(),
            wrong: [[0; 2]; 7],
            problems: Vec::new(),
            problem_count: 0,
            plain: Vec::new(),
            wide: Vec::new(),
            wide_units: 0,
            is_wide: text != start,
            body: PhantomData,
        };
        reader.words.remember_known();
        reader
    }

    /// The next byte.
    #[inline(always)]
    pub(crate) fn byte(&self) -> u8 {
        // SAFETY: `at` is within the body or on the first zero behind it.
        unsafe { *self.at }
    }

    /// Steps over a byte that is known to be part of the body.
    #[inline(always)]
    pub(crate) fn step(&mut self) {
        debug_assert!(self.at < self.end);
        // SAFETY: `at` is before the end.
        self.at = unsafe { self.at.add(1) };
    }

    pub(crate) fn offset(&self, at: *const u8) -> u32 {
        (at as usize - self.start as usize) as u32
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at == self.end
    }

    /// Notes that `at` is where the body stops being JSON.
    #[cold]
    pub(crate) fn fail<T>(&mut self, at: *const u8) -> Read<T> {
        self.failed_at = at;
        None
    }

    /// What made the reading fail.
    #[cold]
    pub(crate) fn failure(&self) -> Problem {
        let mut kind = Kind::Malformed;
        let mut at = self.failed_at;
        let len = self.end as usize - self.start as usize;
        let tail = self.end as usize - at as usize;
        // SAFETY: PAD zeros follow the body, which is compared with the first bytes of a byte-order mark.
        let begins_mark = len < 3
            && len > 0
            && unsafe { *self.start == 0xef && (len == 1 || *self.start.add(1) == 0xbb) };
        if tail == 0 || begins_mark {
            kind = Kind::Truncated;
        } else {
            // Like `TextDecoder`, which runs first, complain about bytes that are no text anywhere.
            let mut here = at;
            while here < self.end {
                // SAFETY: `here` is before the end, and a character ends at the end at the latest.
                match unsafe { character(here) } {
                    Ok(len) => here = here.wrapping_add(len),
                    Err(wrong) => {
                        if here.wrapping_add(wrong) < self.end {
                            kind = Kind::InvalidUtf8;
                            at = here;
                        }
                        break;
                    }
                }
            }
        }
        Problem::syntax(kind, self.offset(at))
    }

    #[inline(always)]
    pub(crate) fn skip_space(&mut self) {
        // SAFETY: `at` is within the body or on the first zero behind it.
        self.at = unsafe { after_space(self.at) };
    }

    /// The field that the next member's name means, which may hold escapes, and steps over the colon.
    #[inline(never)]
    pub(crate) fn member(&mut self, guess: Option<Field>) -> Read<Option<Field>> {
        let name = self.string()?;
        let (start, len) = self.unescaped(name);
        self.skip_space();
        if self.byte() != b':' {
            return self.fail(self.at);
        }
        self.step();
        self.skip_space();
        if len > 15 {
            return Some(None);
        }
        // SAFETY: at least PAD bytes follow a name's start.
        let name = unsafe { Lanes::load(start) }.first(len);
        if guess.is_some_and(|guess| name.equals(NAMES[guess as usize])) {
            return Some(guess);
        }
        Some(
            Field::ALL
                .into_iter()
                .find(|&field| name.equals(NAMES[field as usize])),
        )
    }

    /// Steps to the next item of an array or object that ends in `close`: past the comma, or past `close`,
    /// and says which. Before the first item, `first`, there is no comma.
    #[inline(never)]
    pub(crate) fn next(&mut self, first: &mut bool, close: u8) -> Read<bool> {
        self.skip_space();
        if self.byte() == close {
            self.step();
            return Some(false);
        }
        if !core::mem::replace(first, false) {
            if self.byte() != b',' {
                return self.fail(self.at);
            }
            self.step();
            self.skip_space();
            // The item will find that it is none.
        }
        Some(true)
    }

    /// The bytes from `from` up to the next byte.
    pub(crate) fn bytes_from(&self, from: *const u8) -> &'a [u8] {
        debug_assert!(self.start <= from && from <= self.at);
        // SAFETY: both are within the body, which outlives the reader.
        unsafe { core::slice::from_raw_parts(from, self.at as usize - from as usize) }
    }

    /// Notes a problem, or only counts it if there are enough.
    #[cold]
    pub(crate) fn note(&mut self, problem: Problem) {
        self.problem_count += 1;
        let enough = if self.options.collect_invalid {
            crate::MAX_PROBLEMS
        } else {
            1
        };
        if self.problems.len() < enough {
            self.problems.push(problem);
        }
    }
}

/// The first place from `at` on that is no white space.
///
/// # Safety
/// `at` must be within the body or on the first zero behind it.
#[inline(always)]
pub(crate) unsafe fn after_space(at: *const u8) -> *const u8 {
    // SAFETY: passed on to the caller; a blank is part of the body, and PAD bytes follow.
    unsafe {
        if *at > b' ' {
            return at;
        }
        // A single blank behind a colon, very often.
        if *at == b' ' && *at.add(1) > b' ' {
            at.add(1)
        } else {
            after_spaces(at)
        }
    }
}

/// # Safety
/// As for [`after_space`].
#[inline(never)]
unsafe fn after_spaces(mut at: *const u8) -> *const u8 {
    loop {
        // SAFETY: `at` is not behind the end, PAD bytes follow, and only white space is stepped over.
        unsafe {
            let others = !Lanes::load(at).spaces() & 0xffff;
            if others != 0 {
                return at.add(others.trailing_zeros() as usize);
            }
            at = at.add(16);
        }
    }
}

/// The fields' names, padded with zeros.
pub(crate) static NAMES: [[u8; 16]; 10] = {
    let mut names = [[0; 16]; 10];
    let mut i = 0;
    while i < 10 {
        let name = Field::ALL[i].name().as_bytes();
        let mut k = 0;
        while k < name.len() {
            names[i][k] = name[k];
            k += 1;
        }
        i += 1;
    }
    names
};
