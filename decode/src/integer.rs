//! `total`: the integer that a JSON number means to JavaScript, if it means one.
//!
//! The rule is `Number.isSafeInteger(value) && value >= 0` for `value = JSON.parse(text)`. So `1e2` and `100.0`
//! are 100, and `9007199254740991.2` is 9007199254740991, because that is the nearest double. Such totals are
//! rare, so this crate does not parse them itself: see [`Options::number`](crate::Options::number).

/// JavaScript's `Number.MAX_SAFE_INTEGER`: 2^53 − 1. The reader refuses a larger `total`.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The value of a number that follows JSON's grammar, or `None` if the nearest double is not an integer from
/// 0 to 2^53 − 1. `-0`, and what rounds to it, is 0.
#[inline(never)]
pub(crate) fn safe_integer(text: &str, number: Option<fn(&str) -> f64>) -> Option<u64> {
    let mut integer = 0;
    for byte in text.bytes() {
        if !byte.is_ascii_digit() || integer > MAX_SAFE_INTEGER {
            return from_double(number.map_or_else(|| parse_natively(text), |parse| parse(text)));
        }
        integer = integer * 10 + u64::from(byte - b'0');
    }
    (integer <= MAX_SAFE_INTEGER).then_some(integer)
}

fn from_double(double: f64) -> Option<u64> {
    let integer = double as u64;
    (double >= 0.0 && integer <= MAX_SAFE_INTEGER && integer as f64 == double).then_some(integer)
}

fn parse_natively(text: &str) -> f64 {
    if cfg!(target_arch = "wasm32") {
        f64::NAN
    } else {
        text.parse().unwrap_or(f64::NAN)
    }
}
