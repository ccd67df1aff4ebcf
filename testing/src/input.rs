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
    serde_path_to_error::deserialize(value).map_err(|error| {
        let message = error.inner().to_string();
        match error.path().to_string().as_str() {
            "." => wrong(name, &message),
            path => wrong(name, &format!("{path}: {message}")),
        }
    })
}

/// The error for wrong use.
pub fn wrong(name: &str, message: &str) -> TypeError {
    TypeError::new(&format!("{name}: {message}"))
}
