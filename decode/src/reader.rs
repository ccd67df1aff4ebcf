//! JSON itself: white space, strings, numbers, and values that nobody asked for.
//!
//! Accepts what `TextDecoder` (fatal) followed by `JSON.parse` accepts. Nothing is bounds-checked: the
//! zeros behind the body (see [`crate::body`]) belong to no token, so every scan stops there at the
//! latest. Nothing recurses, and nothing allocates except where a string has escapes.

use core::marker::PhantomData;

use crate::body::{Body, PAD};
use crate::escapes;
use crate::lanes::Lanes;
use crate::problem::{Field, Kind, Problem};
use crate::words::Words;
use crate::{Key, Options};

/// `Some`, or `None` after [`Reader::fail`]. Where the body stops being JSON is kept in the reader.
pub(crate) type Read<T> = Option<T>;

/// A string's content: the bytes between its quotes.
#[derive(Clone, Copy)]
pub(crate) struct Span<'a> {
    pub(crate) start: *const u8,
    pub(crate) end: *const u8,
    pub(crate) has_escapes: bool,
    /// By how many its UTF-16 units are fewer than its bytes; 0 exactly if all of them are ASCII.
    pub(crate) surplus: u32,
    pub(crate) body: PhantomData<&'a Body>,
}

impl<'a> Span<'a> {
    pub(crate) fn len(&self) -> usize {
        self.end as usize - self.start as usize
    }

    /// The bytes between the quotes, which are UTF-8.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        // SAFETY: both ends are in the body, which outlives the reader.
        unsafe { core::slice::from_raw_parts(self.start, self.len()) }
    }
}

/// What [`Reader::row`] remembers about a field that is wrong: the offset of the value, and the index of
/// the tag or [`NO_TAG`].
pub(crate) type Wrong = [u32; 2];

pub(crate) const NO_TAG: u32 = u32::MAX;

