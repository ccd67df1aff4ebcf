//! What is wrong with a body: where, what was expected there, and what was found.
//!
//! Nothing here is a sentence; the caller words it.

use crate::at::At;
use crate::body::Body;
use crate::strings::character;

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
        NAMES[self as usize]
    }
}

static NAMES: [&str; 10] = [
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
];

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
            push(&mut path, "runners");
            push_index(&mut path, runner);
        }
        if let Some(field) = self.field {
            if !path.is_empty() {
                push(&mut path, ".");
            }
            push(&mut path, field.name());
        }
        if let Some(tag) = self.tag {
            push_index(&mut path, tag);
        }
        path
    }

    /// What `body`, which must be the one that was read, holds at the place.
    pub fn found(&self, body: &Body) -> Found {
        let offset = (self.offset as usize).min(body.len());
        // SAFETY (both): within the body.
        let at = unsafe { body.start().add(offset) };
        if at == body.end() {
            return Found::End;
        }
        if self.missing {
            return Found::Missing;
        }
        let text = |from, until| excerpt(unsafe { at.add(from) }, body.end(), until);
        if self.kind != Kind::Schema {
            return Found::Other(text(0, Until::End));
        }
        match at.byte() {
            b'n' => Found::Null,
            byte @ (b't' | b'f') => Found::Bool(byte == b't'),
            b'[' => Found::Array,
            b'{' => Found::Object,
            b'"' => Found::String(text(1, Until::Quote)),
            _ => Found::Number(text(0, Until::NoNumber)),
        }
    }
}

#[inline(never)]
fn push(text: &mut String, more: &str) {
    text.push_str(more);
}

fn push_index(path: &mut String, index: u32) {
    push(path, "[");
    push_digits(path, index, 10);
    push(path, "]");
}

#[inline(never)]
fn push_digits(text: &mut String, number: u32, base: u32) {
    if number >= base {
        push_digits(text, number / base, base);
    }
    let digit = (number % base) as usize;
    push(text, &"0123456789abcdef"[digit..=digit]);
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
fn excerpt(mut at: At, end: At, until: Until) -> String {
    let mut text = String::new();
    let mut escaped = false;
    let mut left = EXCERPT;
    while at != end {
        let first = at.byte();
        let ends = match until {
            Until::End => false,
            Until::Quote => first == b'"' && !escaped,
            Until::NoNumber => !matches!(first, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'),
        };
        if ends {
            break;
        }
        if left == 0 {
            push(&mut text, "…");
            break;
        }
        left -= 1;
        escaped = first == b'\\' && !escaped;
        let len = character(at);
        // SAFETY: past a character, or a byte that is before the end.
        let next = unsafe { at.add(len.unwrap_or(1)) };
        match len {
            Err(_) => push(&mut text, "\u{fffd}"),
            // SAFETY: all of a character, and that is UTF-8.
            Ok(_) => push_harmless(&mut text, unsafe {
                str::from_utf8_unchecked(at.up_to(next))
            }),
        }
        at = next;
    }
    text
}

/// The first and the last of the control and format characters, among them those that turn the direction
/// of writing.
static HARMFUL: [[u32; 2]; 11] = [
    [0, 0x1f],
    [0x7f, 0x9f],
    [0xad, 0xad],
    [0x61c, 0x61c],
    [0x180e, 0x180e],
    [0x200b, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x206f],
    [0xfeff, 0xfeff],
    [0xfff9, 0xfffb],
    [0xe0000, 0xe0fff],
];

/// A character, or `\u{…}` in its place.
#[inline(never)]
fn push_harmless(text: &mut String, char: &str) {
    let mut code = 0;
    for byte in char.bytes() {
        code = match byte {
            ..0x80 => u32::from(byte),
            0x80..0xc0 => code << 6 | u32::from(byte & 0x3f),
            // Two bytes, three or four: as many ones, which are none of the code, and a zero.
            _ => u32::from(byte & (0x7f >> char.len())),
        };
    }
    if HARMFUL
        .iter()
        .any(|[first, last]| (*first..=*last).contains(&code))
    {
        push(text, "\\u{");
        push_digits(text, code, 16);
        push(text, "}");
    } else {
        push(text, char);
    }
}
