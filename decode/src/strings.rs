//! Strings: where they end, whether they are UTF-8, and where JavaScript finds them.

use crate::at::At;
use crate::escapes;
use crate::reader::{Read, Reader};

/// A string's content: the bytes between its quotes.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) start: At,
    pub(crate) end: At,
    pub(crate) has_escapes: bool,
    /// By how many its UTF-16 units are fewer than its bytes; 0 exactly if all of them are ASCII.
    pub(crate) surplus: u32,
}

impl Span {
    pub(crate) fn len(&self) -> usize {
        self.end.since(self.start)
    }
}

impl Reader<'_> {
    /// Reads a string into `span`.
    #[inline(never)]
    pub(crate) fn string(&mut self, quote: At) -> Read {
        if quote.byte() != b'"' {
            return self.fail(quote);
        }
        // SAFETY (all of this function): steps go over bytes that were looked at and are part of the string.
        let start = unsafe { quote.add(1) };
        let mut has_escapes = false;
        let mut surplus = 0;
        let mut at = start;
        loop {
            let plain = at.lanes(0).plain();
            at = unsafe { at.add(plain) };
            if plain == 16 {
                continue;
            }
            let step = match at.byte() {
                b'"' => break,
                b'\\' => {
                    has_escapes = true;
                    at = unsafe { at.add(1) };
                    escapes::check(at)
                }
                0x80.. => match character(at) {
                    Ok(len) => {
                        // 2 bytes are one unit, 3 bytes one, 4 bytes two.
                        surplus += if len == 2 { 1 } else { 2 };
                        Ok(len)
                    }
                    // Wrong from its first byte on, unless the end cut it off.
                    Err(right) if unsafe { at.add(right) } != self.end => Err(0),
                    cut => cut,
                },
                _ => Err(0),
            };
            match step {
                Ok(len) => at = unsafe { at.add(len) },
                Err(right) => return self.fail(unsafe { at.add(right) }),
            }
        }
        self.is_wide |= surplus != 0;
        self.span = Span {
            start,
            end: at,
            has_escapes,
            surplus,
        };
        Some(unsafe { at.add(1) })
    }

    /// Start and end of the string that was read last, in the form of [`crate::Page::columns`].
    pub(crate) fn place(&mut self) -> (u32, u32) {
        let span = self.span;
        let mut from = self.offset(span.start);
        let mut to = from + span.len() as u32;
        if span.surplus != 0 {
            // SAFETY: a string's content and its quotes are part of the body.
            let quoted = unsafe { self.start.add(from as usize - 1).up_to(span.end.add(1)) };
            self.wide.extend_from_slice(quoted);
            from = self.wide_units + 1;
            to = from + span.len() as u32 - span.surplus;
            self.wide_units = to + 1;
            from = !from;
        }
        (from, if span.has_escapes { !to } else { to })
    }

    /// Appends to the columns what [`crate::Page::columns`] says of bodies that are not all ASCII, and
    /// returns the number of bytes of both parts.
    pub(crate) fn add_texts(&mut self) -> [u32; 2] {
        if !self.is_wide {
            return [0; 2];
        }
        let len = self.end.since(self.start);
        let bytes = len + self.wide.len();
        let columns = bytes.div_ceil(4);
        self.columns.reserve(columns + 4);
        let to = self.columns.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        // SAFETY: PAD bytes follow the body; there is room for all bytes and 16 more, which are written in
        // order up to the last column.
        unsafe {
            for at in (0..len).step_by(16) {
                self.start.add(at).lanes(0).ascii().store(to.add(at));
            }
            to.add(len)
                .copy_from_nonoverlapping(self.wide.as_ptr(), self.wide.len());
            to.add(bytes).write_bytes(0, 3);
            self.columns.set_len(self.columns.len() + columns);
        }
        [len as u32, self.wide.len() as u32]
    }

    /// A string without its escapes, and its length.
    #[inline(never)]
    pub(crate) fn unescaped(&mut self, start: At, len: usize, has_escapes: bool) -> (At, usize) {
        if !has_escapes {
            return (start, len);
        }
        // SAFETY: a string's content is part of the body.
        let (plain, len) = escapes::unescape(unsafe { start.up_to(start.add(len)) });
        self.plain = plain;
        // SAFETY: PAD zeros follow; the next call comes when this text is not needed any more.
        (unsafe { At::new(self.plain.as_ptr()) }, len)
    }
}

/// The length of the character at `at`, or how many of its bytes are right (RFC 3629 §4).
#[inline(never)]
pub(crate) fn character(at: At) -> Result<usize, usize> {
    let (len, second) = match at.byte() {
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
    if !second.contains(&at.ahead(1)) {
        return Err(1);
    }
    match (2..len).find(|&i| at.ahead(i) & 0xc0 != 0x80) {
        None => Ok(len),
        Some(i) => Err(i),
    }
}
