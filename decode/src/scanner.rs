//! The syntax of JSON (RFC 8259): strings, members, items, and values to step over.
//!
//! It accepts exactly what `TextDecoder` with `fatal: true` followed by `JSON.parse` accepts. Nothing recurses,
//! so a body may nest as deeply as it likes.

use crate::body::Body;
use crate::cursor::Cursor;
use crate::escapes::unescape;
use crate::problem::{Field, Kind, Problem};

/// Steps through a body from its start to its end.
///
/// If a method returns `None`, the body is not JSON, and `at` is the position of the first error.
pub(crate) struct Scanner<'a> {
    body: &'a Body,
    /// The position of the next byte.
    pub(crate) at: Cursor<'a>,
}

/// A string, as it is written in a body.
pub(crate) struct JsonString<'a> {
    /// The text between the quotes.
    pub(crate) content: &'a str,
    pub(crate) is_ascii: bool,
    pub(crate) has_escapes: bool,
    quote: Cursor<'a>,
}

impl<'a> JsonString<'a> {
    /// The first sixteen bytes behind the opening quote, whether they belong to the string or not.
    pub(crate) fn first_bytes(&self) -> &'a [u8; 16] {
        self.quote.bytes_at::<1, 16>()
    }
}

impl<'a> Scanner<'a> {
    /// A scanner at the body's value: behind a byte-order mark and white space.
    pub(crate) fn new(body: &'a Body) -> Self {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        let bytes = body.bytes();
        let start = if bytes.starts_with(MARK) {
            MARK.len()
        } else if MARK.starts_with(bytes) {
            // The body is empty, or ends within the mark.
            bytes.len()
        } else {
            0
        };
        let at = body.cursor(start).after_space();
        Self { body, at }
    }

    /// The number of bytes before the current position.
    pub(crate) fn offset(&self) -> u32 {
        self.body.offset(self.at) as u32
    }

    /// The bytes from an earlier position to the current one.
    pub(crate) fn bytes_since(&self, start: Cursor) -> &'a [u8] {
        self.body.between(start, self.at)
    }

    /// Steps over the rest, which must be white space.
    pub(crate) fn end(&mut self) -> Option<()> {
        self.skip_space();
        (self.at == self.body.end()).then_some(())
    }

    /// Reads a string.
    #[inline(never)]
    pub(crate) fn string(&mut self) -> Option<JsonString<'a>> {
        let quote = self.at;
        self.expect(b'"')?;
        let start = self.at;
        let mut is_ascii = true;
        let mut has_escapes = false;
        loop {
            self.at = self.at.after_ascii_text();
            if self.at.byte() >= 0x80 {
                is_ascii = false;
                self.at = self.at.after_text();
            }
            if self.at.byte() == b'"' {
                break;
            }
            has_escapes = true;
            self.escape()?;
        }
        let content = str::from_utf8(self.bytes_since(start)).ok()?;
        self.expect(b'"')?;
        Some(JsonString {
            content,
            is_ascii,
            has_escapes,
            quote,
        })
    }

    /// Steps into an array or an object. Says whether it has an item.
    #[inline(never)]
    pub(crate) fn first_item(&mut self, close: u8) -> bool {
        let _ = self.eat(b'[') || self.eat(b'{');
        self.skip_space();
        !self.eat(close)
    }

    /// Steps behind an item of an array or an object. Says whether it has another one.
    #[inline(never)]
    pub(crate) fn next_item(&mut self, close: u8) -> Option<bool> {
        self.skip_space();
        if self.eat(b',') {
            self.skip_space();
            return Some(true);
        }
        self.expect(close)?;
        Some(false)
    }

    /// Reads the name of a member, and steps to its value. Gives the field, if the contract names it.
    #[inline(never)]
    pub(crate) fn member(&mut self) -> Option<Option<Field>> {
        let name = self.string()?;
        self.skip_space();
        self.expect(b':')?;
        self.skip_space();
        Some(if name.has_escapes {
            Field::from_name(&unescape(name.content))
        } else {
            Field::from_name(name.content)
        })
    }

    /// Steps over a value of any kind.
    #[inline(never)]
    pub(crate) fn skip_value(&mut self) -> Option<()> {
        // The closing brackets of the arrays and objects around, the innermost last.
        let mut closing = Vec::new();
        loop {
            let mut has_item = false;
            match self.at.byte() {
                b'"' => {
                    self.string()?;
                }
                open @ (b'{' | b'[') => {
                    // In ASCII, the code of a closing bracket is the code of its opening one plus two.
                    let close = open + 2;
                    has_item = self.first_item(close);
                    if has_item {
                        closing.push(close);
                    }
                }
                _ => self.scalar()?,
            }
            // If a value ended, it may be the last item of the array or object around, and so on.
            while !has_item {
                let Some(&close) = closing.last() else {
                    return Some(());
                };
                has_item = self.next_item(close)?;
                if !has_item {
                    closing.pop();
                }
            }
            if closing.last() == Some(&b'}') {
                self.member()?;
            }
        }
    }

    /// Why the body is not JSON, after a method returned `None`.
    #[cold]
    pub(crate) fn syntax_problem(&self) -> Problem {
        // Report bytes that are not UTF-8 first, as `TextDecoder` would before `JSON.parse`. An incomplete
        // character at the end of the body counts as a truncated body instead.
        if let Err(error) = str::from_utf8(self.body.bytes())
            && error.error_len().is_some()
        {
            return Problem::syntax(Kind::InvalidUtf8, error.valid_up_to() as u32);
        }
        let kind = if self.at == self.body.end() {
            Kind::Truncated
        } else {
            Kind::Malformed
        };
        Problem::syntax(kind, self.offset())
    }

    /// Steps over an escape, such as `\n` or `\u00e9`.
    fn escape(&mut self) -> Option<()> {
        self.expect(b'\\')?;
        if self.eat(b'u') {
            for _ in 0..4 {
                self.expect_if(|byte| byte.is_ascii_hexdigit())?;
            }
            return Some(());
        }
        self.expect_if(|byte| {
            matches!(byte, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')
        })
    }

    /// Steps over a number, `true`, `false` or `null`.
    fn scalar(&mut self) -> Option<()> {
        let mut literal: &[u8] = match self.at.byte() {
            b't' => b"true",
            b'f' => b"false",
            b'n' => b"null",
            _ => return self.number(),
        };
        while let [byte, rest @ ..] = literal {
            self.expect(*byte)?;
            literal = rest;
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Some(())
    }

    /// Steps over one digit or more.
    #[inline(never)]
    fn digits(&mut self) -> Option<()> {
        self.expect_if(|byte| byte.is_ascii_digit())?;
        while self.expect_if(|byte| byte.is_ascii_digit()).is_some() {}
        Some(())
    }

    fn skip_space(&mut self) {
        self.at = self.at.after_space();
    }

    /// Steps over this byte, if it is here.
    fn eat(&mut self, byte: u8) -> bool {
        self.expect(byte).is_some()
    }

    /// Steps over this byte, which must be here.
    fn expect(&mut self, byte: u8) -> Option<()> {
        self.expect_if(|here| here == byte)
    }

    /// Steps over the byte here, which must be valid.
    fn expect_if(&mut self, is_valid: impl FnOnce(u8) -> bool) -> Option<()> {
        self.at = self.at.after_if(is_valid)?;
        Some(())
    }
}
