//! The value in a body that a [`Problem`] is about.

use crate::body::Body;
use crate::problem::{Kind, Problem};

/// The longest text in [`Found`], in characters; a longer one is cut there and ends in `…`.
pub const EXCERPT: usize = 40;

/// The value in a body that a [`Problem`] is about.
///
/// A text has at most [`EXCERPT`] characters. Those that could garble a terminal are written as `\u{…}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing: the member is missing.
    Missing,
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is written in the body.
    Number(String),
    /// The content of a string, as it is written in the body.
    String(String),
    /// An array.
    Array,
    /// An object.
    Object,
    /// The end of the body.
    End,
    /// Something that is not JSON.
    Other(String),
}

impl Problem {
    /// The value in `body` that the problem is about. It must be the body that was read.
    #[must_use]
    pub fn found(&self, body: &Body) -> Found {
        let bytes = body.bytes().get(self.offset as usize..).unwrap_or_default();
        let Some(first) = bytes.first() else {
            return Found::End;
        };
        if self.missing {
            return Found::Missing;
        }
        if self.kind != Kind::Schema {
            return Found::Other(excerpt(bytes));
        }
        match first {
            b'n' => Found::Null,
            b't' => Found::Bool(true),
            b'f' => Found::Bool(false),
            b'[' => Found::Array,
            b'{' => Found::Object,
            b'"' => Found::String(excerpt(string_content(bytes))),
            _ => Found::Number(excerpt(number(bytes))),
        }
    }
}

/// The text between the quotes of the string at the start of `bytes`.
fn string_content(bytes: &[u8]) -> &[u8] {
    let mut is_escaped = true;
    let end = bytes.iter().position(|&byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    bytes.get(1..end.unwrap_or(bytes.len())).unwrap_or_default()
}

/// The number at the start of `bytes`.
fn number(bytes: &[u8]) -> &[u8] {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    let end = bytes.iter().position(|byte| !is_part(byte));
    bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default()
}

/// The start of a text.
fn excerpt(mut bytes: &[u8]) -> String {
    let mut text = String::new();
    for _ in 0..EXCERPT {
        let Some((char, rest)) = first_char(bytes) else {
            return text;
        };
        if is_harmful(char) {
            text.extend(char.escape_unicode());
        } else {
            text.push(char);
        }
        bytes = rest;
    }
    if !bytes.is_empty() {
        text.push('…');
    }
    text
}

/// The first character of a text and what follows it. A byte that is not UTF-8 is U+FFFD.
fn first_char(bytes: &[u8]) -> Option<(char, &[u8])> {
    let (first, after) = bytes.split_first()?;
    let len = match first {
        ..0xc0 => 1,
        ..0xe0 => 2,
        ..0xf0 => 3,
        _ => 4,
    };
    if let Some((char, rest)) = bytes.split_at_checked(len)
        && let Ok(char) = str::from_utf8(char)
    {
        return Some((char.chars().next()?, rest));
    }
    Some((char::REPLACEMENT_CHARACTER, after))
}

/// Whether it is a control or format character, such as those that change the direction of text.
fn is_harmful(char: char) -> bool {
    matches!(
        char,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
