//! Options, which `pkg/js/options.js` reads.

use wasm_bindgen::prelude::*;

use super::Core;
use super::errors::refused;
use crate::error::Failure;
use crate::options;
use crate::request::{self, BaseUrl, DEFAULT_BASE_URL};

#[wasm_bindgen]
impl Core {
    /// The error for a value that is not what is expected at a place.
    pub fn refuse(place: u32, name: &str, given: &str) -> JsValue {
        refused(&Failure::option(name, &options::expected(place), given))
    }

    /// The error for an option that is none of the known ones, which commas separate.
    pub fn unknown(name: &str, known: &str) -> JsValue {
        refused(&Failure::unknown_option(
            name,
            options::meant(name, known),
            known,
        ))
    }

    /// Checks a base URL, which is called `name` and shown as `given`; `None` is the default. Gives
    /// the URL of the list, or the error.
    pub fn base(
        text: Option<String>,
        origin: Option<String>,
        name: &str,
        given: &str,
        has_token: bool,
    ) -> JsValue {
        let text = text.as_deref().unwrap_or(DEFAULT_BASE_URL);
        let failure = match BaseUrl::parse(text, origin.as_deref()) {
            Ok(base) if !has_token || base.is_confidential() => return base.endpoint().into(),
            Ok(base) => {
                let expected =
                    "https, since a token is never sent over plain http (loopback hosts excepted)";
                Failure::option("baseUrl", expected, base.origin())
            }
            Err(expected) => Failure::option(name, expected, given),
        };
        refused(&failure)
    }

    /// The error for a token that a header cannot carry.
    pub fn token(token: &str, name: &str) -> JsValue {
        match request::unsendable(token) {
            Some(place) => refused(&Failure::token(name, place)),
            None => JsValue::UNDEFINED,
        }
    }
}

/// See [`options::check`]. Not a number: refused.
#[unsafe(no_mangle)]
pub extern "C" fn option(place: u32, known: u32, kind: u32, number: f64) -> f64 {
    options::check(place, known, kind, number).unwrap_or(f64::NAN)
}
