//! Options, which `pkg/js/options.js` reads.

use wasm_bindgen::prelude::*;

use super::errors::refused;
use super::texts::{heard, text};
use crate::error::Failure;
use crate::options;
use crate::request::{self, BaseUrl, DEFAULT_BASE_URL};

/// The error for a value that is not what is expected at a place: the option's name, and what was
/// given.
#[wasm_bindgen(skip_typescript)]
pub fn refuse(place: u32) -> JsValue {
    let (name, given) = (text(), text());
    refused(Failure::option(&name, &options::expected(place), &given))
}

/// The error for an option that is none of the known ones: its name, and those, which commas
/// separate.
#[wasm_bindgen(skip_typescript)]
pub fn unknown() -> JsValue {
    let (name, known) = (text(), text());
    refused(Failure::unknown_option(
        &name,
        options::meant(&name, &known),
        &known,
    ))
}

/// Checks a base URL: what it is called, how it is shown, the page's origin, if there is one, and
/// the URL, unless it is the default. Gives the URL of the list, or the error.
#[wasm_bindgen(skip_typescript)]
pub fn base(has_token: bool) -> JsValue {
    let (name, given, origin) = (text(), text(), text());
    let url = heard();
    let url = url.as_deref().unwrap_or(DEFAULT_BASE_URL);
    let origin = Some(origin.as_str()).filter(|origin| !origin.is_empty());
    let failure = match BaseUrl::parse(url, origin) {
        Ok(base) if !has_token || base.is_confidential() => return base.endpoint().into(),
        Ok(base) => {
            let expected =
                "https, since a token is never sent over plain http (loopback hosts excepted)";
            Failure::option("baseUrl", expected, base.origin())
        }
        Err(expected) => Failure::option(&name, expected, &given),
    };
    refused(failure)
}

/// The error for a token that a header cannot carry: what it is called, and the token.
#[wasm_bindgen(skip_typescript)]
pub fn token() -> JsValue {
    let (name, token) = (text(), text());
    match request::unsendable(&token) {
        Some(place) => refused(Failure::token(&name, place)),
        None => JsValue::UNDEFINED,
    }
}

/// See [`options::check`]. Not a number: refused.
#[unsafe(no_mangle)]
pub extern "C" fn option(place: u32, known: u32, kind: u32, number: f64) -> f64 {
    options::check(place, known, kind, number).unwrap_or(f64::NAN)
}
