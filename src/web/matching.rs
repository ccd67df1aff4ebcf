//! `matchRunners`: reads the caller's arrays. They may be proxies, and their members may throw.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use super::error::{caused, unexpected};
use super::host::is_array;
use crate::error::Failure;
use crate::runner::takes_workflow;
use crate::text::{concat, number};

/// The runners that can take a workflow which requires these tags.
pub fn matching(runners: &JsValue, required_tags: &JsValue) -> Result<Array, JsValue> {
    let required = strings(required_tags, "requiredTags")?;
    let matching = Array::new();
    for index in 0..length(runners, "runners")? {
        let runner = member(runners, "runners", &index.into())?;
        let name = concat(&["runners[", &number(index), "].tags"]);
        let tags = member(&runner, &name, &"tags".into())?;
        if takes_workflow(&strings(&tags, &name)?, &required) {
            matching.push(&runner);
        }
    }
    Ok(matching)
}

/// The strings of an array, as they are: a `String` could not hold lone surrogates.
fn strings(array: &JsValue, name: &str) -> Result<Vec<JsValue>, JsValue> {
    let mut strings = Vec::new();
    for index in 0..length(array, name)? {
        let value = member(array, name, &index.into())?;
        if !value.is_string() {
            let name = concat(&[name, "[", &number(index), "]"]);
            return Err(unexpected(&name, "a string", &value));
        }
        strings.push(value);
    }
    Ok(strings)
}

/// The length of an array. A proxy can return anything.
fn length(array: &JsValue, name: &str) -> Result<u32, JsValue> {
    if is_array(array) != Ok(true) {
        return Err(unexpected(name, "an array", array));
    }
    let length = member(array, name, &"length".into())?;
    Ok(length.as_f64().unwrap_or_default() as u32)
}

/// A member of one of the caller's values. Reading it can run the caller's code, and throw.
fn member(value: &JsValue, name: &str, key: &JsValue) -> Result<JsValue, JsValue> {
    if !value.is_object() {
        return Ok(JsValue::UNDEFINED);
    }
    Reflect::get(value, key).map_err(|thrown| {
        let failure = Failure::option(name, "a value", "one that throws when it is read");
        caused(&failure, &thrown)
    })
}
