//! JSON text to Rust values.

use js_sys::TypeError;
use serde::de::DeserializeOwned;

/// Parses an argument. `name` is what the caller knows it as: `failNext`, `createEmulator: runners[3]`.
pub fn parse<T: DeserializeOwned>(name: &str, json: &str) -> Result<T, TypeError> {
    read(name, &mut serde_json::Deserializer::from_str(json))
}

/// Reads a part of an argument that was parsed before.
pub fn parse_value<T: DeserializeOwned>(
    name: &str,
    value: serde_json::Value,
) -> Result<T, TypeError> {
    read(name, value)
}

fn read<'de, T, D>(name: &str, deserializer: D) -> Result<T, TypeError>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de, Error = serde_json::Error>,
{
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let message = without_position(&error.inner().to_string());
        match error.path().to_string().as_str() {
            "." => wrong(name, &message),
            path => wrong(name, &format!("{path}: {message}")),
        }
    })
}

/// serde_json ends its messages with a position in the text, which the caller never saw.
fn without_position(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message[..end].to_owned()
}

/// The error for wrong use.
pub fn wrong(name: &str, message: &str) -> TypeError {
    TypeError::new(&format!("{name}: {message}"))
}
