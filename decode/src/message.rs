//! The body of an API error, `{ "status": integer, "message": string }`.

use crate::body::{Body, MAX_LEN};
use crate::native;
use crate::page::Options;
use crate::problem::Field;
use crate::reader::{Read, Reader, Span};
use crate::total::safe_integer;

/// What an API error says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// `status`, if it is there and is an integer.
    pub status: Option<u64>,
    /// `message`. Surrogates without their other half, which JSON can write and Rust cannot hold, are U+FFFD.
    pub message: String,
}

/// Reads an API error; `None` if the body is not an object with a `message` that is a string.
///
/// Errors may come from anything in front of the API, so nothing else is asked of the body.
pub fn read_error(body: &Body) -> Option<ApiError> {
    if body.len() > MAX_LEN {
        return None;
    }
    let mut reader = Reader::new(body, Options::default());
    let (status, message) = reader.document(Reader::api_error)?;
    // SAFETY: both ends are of the body's, and a string's content was seen to be UTF-8.
    let message = message.map(|span| unsafe {
        core::str::from_utf8_unchecked(core::slice::from_raw_parts(span.start, span.len()))
    })?;
    Some(ApiError {
        status,
        message: native::unescape(message),
    })
}

impl Reader<'_> {
    fn api_error(&mut self) -> Read<(Option<u64>, Option<Span>)> {
        let mut status = None;
        let mut message = None;
        if self.byte() != b'{' {
            self.skip_value()?;
            return Some((status, message));
        }
        self.step();
        self.skip_space();
        if self.byte() != b'}' {
            loop {
                match self.member(Some(Field::Message))? {
                    Some(Field::Status) => {
                        let from = self.at;
                        let number = self.byte().is_ascii_digit();
                        self.skip_value()?;
                        let text = self.bytes_from(from);
                        status = if number { safe_integer(text) } else { None };
                    }
                    Some(Field::Message) if self.byte() == b'"' => message = Some(self.string()?),
                    field => {
                        if field == Some(Field::Message) {
                            message = None;
                        }
                        self.skip_value()?;
                    }
                }
                self.skip_space();
                if self.byte() != b',' {
                    break;
                }
                self.step();
                self.skip_space();
            }
            if self.byte() != b'}' {
                return self.fail(self.at);
            }
        }
        self.step();
        Some((status, message))
    }
}
