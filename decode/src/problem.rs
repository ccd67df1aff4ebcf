//! What is wrong with a body: where, what was expected there, and what was found.
//!
//! Nothing here is a sentence; the caller words it.

use crate::body::Body;

/// What kind of wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The body ends before its JSON does; an empty body is this too. Reading it again may help.
    Truncated,
    /// The body is not JSON.
    Malformed,
    /// The body is not UTF-8.
    InvalidUtf8,
    /// The body is JSON, but not what `api/contract.md` says.
    Schema,
    /// The body is longer than [`MAX_LEN`](crate::MAX_LEN).
    TooLong,
}

/// A member that the contract names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `id`
    Id,
    /// `name`
    Name,
    /// `runner_type`
    RunnerType,
    /// `status`
    Status,
    /// `tags`
    Tags,
    /// `created_at`
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
    /// `runners`
    Runners,
    /// `total`
    Total,
    /// `message`
    Message,
}

impl Field {
    pub(crate) const ALL: [Self; 10] = [
        Self::Id,
        Self::Name,
        Self::RunnerType,
        Self::Status,
        Self::Tags,
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::Runners,
        Self::Total,
        Self::Message,
    ];

    /// The member's name in JSON.
    pub const fn name(self) -> &'static str {
        [
            "id",
            "name",
            "runner_type",
            "status",
            "tags",
            "created_at",
            "updated_at",
            "runners",
            "total",
            "message",
        ][self as usize]
    }
}

/// What a place should have held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Well-formed JSON.
    Json,
    /// An object.
    Object,
    /// An array.
    Array,
    /// A string.
    String,
    /// A string that is a UUID.
    Uuid,
    /// A string that is a date-time of RFC 3339.
    DateTime,
    /// An integer from 0 to 2^53 − 1.
    Integer,
}

/// What a place holds. Texts are cut to [`EXCERPT`] characters, and characters that could garble a
/// terminal are written as `\u{…}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The member is not there.
    Missing,
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is spelled.
    Number(String),
    /// A string's content, as it is spelled in JSON.
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

/// Characters of an excerpt; a longer one ends in `…`.
pub const EXCERPT: usize = 40;

/// One thing that is wrong with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// What kind of wrong.
    pub kind: Kind,
    /// The index in `runners`, counted with the runners that are left out.
    pub runner: Option<u32>,
    /// The member, of the runner if there is one, else of the body; `None` for the object itself.
    pub field: Option<Field>,
    /// The index in `tags`.
    pub tag: Option<u32>,
    /// What should have been there.
    pub expected: Expected,
    /// Where, in bytes from the body's start: at the offending value, or at the object that lacks it.
    pub offset: u32,
    /// Whether the member is not there.
    pub missing: bool,
}

impl Problem {
    pub(crate) fn syntax(kind: Kind, offset: u32) -> Self {
        let expected = Expected::Json;
        Self {
            kind,
            runner: None,
            field: None,
            tag: None,
            expected,
            offset,
            missing: false,
        }
    }

    /// The place, like `runners[17].tags[2]`; empty for the whole body.
    pub fn path(&self) -> String {
        let mut path = String::new();
        if let Some(runner) = self.runner {
            path.push_str("runners");
            push_index(&mut path, runner);
        }
        if let Some(field) = self.field {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(field.name());
        }
        if let Some(tag) = self.tag {
            push_index(&mut path, tag);
        }
        path
    }

    /// What `body`, which must be the one that was read, holds at the place.
    pub fn found(&self, body: &Body) -> Found {
        let rest = body.bytes().get(self.offset as usize..).unwrap_or(&[]);
        let Some((&first, tail)) = rest.split_first() else {
            return Found::End;
        };
        if self.missing {
            return Found::Missing;
        }
        if self.kind != Kind::Schema {
            return Found::Other(excerpt(rest, Until::End));
        }
        match first {
            b'n' => Found::Null,
            b't' | b'f' => Found::Bool(first == b't'),
            b'[' => Found::Array,
            b'{' => Found::Object,
            b'"' => Found::String(excerpt(tail, Until::Quote)),
            _ => Found::Number(excerpt(rest, Until::NoNumber)),
        }
    }
}

fn push_index(path: &mut String, index: u32) {
    path.push('[');
    push_digits(path, index, 10);
    path.push(']');
}

#[inline(never)]
fn push_digits(text: &mut String, number: u32, base: u32) {
    if number >= base {
        push_digits(text, number / base, base);
    }
    text.push(char::from(b"0123456789abcdef"[(number % base) as usize]));
}

/// What an excerpt ends at.
#[derive(Clone, Copy, PartialEq)]
enum Until {
    End,
    Quote,
    NoNumber,
}

/// The text up to its end, cut and made harmless.
#[inline(never)]
fn excerpt(mut rest: &[u8], until: Until) -> String {
    let mut text = String::new();
    let mut escaped = false;
    let mut left = EXCERPT;
    while let Some(&first) = rest.first() {
        let ends = match until {
            Until::End => false,
            Until::Quote => first == b'"' && !escaped,
            Until::NoNumber => !matches!(first, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'),
        };
        if ends {
            break;
        }
        if left == 0 {
            text.push('…');
            break;
        }
        left -= 1;
        escaped = first == b'\\' && !escaped;
        let (char, len) = char_at(rest);
        rest = rest.get(len..).unwrap_or(&[]);
        push_harmless(&mut text, char);
    }
    text
}

/// The first character and its length in bytes; U+FFFD for a byte that begins none.
fn char_at(bytes: &[u8]) -> (char, usize) {
    let first = bytes[0];
    let len = match first {
        0..0x80 => return (char::from(first), 1),
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    let mut code = u32::from(first) & (0x7f >> len);
    for i in 1..len {
        match bytes.get(i) {
            Some(&byte) if byte & 0xc0 == 0x80 => code = code << 6 | u32::from(byte & 0x3f),
            _ => return (char::REPLACEMENT_CHARACTER, 1),
        }
    }
    match char::from_u32(code) {
        Some(char) if first >= 0xc0 => (char, len),
        _ => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// Control and format characters (among them those that turn the writing direction) as `\u{…}`.
#[inline(never)]
fn push_harmless(text: &mut String, char: char) {
    let code = u32::from(char);
    if matches!(code, 0..0x20 | 0x7f..0xa0 | 0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e
        | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe0fff)
    {
        text.push_str("\\u{");
        push_digits(text, code, 16);
        text.push('}');
    } else {
        text.push(char);
    }
}
