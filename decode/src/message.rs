//! The body of an API error, `{ "status": integer, "message": string }`.

use crate::body::{Body, MAX_LEN};
use crate::escapes;
use crate::page::Options;
use crate::problem::Field;
use crate::reader::{Read, Reader};
use crate::strings::Span;
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
    Some(ApiError {
        status: status.and_then(safe_integer),
        message: text(message?.bytes()),
    })
}

/// The text that the content of a JSON string means.
pub(crate) fn text(content: &[u8]) -> String {
    let mut text = Vec::with_capacity(content.len());
    escapes::unescape(content, &mut text);
    // SAFETY: a string's content was seen to be UTF-8, and what escapes mean is added as UTF-8.
    unsafe { String::from_utf8_unchecked(text) }
}

impl<'a> Reader<'a> {
    fn api_error(&mut self) -> Read<(Option<&'a [u8]>, Option<Span<'a>>)> {
        let mut status = None;
        let mut message = None;
        if self.byte() != b'{' {
            self.skip_value()?;
            return Some((status, message));
        }
        self.step();
        let mut first = true;
        while self.next(&mut first, b'}')? {
            match self.member(Some(Field::Message))? {
                Some(Field::Status) => status = self.number_text()?,
                Some(Field::Message) if self.byte() == b'"' => message = Some(self.string()?),
                field => {
                    self.skip_value()?;
                    if field == Some(Field::Message) {
                        message = None;
                    }
                }
            }
        }
        Some((status, message))
    }
}
