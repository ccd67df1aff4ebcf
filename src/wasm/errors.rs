//! The one place where a failure becomes a JavaScript error.

use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::host;
use crate::error::Failure;

/// The error for a failure. `thrown` is a host function's list whose second item, where it has
/// one, is what was thrown there; anything else means that nothing was.
pub fn error(failure: &Failure, thrown: &JsValue) -> JsValue {
    let issues = if failure.issues.is_empty() {
        JsValue::UNDEFINED
    } else {
        plain(&failure.issues)
    };
    host::make_error(
        failure.code.as_str(),
        &failure.message,
        failure.status.unwrap_or_default(),
        failure.retryable,
        failure.retry_at.unwrap_or_default(),
        &issues,
        thrown,
    )
}

/// The error for a failure that nothing thrown led to.
pub fn refused(failure: &Failure) -> JsValue {
    error(failure, &JsValue::UNDEFINED)
}

/// A structured value as plain objects and arrays.
pub fn plain<T: Serialize + ?Sized>(value: &T) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
}

/// A property of an object of ours or of a checked kind; `undefined` where it cannot be read.
pub fn get(object: &JsValue, name: &str) -> JsValue {
    // Asking would throw, which takes longer than all the rest of a call.
    if object.is_undefined() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}
