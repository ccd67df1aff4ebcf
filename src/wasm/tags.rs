//! `matchRunners`: the tag rule over plain objects.

use js_sys::Array;
use wasm_bindgen::{JsCast, prelude::*};

use super::errors::{Stop, get};
use super::options::bad;
use crate::error::{concat, decimal};
use crate::runner::accepts;

/// The runners that take a workflow with these tags.
pub fn matching(runners: &JsValue, required: &JsValue) -> Result<Array, Stop> {
    let runners = array("runners", runners)?;
    let required: Vec<JsValue> = array("requiredTags", required)?.iter().collect();
    if let Some(place) = required.iter().position(|tag| !tag.is_string()) {
        return Err(bad(
            &indexed("requiredTags", place),
            "a string",
            &required[place],
        ));
    }
    let found = Array::new();
    for (place, runner) in runners.iter().enumerate() {
        let tags = get(&runner, "tags");
        let Some(tags) = tags.dyn_ref::<Array>() else {
            let name = concat(&[&indexed("runners", place), ".tags"]);
            return Err(bad(&name, "an array", &tags));
        };
        if accepts(tags.length(), &required, |tag| tags.includes(tag, 0)) {
            found.push(&runner);
        }
    }
    Ok(found)
}

fn array<'a>(name: &str, value: &'a JsValue) -> Result<&'a Array, Stop> {
    let array = Array::is_array(value).then(|| value.unchecked_ref());
    array.ok_or_else(|| bad(name, "an array", value))
}

fn indexed(name: &str, place: usize) -> String {
    concat(&[name, "[", &decimal(place as u64), "]"])
}
