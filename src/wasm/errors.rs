//! The one place where a failure becomes a JavaScript error.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Failure;

#[wasm_bindgen(module = "/pkg/js/errors.js")]
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
pub fn refused(failure: &Failure) -> JsValue {
    make_error(
        failure.code.as_str(),
        &failure.message,
        failure.status.unwrap_or_default(),
        failure.retryable,
        failure.retry_at.unwrap_or_default(),
        &plain(&failure.issues),
    )
}

/// Facts as a list.
pub fn plain<T: Serialize + ?Sized>(value: &T) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
}
