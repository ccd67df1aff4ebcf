//! What the host lends: the small JavaScript modules of `pkg/js/`, and the clocks.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/pkg/js/options.js")]
extern "C" {
    /// The values of the options that `known` has a bit for, each read once and at its place in
    /// `names`, which commas separate. Fails with an [`Outcome`]: see `options.js`.
    #[wasm_bindgen(catch)]
    pub fn snapshot(options: &JsValue, names: &str, known: u32) -> Result<Array, Outcome>;
    /// Puts `{ requests, windowMs }` at a place of a list.
    #[wasm_bindgen(js_name = putPace)]
    pub fn put_pace(values: &Array, place: u32, requests: u32, window_ms: f64);
    /// What a value is, as a number: see `options.js`.
    pub fn kind(value: &JsValue) -> u32;
    #[wasm_bindgen(js_name = isSignal)]
    pub fn is_signal(value: &JsValue) -> bool;
    /// A value in words.
    pub fn describe(value: &JsValue, secret: bool) -> String;
    /// What a thrown value says of itself.
    pub fn reason(thrown: &JsValue) -> String;
    /// An environment variable, or `undefined`.
    pub fn environment(name: &str) -> JsValue;
    /// The origin of the page, or `undefined`.
    #[wasm_bindgen(js_name = pageOrigin)]
    pub fn page_origin() -> JsValue;
    /// The global `fetch`, or whatever is there instead.
    #[wasm_bindgen(js_name = globalFetch)]
    pub fn global_fetch() -> JsValue;
    /// Calls a listener, and reports what it throws.
    pub fn tell(listener: &Function, value: &JsValue);
}

#[wasm_bindgen(module = "/pkg/js/io.js")]
extern "C" {
    /// How something that was waited for ended: a list of its ending, a value or what was thrown,
    /// and a `Response`.
    #[wasm_bindgen(extends = Array)]
    pub type Outcome;
    #[wasm_bindgen(method, structural, indexing_getter)]
    fn number(this: &Outcome, place: u32) -> u32;

    /// Waiting that can be ended from outside.
    #[derive(Clone)]
    pub type Pause;
    #[wasm_bindgen(constructor)]
    pub fn new(signal: &JsValue) -> Pause;
    /// Waits this many milliseconds; infinitely many are until [`Pause::end`].
    #[wasm_bindgen(method)]
    pub fn wait(this: &Pause, ms: f64) -> Promise;
    #[wasm_bindgen(method)]
    pub fn end(this: &Pause);

    /// A signal of our own, which another one may end, too.
    #[derive(Clone)]
    pub type Cancel;
    #[wasm_bindgen(constructor)]
    pub fn new(parent: &JsValue) -> Cancel;
    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &Cancel) -> JsValue;
    /// Forgets the other signal, and a moment later aborts what is under way.
    #[wasm_bindgen(method)]
    pub fn end(this: &Cancel);

    /// One HTTP exchange. An empty `authorization` is none.
    pub fn exchange(
        fetch: &Function,
        url: &str,
        authorization: &str,
        timeout: u32,
        signal: &JsValue,
        cap: u32,
    ) -> Promise;
    /// Asks a token function.
    pub fn ask(token: &Function, timeout: u32, signal: &JsValue) -> Promise;
    /// Milliseconds of a clock that never goes back.
    pub fn now() -> f64;
}

#[wasm_bindgen(module = "/pkg/js/errors.js")]
extern "C" {
    /// A `ComfyControlError`. A `status` or `retry_at` of 0 is none.
    #[wasm_bindgen(js_name = makeError)]
    pub fn make_error(
        code: &str,
        message: &str,
        status: u16,
        retryable: bool,
        retry_at: f64,
        issues: &JsValue,
        thrown: &JsValue,
    ) -> JsValue;
}

/// All is here. The numbers are those of `io.js`.
pub const DONE: u32 = 0;
/// Time was up.
pub const TIMEOUT: u32 = 1;
/// The signal cut it short.
pub const ABORTED: u32 = 2;
/// Something was thrown.
pub const FAILED: u32 = 3;
/// The body is too large.
pub const LARGE: u32 = 4;

impl Outcome {
    /// One of the numbers above.
    pub fn ending(&self) -> u32 {
        self.number(0)
    }

    /// What was waited for, or what was thrown.
    pub fn value(&self) -> JsValue {
        self.get(1)
    }
}

/// Milliseconds since 1970.
pub fn epoch() -> f64 {
    js_sys::Date::now()
}
