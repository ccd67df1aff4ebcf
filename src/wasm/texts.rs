//! Texts that JavaScript says before it asks: as bytes in a place of ours, since wasm-bindgen writes the same
//! lines for each text of each function.

use std::cell::UnsafeCell;

use super::single::Single;

/// The last is the first that will be asked for.
static HEARD: Single<UnsafeCell<Vec<String>>> = Single::new(Vec::new());

/// Room for a text of so many bytes, all of which are to be written before anything else is asked.
/// `say` of `pkg/js/rows.js` begins with the last text, at place 0: what was said before it, and never asked
/// for, is forgotten.
#[unsafe(no_mangle)]
pub extern "C" fn hear(length: u32, place: u32) -> *const u8 {
    // SAFETY: zeros are UTF-8, and so is what JavaScript's `TextEncoder` gives, which takes their place.
    let text = unsafe { String::from_utf8_unchecked(vec![0; length as usize]) };
    let bytes = text.as_ptr();
    HEARD.with(|heard| {
        heard.truncate(place as usize);
        heard.push(text);
    });
    bytes
}

/// The next text that was said, if there is one more. Who asks, asks for all of them.
#[inline(never)]
pub fn heard() -> Option<String> {
    HEARD.with(Vec::pop)
}

/// The next text that was said.
#[inline(never)]
pub fn text() -> String {
    heard().unwrap_or_default()
}
