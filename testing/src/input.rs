//! JSON text to Rust values.

use js_sys::TypeError;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Parses an argument. `name` is its name in error messages.
pub fn parse<T: DeserializeOwned>(name: &str, json: &str) -> Result<T, TypeError> {
    let value = serde_json::from_str(json).map_err(|error| wrong(name, &error.to_string()))?;
    parse_value(name, value)
}

/// Parses an argument, or a part of one, that was read before.
pub fn parse_value<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, TypeError> {
    // serde would take it for the members of an object, in their order.
    if value.is_array() {
        return Err(wrong(name, "an array is not allowed here"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let message = in_plain_words(&error.inner().to_string());
        match error.path().to_string().as_str() {
            "." => wrong(name, &message),
            path => wrong(name, &format!("{path}: {message}")),
        }
    })
}

/// An error message of serde, without the names of Rust's types.
fn in_plain_words(message: &str) -> String {
    let integers = [
        ("u16", "65535"),
        ("u32", "4294967295"),
        ("usize", "4294967295"),
        ("u64", "9007199254740991"),
    ];
    let mut words = message.to_owned();
    for (name, most) in integers {
        let range = format!("expected a whole number from 0 to {most}");
        words = words.replace(&format!("expected {name}"), &range);
    }
    words
}

/// The error for wrong use.
pub fn wrong(name: &str, message: &str) -> TypeError {
    TypeError::new(&format!("{name}: {message}"))
}
