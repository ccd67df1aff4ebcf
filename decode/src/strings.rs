//! Strings: where they end, whether they are UTF-8, and where JavaScript finds them.
//!
//! Most end within 16 bytes that are plain ASCII, and cost one look. [`Reader::long_string`] knows the rest.

use core::marker::PhantomData;

use crate::body::{Body, PAD};
use crate::escapes;
use crate::lanes::Lanes;
use crate::reader::{Read, Reader};

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

impl<'a> Reader<'a> {
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
}

/// The length of the character at `at`, or how many of its bytes are right (RFC 3629 §4).
///
/// # Safety
/// `at` must point into a body.
pub(crate) unsafe fn character(at: *const u8) -> Result<usize, usize> {
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
