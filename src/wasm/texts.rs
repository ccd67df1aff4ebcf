//! Texts that JavaScript says before it asks: as bytes in a place of ours, since wasm-bindgen writes the same
//! lines for each text of each function.

use std::cell::UnsafeCell;
use std::mem::take;

use super::single::Single;

static HEARD: Single<UnsafeCell<String>> = Single::new(String::new());

/// Room for texts of so many bytes, all of which are to be written before anything else is asked.
#[unsafe(no_mangle)]
pub extern "C" fn hear(length: u32) -> *const u8 {
    let mut bytes = Vec::with_capacity(length as usize);
    // SAFETY: JavaScript writes all of them, and what its `TextEncoder` gives is UTF-8.
    let text = unsafe {
        bytes.set_len(length as usize);
        String::from_utf8_unchecked(bytes)
    };
    HEARD.with(|heard| {
        *heard = text;
        heard.as_ptr()
    })
}

/// What was said last.
pub fn heard() -> String {
    HEARD.with(take)
}

/// Texts with a zero between any two, which none of them has; see `say` of `pkg/js/rows.js`.
pub struct Texts<'a>(Option<&'a str>);

impl<'a> Texts<'a> {
    pub fn new(joined: &'a str) -> Self {
        Self(Some(joined))
    }

    /// The next one; an empty one where there are no more.
    pub fn next(&mut self) -> &'a str {
        self.last().unwrap_or_default()
    }

    /// The next one, if there is one.
    pub fn last(&mut self) -> Option<&'a str> {
        let rest = self.0?;
        let end = rest.bytes().position(|byte| byte == 0);
        self.0 = end.map(|end| &rest[end + 1..]);
        Some(&rest[..end.unwrap_or(rest.len())])
    }
}
