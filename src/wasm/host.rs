//! What the host lends: the small JavaScript modules of `pkg/js/`, and the clocks.

use js_sys::{Array, Function, JsString, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/pkg/js/options.js")]
extern "C" {
    /// The values of the named options, each read once. Fails with `[]`, `[name]` or `[name, error]`.
    #[wasm_bindgen(catch)]
    pub fn snapshot(options: &JsValue, names: &Array) -> Result<Array, Array>;
    /// A value in words.
    pub fn describe(value: &JsValue, secret: bool) -> String;
    /// What a thrown value says of itself.
    pub fn reason(thrown: &JsValue) -> String;
    pub fn environment(name: &str) -> Option<String>;
    #[wasm_bindgen(js_name = pageOrigin)]
    pub fn page_origin() -> Option<String>;
    /// Calls a listener, and reports what it throws.
    pub fn tell(listener: &Function, value: &JsValue);
}

#[wasm_bindgen(module = "/pkg/js/io.js")]
extern "C" {
    /// Waits; `promise` gives false where the signal cut the wait short.
    #[derive(Clone)]
    pub type Pause;
    #[wasm_bindgen(constructor)]
    pub fn new(ms: Option<f64>, signal: &JsValue) -> Pause;
    #[wasm_bindgen(method, getter)]
    pub fn promise(this: &Pause) -> Promise;
    #[wasm_bindgen(method)]
    pub fn end(this: &Pause);

    /// One HTTP exchange; never rejects. See `io.js` for what it gives.
    pub fn exchange(
        fetch: &Function,
        url: &str,
        authorization: Option<JsString>,
        timeout: u32,
        signal: &JsValue,
        cap: u32,
    ) -> Promise;
    /// Asks a token function; never rejects.
    pub fn ask(token: &Function, timeout: u32, signal: &JsValue) -> Promise;
    /// Milliseconds of a clock that never goes back.
    pub fn now() -> f64;
}

#[wasm_bindgen(module = "/pkg/js/errors.js")]
extern "C" {
    #[wasm_bindgen(js_name = makeError)]
    pub fn make_error(code: &str, message: &str, facts: &JsValue) -> JsValue;
}

/// Milliseconds since 1970.
pub fn epoch() -> f64 {
    js_sys::Date::now()
}
