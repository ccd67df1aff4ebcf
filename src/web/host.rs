//! Imports from JavaScript: clocks, waiting, and what Rust cannot do. Each item says what Rust expects of
//! it; the files in `js/` have the code.
//!
//! Functions whose arguments need no conversion are members of an object (`js_namespace`). Otherwise the
//! glue would pass the module's whole namespace to WebAssembly. Bundlers create such a namespace with a
//! helper that breaks if an old library has added members to `Object.prototype`.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds of a clock that never goes back.
    #[wasm_bindgen(js_namespace = performance)]
    pub fn now() -> f64;
    /// Whether the value is an array. Fails for a revoked proxy.
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    pub fn is_array(value: &JsValue) -> Result<bool, JsValue>;
}

/// Milliseconds since 1970.
pub fn epoch() -> f64 {
    js_sys::Date::now()
}

/// How a wait ended.
#[wasm_bindgen(skip_typescript)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Done = "done",
    TimedOut = "timed_out",
    Aborted = "aborted",
    Failed = "failed",
    /// The body of an answer is too large.
    TooLarge = "too_large",
    /// What `fetch` returned is not a readable response.
    Unusable = "unusable",
}

#[wasm_bindgen(module = "/js/wait.js")]
extern "C" {
    /// How a wait ended, and its value.
    pub type Outcome;
    #[wasm_bindgen(method, getter)]
    pub fn ending(this: &Outcome) -> Ending;
    #[wasm_bindgen(method, getter)]
    pub fn value(this: &Outcome) -> JsValue;

    /// Waits for `ms` milliseconds, or until the signal aborts.
    #[wasm_bindgen(js_namespace = waits)]
    pub fn sleep(ms: f64, signal: Option<&AbortSignal>) -> Promise<Outcome>;
    /// The same, and until the page is visible.
    #[wasm_bindgen(js_namespace = waits, js_name = sleepUntilVisible)]
    pub fn sleep_until_visible(ms: f64, signal: Option<&AbortSignal>) -> Promise<Outcome>;
    /// Calls a function of the caller, and waits for its result.
    #[wasm_bindgen(js_namespace = waits)]
    pub fn call(
        function: &Function,
        timeout_ms: u32,
        signal: Option<&AbortSignal>,
    ) -> Promise<Outcome>;
}

#[wasm_bindgen(module = "/js/exchange.js")]
extern "C" {
    /// The value of an exchange that is `Done` or `TooLarge`.
    pub type Exchange;
    /// A checked copy of the response, whose members cannot throw or change.
    #[wasm_bindgen(method, getter)]
    pub fn response(this: &Exchange) -> web_sys::Response;
    /// All bytes of the body; only if the exchange is `Done`.
    #[wasm_bindgen(method, getter)]
    pub fn body(this: &Exchange) -> js_sys::Uint8Array;

    /// Sends a request, and reads the whole answer.
    pub fn exchange(
        fetch: &Function,
        url: &str,
        authorization: Option<&str>,
        max_bytes: u32,
        timeout_ms: u32,
        signal: Option<&AbortSignal>,
    ) -> Promise<Outcome>;
}

#[wasm_bindgen(module = "/js/abort.js")]
extern "C" {
    #[wasm_bindgen(js_namespace = signals, js_name = isAborted)]
    fn is_aborted(signal: &AbortSignal) -> bool;
    #[wasm_bindgen(js_namespace = signals, js_name = abortReason)]
    fn abort_reason(signal: &AbortSignal) -> JsValue;
    /// Whether the value has the members of an `AbortSignal` that the client needs.
    #[wasm_bindgen(js_namespace = signals, js_name = isAbortSignal)]
    pub fn is_abort_signal(value: &JsValue) -> bool;
}

/// Fails with the signal's reason if it was aborted.
pub fn check_aborted(signal: Option<&AbortSignal>) -> Result<(), JsValue> {
    match signal {
        Some(signal) if is_aborted(signal) => Err(abort_reason(signal)),
        _ => Ok(()),
    }
}

#[wasm_bindgen(module = "/js/host.js")]
extern "C" {
    /// An environment variable, if the runtime has it.
    #[wasm_bindgen(js_name = environmentVariable)]
    pub fn environment_variable(name: &str) -> Option<String>;
    /// The origin of the page or worker, if there is one.
    #[wasm_bindgen(js_name = pageOrigin)]
    pub fn page_origin() -> Option<String>;
    /// Calls a listener. If it throws, its first error is reported, and the call goes on.
    #[wasm_bindgen(js_namespace = listeners)]
    pub fn notify(listener: &Function, value: &JsValue);
}

#[wasm_bindgen(module = "/js/describe.js")]
extern "C" {
    /// Describes a value for an error message. The description of a secret shows only its type.
    pub fn describe(value: &JsValue, is_secret: bool) -> String;
    /// The message of a thrown value.
    #[wasm_bindgen(js_name = describeThrown)]
    pub fn describe_thrown(thrown: &JsValue) -> String;
}

#[wasm_bindgen(module = "/js/options.js")]
extern "C" {
    /// Why [`read_options`] failed.
    pub type OptionProblem;
    #[wasm_bindgen(method, getter)]
    pub fn name(this: &OptionProblem) -> String;
    #[wasm_bindgen(method, getter, js_name = isUnknown)]
    pub fn is_unknown(this: &OptionProblem) -> bool;
    #[wasm_bindgen(method, getter)]
    pub fn cause(this: &OptionProblem) -> JsValue;

    /// The values of the named options, in their order, each read once.
    #[wasm_bindgen(catch, js_name = readOptions)]
    pub fn read_options(options: &JsValue, names: &Array) -> Result<Array, OptionProblem>;
}
