//! `matchRunners`: the tag rule over plain objects.

use js_sys::Array;
use wasm_bindgen::{JsCast, prelude::*};

use super::errors::get;
use super::options::bad;
use crate::error::{concat, decimal};
use crate::runner::accepts;

/// The runners that take a workflow with these tags.
pub fn matching(runners: &JsValue, required: &JsValue) -> Result<JsValue, JsValue> {
    let runners = array("runners", runners)?;
    let required = array("requiredTags", required)?;
    let mut wanted = Vec::new();
    for place in 0..required.length() {
        let tag = required.get(place);
        if !tag.is_string() {
            return Err(bad(&indexed("requiredTags", place), "a string", &tag));
        }
        wanted.push(tag);
    }
    let found = Array::new();
    for place in 0..runners.length() {
        let runner = runners.get(place);
        let tags = get(&runner, "tags");
        if !Array::is_array(&tags) {
            let name = concat(&[&indexed("runners", place), ".tags"]);
            return Err(bad(&name, "an array", &tags));
        }
        let tags: &Array = tags.unchecked_ref();
        if accepts(tags.length(), &wanted, |tag| tags.includes(tag, 0)) {
            found.push(&runner);
        }
    }
    Ok(found.into())
}

fn array<'a>(name: &str, value: &'a JsValue) -> Result<&'a Array, JsValue> {
    if Array::is_array(value) {
        Ok(value.unchecked_ref())
    } else {
        Err(bad(name, "an array", value))
    }
}

fn indexed(name: &str, place: u32) -> String {
    concat(&[name, "[", &decimal(place.into()), "]"])
}
