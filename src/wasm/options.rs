//! Options, which `pkg/js/options.js` reads.

use super::errors::{Outcome, leave, refuse as fail};
use super::texts::{heard, text};
use crate::error::Failure;
use crate::options;
use crate::request::{self, BaseUrl, DEFAULT_BASE_URL};

/// A value is not what is expected at a place: the option's name, and what was given. Leaves the error.
#[unsafe(no_mangle)]
pub extern "C" fn refuse(place: u32) {
    let (name, given) = (text(), text());
    fail(Failure::option(&name, &options::expected(place), &given));
}

/// An option is none of the known ones: its name, and those, which commas separate. Leaves the error.
#[unsafe(no_mangle)]
pub extern "C" fn unknown() {
    let (name, known) = (text(), text());
    let meant = options::meant(&name, &known);
    fail(Failure::unknown_option(&name, meant, &known));
}

/// Checks a base URL: what it is called, how it is shown, the page's origin, if there is one, and
/// the URL, unless it is the default. Leaves the URL of the list, or the error.
#[unsafe(no_mangle)]
pub extern "C" fn base(has_token: bool) {
    let (name, given, origin, url) = (text(), text(), text(), heard());
    let url = url.as_deref().unwrap_or(DEFAULT_BASE_URL);
    let origin = Some(origin.as_str()).filter(|origin| !origin.is_empty());
    let failure = match BaseUrl::parse(url, origin) {
        Ok(base) if !has_token || base.is_confidential() => {
            return leave(Outcome::Text(base.endpoint()));
        }
        Ok(base) => {
            let expected =
                "https, since a token is never sent over plain http (loopback hosts excepted)";
            Failure::option("baseUrl", expected, base.origin())
        }
        Err(expected) => Failure::option(&name, expected, &given),
    };
    fail(failure);
}

/// Checks a token: what it is called, and the token. Leaves the error if a header cannot carry it.
#[unsafe(no_mangle)]
pub extern "C" fn token() {
    let (name, token) = (text(), text());
    leave(match request::unsendable(&token) {
        Some(place) => Outcome::Failure(Failure::token(&name, place)),
        None => Outcome::Nothing,
    });
}

/// See [`options::check`]. Not a number: refused.
#[unsafe(no_mangle)]
pub extern "C" fn option(place: u32, known: u32, kind: u32, number: f64) -> f64 {
    options::check(place, known, kind, number).unwrap_or(f64::NAN)
}
