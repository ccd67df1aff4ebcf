//! The one place where a failure becomes a JavaScript error.

use js_sys::{Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::host;
use crate::error::{Failure, ValidationIssue};

/// Why a call ends without a result.
pub enum Stop {
    /// With a failure of ours, and what the host threw, if anything.
    Failed(Failure, Option<JsValue>),
    /// By the caller's signal.
    Aborted,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure, None)
    }
}

/// What the promise rejects with. An aborted call gives the signal's reason, as `fetch` does.
pub fn rejection(stop: Stop, signal: &JsValue) -> JsValue {
    match stop {
        Stop::Failed(failure, cause) => error(&failure, cause),
        Stop::Aborted => get(signal, "reason"),
    }
}

fn error(failure: &Failure, cause: Option<JsValue>) -> JsValue {
    let facts = Object::new();
    let set = |name: &str, value: JsValue| {
        // Setting a property of our own plain object cannot fail.
        let _ = Reflect::set(&facts, &name.into(), &value);
    };
    if let Some(status) = failure.status {
        set("status", status.into());
    }
    set("retryable", failure.retryable.into());
    if let Some(at) = failure.retry_at {
        set("retryAt", at.into());
    }
    if let Some(path) = failure.path() {
        set("path", path.into());
        set("issues", plain(&failure.issues));
    }
    if let Some(cause) = cause {
        set("cause", cause);
    }
    host::make_error(failure.code.as_str(), &failure.message, &facts)
}

/// A structured value as plain objects and arrays.
pub fn plain<T: Serialize + ?Sized>(value: &T) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
}

/// One issue as a plain object.
pub fn issue(issue: &ValidationIssue) -> JsValue {
    plain(issue)
}

/// A property of an object of ours or of a checked kind; `undefined` where it cannot be read.
pub fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}
