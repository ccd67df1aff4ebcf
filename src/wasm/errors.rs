//! The one place where a failure becomes a JavaScript error, and a text of ours one of JavaScript's.
//!
//! What is asked leaves either here, to be fetched with a question of its own: a function of wasm-bindgen's
//! takes more room than all that most questions do. Who is asked after one of them leaves something, be it
//! nothing: what was left before may never have been fetched.

use std::cell::UnsafeCell;
use std::mem::take;

use wasm_bindgen::prelude::*;

use super::single::Single;
use crate::error::{Failure, ValidationIssue};
use crate::text::text;

#[wasm_bindgen(module = "/pkg/js/call.js")]
extern "C" {
    /// A `ComfyControlError`; `code` is the place of an [`ErrorCode`](crate::error::ErrorCode). A `status` or
    /// `retry_at` of 0 is none.
    #[wasm_bindgen(js_name = makeError)]
    fn make_error(
        code: u32,
        message: &str,
        status: u16,
        retryable: bool,
        retry_at: f64,
        issues: &JsValue,
    ) -> JsValue;
}

/// What came of a question, where it is more than a number.
#[derive(Default)]
pub enum Outcome {
    #[default]
    Nothing,
    Text(String),
    Failure(Failure),
    Issues(Vec<ValidationIssue>),
}

static OUTCOME: Single<UnsafeCell<Outcome>> = Single::new(Outcome::Nothing);

/// Leaves what came of a question.
#[inline(never)]
pub fn leave(outcome: Outcome) {
    OUTCOME.with(|left| *left = outcome);
}

/// Leaves a failure.
#[inline(never)]
pub fn refuse(failure: Failure) {
    leave(Outcome::Failure(failure));
}

/// What came of the latest question: an error, a text, a list of issues, or `undefined`.
#[wasm_bindgen(skip_typescript)]
pub fn outcome() -> JsValue {
    match OUTCOME.with(take) {
        Outcome::Nothing => JsValue::UNDEFINED,
        Outcome::Text(text) => text.into(),
        Outcome::Issues(found) => issues(found),
        Outcome::Failure(failure) => make_error(
            failure.code as u32,
            &failure.message,
            failure.status.unwrap_or_default(),
            failure.retryable,
            failure.retry_at.unwrap_or_default(),
            &issues(failure.issues),
        ),
    }
}

/// The facts of each issue, one after the other.
fn issues(mut issues: Vec<ValidationIssue>) -> JsValue {
    let mut facts = Vec::new();
    for issue in &mut issues {
        facts.push(take(&mut issue.path));
        facts.push(text![issue.expected]);
        facts.push(take(&mut issue.found));
        facts.push(text![issue.offset as u64]);
    }
    serde_wasm_bindgen::to_value(&facts).unwrap_or(JsValue::UNDEFINED)
}