pub(crate) struct Reader<'a> {
    /// The next byte; never behind the first of the zeros after the body.
    pub(crate) at: *const u8,
    start: *const u8,
    end: *const u8,
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
    plain: Vec<u8>,
    /// The strings that hold more than ASCII, each in its quotes, and their length in UTF-16 units.
    wide: Vec<u8>,
    wide_units: u32,
    /// Whether the body is more than ASCII, in what is kept of it or not.
    is_wide: bool,
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

    /// Reads the string whose opening quote is next.
    #[inline(never)]
    pub(crate) fn string(&mut self) -> Read<Span<'a>> {
        if self.byte() != b'"' {
            return self.fail(self.at);
        }
        let start = self.at.wrapping_add(1);
        // SAFETY: PAD bytes follow the quote.
        let specials = unsafe { Lanes::load(start) }.specials();
        if specials != 0 {
            // SAFETY: before that lane is nothing but ASCII, and the zeros are special.
            let end = unsafe { start.add(specials.trailing_zeros() as usize) };
            if unsafe { *end } == b'"' {
                self.at = end.wrapping_add(1);
                return Some(Span {
                    start,
                    end,
                    has_escapes: false,
                    surplus: 0,
                    body: PhantomData,
                });
            }
        }
        self.long_string(start)
    }

    /// Reads the string whose content begins at `start`.
    #[inline(never)]
    pub(crate) fn long_string(&mut self, start: *const u8) -> Read<Span<'a>> {
        let mut has_escapes = false;
        let mut surplus = 0;
        let mut at = start;
        loop {
            // SAFETY (all of this loop): `at` is not behind the end: steps go over bytes that were looked
            // at and are not zero. PAD bytes follow.
            let specials = unsafe { Lanes::load(at) }.specials();
            if specials == 0 {
                at = unsafe { at.add(16) };
                continue;
            }
            at = unsafe { at.add(specials.trailing_zeros() as usize) };
            match unsafe { *at } {
                b'"' => break,
                b'\\' => {
                    has_escapes = true;
                    match unsafe { escapes::check(at.add(1)) } {
                        Ok(len) => at = unsafe { at.add(1 + len) },
                        Err(wrong) => return self.fail(at.wrapping_add(1 + wrong)),
                    }
                }
                0x80.. => {
                    while unsafe { *at } >= 0x80 {
                        match unsafe { character(at) } {
                            Ok(len) => {
                                at = unsafe { at.add(len) };
                                // 2 bytes are one unit, 3 bytes one, 4 bytes two.
                                surplus += if len == 2 { 1 } else { 2 };
                            }
                            // Cut off by the end, or wrong from its first byte on.
                            Err(wrong) if at.wrapping_add(wrong) == self.end => {
                                return self.fail(self.end);
                            }
                            Err(_) => return self.fail(at),
                        }
                    }
                }
                _ => return self.fail(at),
            }
        }
        self.is_wide |= surplus != 0;
        self.at = at.wrapping_add(1);
        Some(Span {
            start,
            end: at,
            has_escapes,
            surplus,
            body: PhantomData,
        })
    }

    /// Start and end of a string, in the form of [`crate::Page::columns`].
    #[inline(always)]
    pub(crate) fn place(&mut self, span: Span<'a>) -> (u32, u32) {
        let (from, to) = if span.surplus == 0 {
            (self.offset(span.start), self.offset(span.end))
        } else {
            self.wide_place(span)
        };
        (from, if span.has_escapes { !to } else { to })
    }

    #[inline(never)]
    fn wide_place(&mut self, span: Span<'a>) -> (u32, u32) {
        // SAFETY: a string's content and its quotes are part of the body.
        let quoted = unsafe { core::slice::from_raw_parts(span.start.sub(1), span.len() + 2) };
        self.wide.extend_from_slice(quoted);
        let from = self.wide_units + 1;
        let to = from + span.len() as u32 - span.surplus;
        self.wide_units = to + 1;
        (!from, to)
    }

    /// Appends to the columns what [`crate::Page::columns`] says of bodies that are not all ASCII, and
    /// returns the number of bytes of both parts.
    #[cold]
    pub(crate) fn add_texts(&mut self) -> [u32; 2] {
        if !self.is_wide {
            return [0; 2];
        }
        let len = self.end as usize - self.start as usize;
        let bytes = len + self.wide.len();
        let columns = bytes.div_ceil(4);
        self.columns.reserve(columns + 4);
        let to = self.columns.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        // SAFETY: PAD bytes follow the body; there is room for all bytes and 16 more, which are written in
        // order up to the last column.
        unsafe {
            let mut at = 0;
            while at < len {
                Lanes::load(self.start.add(at)).ascii().store(to.add(at));
                at += 16;
            }
            to.add(len)
                .copy_from_nonoverlapping(self.wide.as_ptr(), self.wide.len());
            to.add(bytes).write_bytes(0, 3);
            self.columns.set_len(self.columns.len() + columns);
        }
        [len as u32, self.wide.len() as u32]
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

    /// A string's bytes without escapes, followed by at least [`PAD`] bytes that can be read.
    #[inline(always)]
    pub(crate) fn unescaped(&mut self, span: Span<'a>) -> (*const u8, usize) {
        if span.has_escapes {
            self.unescape(span)
        } else {
            (span.start, span.len())
        }
    }

    #[cold]
    #[inline(never)]
    fn unescape(&mut self, span: Span<'a>) -> (*const u8, usize) {
        self.plain.clear();
        escapes::unescape(span.bytes(), &mut self.plain);
        // A zero would pass for padding, and no name, UUID or date-time has one.
        for byte in &mut self.plain {
            *byte = (*byte).max(1);
        }
        let len = self.plain.len();
        self.plain.resize(len + PAD, 0);
        (self.plain.as_ptr(), len)
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

    /// Steps over the value that is next, whatever it is, without recursion.
    #[inline(never)]
    pub(crate) fn skip_value(&mut self) -> Read<()> {
        // One bit a level, 1 for an object: the 32 innermost here, the others at the end of the columns.
        let mut levels = 0u32;
        let mut depth = 0u32;
        loop {
            let mut first = false;
            match self.byte() {
                b'"' => {
                    self.long_string(self.at.wrapping_add(1))?;
                }
                open @ (b'{' | b'[') => {
                    if depth & 31 == 0 && depth != 0 {
                        self.columns.push(levels);
                    }
                    levels = levels << 1 | u32::from(open == b'{');
                    depth += 1;
                    self.step();
                    first = true;
                }
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => self.number()?,
            }
            loop {
                if depth == 0 {
                    return Some(());
                }
                let object = levels & 1 == 1;
                if self.next(&mut first, if object { b'}' } else { b']' })? {
                    if object {
                        self.member(None)?;
                    }
                    break;
                }
                levels >>= 1;
                depth -= 1;
                if depth & 31 == 0 && depth != 0 {
                    levels = self.columns.pop().unwrap_or(0);
                }
                first = false;
            }
        }
    }

    #[inline(never)]
    fn literal(&mut self, literal: &[u8]) -> Read<()> {
        for &byte in literal {
            if self.byte() != byte {
                return self.fail(self.at);
            }
            self.step();
        }
        Some(())
    }

    /// Steps over a number.
    #[inline(never)]
    pub(crate) fn number(&mut self) -> Read<()> {
        if self.byte() == b'-' {
            self.step();
        }
        if self.byte() == b'0' {
            self.step();
        } else {
            self.digits()?;
        }
        if self.byte() == b'.' {
            self.step();
            self.digits()?;
        }
        if self.byte() | 0x20 == b'e' {
            self.step();
            if matches!(self.byte(), b'+' | b'-') {
                self.step();
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Read<()> {
        if !self.byte().is_ascii_digit() {
            return self.fail(self.at);
        }
        while self.byte().is_ascii_digit() {
            self.step();
        }
        Some(())
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

/// The length of the character at `at`, or how many of its bytes are right (RFC 3629 §4).
///
/// # Safety
/// `at` must point into a body.
unsafe fn character(at: *const u8) -> Result<usize, usize> {
    // SAFETY: reads a byte only after one that is not zero.
    let byte = |i: usize| unsafe { *at.add(i) };
    let first = byte(0);
    let (len, second) = match first {
        0..0x80 => return Ok(1),
        0xc2..=0xdf => (2, 0x80..=0xbf),
        0xe0 => (3, 0xa0..=0xbf),
        0xed => (3, 0x80..=0x9f),
        0xe1..=0xef => (3, 0x80..=0xbf),
        0xf0 => (4, 0x90..=0xbf),
        0xf1..=0xf3 => (4, 0x80..=0xbf),
        0xf4 => (4, 0x80..=0x8f),
        _ => return Err(0),
    };
    if !second.contains(&byte(1)) {
        return Err(1);
    }
    match (2..len).find(|&i| byte(i) & 0xc0 != 0x80) {
        None => Ok(len),
        Some(i) => Err(i),
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
