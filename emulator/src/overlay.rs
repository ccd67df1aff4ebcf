//! New values for some fields of a struct.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `base` with the values of `fields`. The error is a message: a field is unknown, or its value has
/// another type.
pub fn overlay<T>(base: &T, fields: Map<String, Value>) -> Result<T, String>
where
    T: Serialize + for<'de> Deserialize<'de>,
{
    let mut value = serde_json::to_value(base).expect("the emulator's own types serialize");
    let object = value.as_object_mut().expect("a struct is a JSON object");
    object.extend(fields);
    serde_json::from_value(value).map_err(|error| error.to_string())
}
