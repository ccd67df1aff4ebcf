//! Turns the future of a call into a JavaScript promise.

use std::pin::Pin;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// The future of a call. It is boxed, because each type of future would add its own copy of the executor
/// to the package.
pub type BoxedCall = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// Runs a call, or rejects if its options are wrong.
pub fn promise(call: Result<BoxedCall, JsValue>) -> Promise {
    future_to_promise(async { call?.await })
}
