//! The body of an API error, `{ "status": integer, "message": string }`.

use crate::body::Body;
use crate::escapes::unescape;
use crate::object::{API_ERROR, bit};
use crate::page::Options;
use crate::problem::Field;
use crate::reader::Reader;

/// The message of an API error; `None` if the body is not an object with a `message` that is a string.
/// Surrogates without their other half, which JSON can write and Rust cannot hold, are U+FFFD.
///
/// Errors may come from anything in front of the API, so nothing else is asked of the body.
pub fn read_error(body: &Body) -> Option<String> {
    if body.is_too_long() {
        return None;
    }
    let mut reader = Reader::new(body, Options::default());
    if !reader.document(API_ERROR) || reader.bad & bit(Field::Message) != 0 {
        return None;
    }
    let message = reader.message?;
    // SAFETY: a string of the body.
    Some(text(unsafe { message.start.up_to(message.end) }))
}

/// The text that the content of a JSON string means.
pub(crate) fn text(content: &[u8]) -> String {
    let (mut text, len) = unescape(content);
    text.truncate(len);
    // SAFETY: a string's content was seen to be UTF-8, and what escapes mean is added as UTF-8.
    unsafe { String::from_utf8_unchecked(text) }
}
