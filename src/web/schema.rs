//! Checks values of the caller for `js/loaders/schema.js`, which makes the schemas.

use comfycontrol_decode::{Problem, read_page, read_runner};
use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::error::{describe, object};
use super::rows::{self, ManagedRunnerPage};
use crate::redact::mask_tokens;
use crate::response::MISSING;
use crate::schema::{PageMembers, Reading};

/// Checks a runner, which is written as JSON with the contract's names. Returns the runner as a plain object; or
/// an array of issues, `{ path, expected, found }`. A path is an array of keys: `["runners", 17, "createdAt"]`.
#[wasm_bindgen(js_name = checkRunner, skip_typescript)]
pub fn check_runner(json: &str) -> JsValue {
    let reading = Reading::new(json, read_runner);
    if reading.issues.is_empty() {
        rows::runners(&reading.page).get(0)
    } else {
        issues(&reading).into()
    }
}

/// Checks a page in the same way. `json` has only `runners` and `total`.
#[wasm_bindgen(js_name = checkPage, skip_typescript)]
pub fn check_page(
    json: &str,
    page: &JsValue,
    per_page: &JsValue,
    page_count: &JsValue,
    has_next_page: &JsValue,
) -> JsValue {
    let reading = Reading::new(json, read_page);
    let issues = issues(&reading);
    if !reading.is_object {
        return issues.into();
    }
    let members = PageMembers {
        page: page.as_f64(),
        per_page: per_page.as_f64(),
        page_count: page_count.as_f64(),
        has_next_page: has_next_page.as_bool(),
    };
    match members.check(reading.total) {
        Ok((page, per_page)) if issues.length() == 0 => {
            return ManagedRunnerPage::new(&reading.page, page, per_page).into_js();
        }
        Ok(_) => {}
        Err(wrong) => {
            for (name, value) in [
                ("page", page),
                ("perPage", per_page),
                ("pageCount", page_count),
                ("hasNextPage", has_next_page),
            ] {
                if let Some((_, expected)) = wrong.iter().find(|(wrong, _)| *wrong == name) {
                    let path = Array::new();
                    path.push(&JsValue::from_str(name));
                    issues.push(&issue(&path, expected, &found(value)));
                }
            }
        }
    }
    issues.into()
}

fn issues(reading: &Reading) -> Array {
    let issues = reading.issues.iter();
    issues
        .map(|wrong| issue(&keys(&wrong.problem), wrong.expected, &wrong.found))
        .collect()
}

/// The keys that lead to the wrong value.
fn keys(problem: &Problem) -> Array {
    let keys = Array::new();
    if let Some(index) = problem.runner {
        keys.push(&JsValue::from_str("runners"));
        keys.push(&JsValue::from_f64(index.into()));
    }
    if let Some(field) = problem.field {
        keys.push(&JsValue::from_str(field.camel_case_name()));
    }
    if let Some(index) = problem.tag {
        keys.push(&JsValue::from_f64(index.into()));
    }
    keys
}

fn issue(path: &Array, expected: &str, found: &str) -> JsValue {
    let [expected, found] = [expected, found].map(JsValue::from_str);
    object(&[("path", path), ("expected", &expected), ("found", &found)])
}

/// Describes the value of a member.
fn found(value: &JsValue) -> String {
    if value.is_undefined() {
        MISSING.to_owned()
    } else {
        mask_tokens(&describe(value, false))
    }
}
