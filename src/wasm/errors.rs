//! The one place where a failure becomes a JavaScript error.

use wasm_bindgen::prelude::*;

use crate::error::{Failure, ValidationIssue};
use crate::text::text;

#[wasm_bindgen(module = "/pkg/js/call.js")]
extern "C" {
    /// A `ComfyControlError`. A `status` or `retry_at` of 0 is none.
    #[wasm_bindgen(js_name = makeError)]
    fn make_error(
        code: &str,
        message: &str,
        status: u16,
        retryable: bool,
        retry_at: f64,
        issues: &JsValue,
    ) -> JsValue;
}

/// The error for a failure.
pub fn refused(failure: Failure) -> JsValue {
    make_error(
        failure.code.as_str(),
        &failure.message,
        failure.status.unwrap_or_default(),
        failure.retryable,
        failure.retry_at.unwrap_or_default(),
        &issues(failure.issues),
    )
}

/// The facts of each issue, one after the other.
pub fn issues(issues: Vec<ValidationIssue>) -> JsValue {
    let mut facts = Vec::new();
    for issue in issues {
        facts.push(issue.path);
        facts.push(text![issue.expected]);
        facts.push(issue.found);
        facts.push(text![issue.offset as u64]);
    }
    serde_wasm_bindgen::to_value(&facts).unwrap_or(JsValue::UNDEFINED)
}
