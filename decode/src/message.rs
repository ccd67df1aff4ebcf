//! The body of an API error, `{ "status": integer, "message": string }`.

use crate::body::Body;
use crate::escapes::unescape;
use crate::object::{API_ERROR, bit};
use crate::page::Options;
use crate::problem::Field;
use crate::reader::Reader;

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
    if body.is_too_long() {
        return None;
    }
    let mut reader = Reader::new(body, Options::default());
    if !reader.document(API_ERROR) || reader.bad & bit(Field::Message) != 0 {
        return None;
    }
    let message = reader.message?;
    let is_number = reader.bad & bit(Field::Status) != 0;
    Some(ApiError {
        status: if is_number {
            reader.integer(Field::Status)
        } else {
            None
        },
        // SAFETY: a string of the body.
        message: text(unsafe { message.start.up_to(message.end) }),
    })
}

/// The text that the content of a JSON string means.
pub(crate) fn text(content: &[u8]) -> String {
    let (mut text, len) = unescape(content);
    text.truncate(len);
    // SAFETY: a string's content was seen to be UTF-8, and what escapes mean is added as UTF-8.
    unsafe { String::from_utf8_unchecked(text) }
}
