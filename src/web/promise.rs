//! From the future of a call to the promise that JavaScript gets.

use std::pin::Pin;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// What a call will give. In a box, since each kind of future would bring its own copy of the
/// machinery that runs it.
pub type Answer = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// Runs a call whose options were checked.
pub fn promise(answer: Result<Answer, JsValue>) -> Promise {
    future_to_promise(async { answer?.await })
}
