//! Strings: where they end, whether they are UTF-8, and where JavaScript finds them.

use crate::at::At;
use crate::compact::ROOM;
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
        self.span = Span {
            start,
            end: at,
            has_escapes,
            surplus,
        };
        Some(unsafe { at.add(1) })
    }

    /// Keeps the string that was read last, and gives its start and end in the form of
    /// [`crate::Page::columns`].
    #[inline(never)]
    pub(crate) fn place(&mut self) -> (u32, u32) {
        let span = self.span;
        // With its quotes, since what has escapes is parsed again.
        // SAFETY: they are part of the body as well.
        let quoted = unsafe { span.start.back().up_to(span.end.add(1)) };
        let is_wide = span.surplus != 0;
        let text = if is_wide {
            &mut self.wide
        } else {
            &mut self.text
        };
        let from = if is_wide {
            self.wide_units
        } else {
            text.len() as u32
        } + 1;
        text.reserve(quoted.len() + ROOM);
        text.extend_from_slice(quoted);
        let to = from + span.len() as u32 - span.surplus;
        if is_wide {
            self.wide_units = to + 1;
        }
        (
            if is_wide { !from } else { from },
            if span.has_escapes { !to } else { to },
        )
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

#[cfg(test)]
mod tests {
    use crate::reader::Reader;
    use crate::{Body, Options};

    #[test]
    fn a_long_string_takes_little_more_room_than_it_is_long() {
        for char in ["x", "é"] {
            let text = format!("\"{}\"", char.repeat(10_000));
            let body = Body::from(text.as_bytes());
            let mut reader = Reader::new(&body, Options::default());
            assert!(reader.string(body.start()).is_some());
            reader.place();
            let room = reader.text.capacity() + reader.wide.capacity();
            assert!(room < 2 * text.len(), "{room}");
        }
    }
}
