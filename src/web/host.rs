//! What the host has: clocks, waits, globals, and the members of a caller's options. The files in `js/`
//! have the code of what Rust cannot do; here and in the other files of `src/web/`, each import says what
//! Rust expects of it.
//!
//! Functions whose arguments need no conversion are members of an object (`js_namespace`). Otherwise the
//! glue would pass the module's whole namespace to WebAssembly. Bundlers create such a namespace with a
//! helper that breaks if an old library has added members to `Object.prototype`.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::context::AsyncContext;

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
    /// The ledger of a shared rate limit granted a slot.
    Granted = "granted",
    /// The ledger has no free slot: ask again.
    RateLimit = "rate_limit",
    /// The ledger is in a cooldown: ask again.
    Cooldown = "cooldown",
    /// The ledger is in a cooldown that is longer than calls wait.
    Refused = "refused",
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
    /// Waits for `ms` milliseconds and until the page is visible, or until the signal aborts.
    #[wasm_bindgen(js_namespace = waits, js_name = sleepUntilVisible)]
    pub fn sleep_until_visible(ms: f64, signal: Option<&AbortSignal>) -> Promise<Outcome>;
    /// Calls a function of the caller in a context, and waits for its result.
    #[wasm_bindgen(js_namespace = waits, js_name = callIn)]
    pub fn call(
        context: Option<&AsyncContext>,
        function: &Function,
        timeout_ms: u32,
        signal: Option<&AbortSignal>,
    ) -> Promise<Outcome>;
}

/// An environment variable, if the runtime has it and permits access.
pub fn environment_variable(name: &str) -> Option<String> {
    let value = global_member(&["process", "env", name])?.as_string();
    value.filter(|value| !value.is_empty())
}

/// The address that paths belong to: that of the page or worker, or of the page around it for a frame without an
/// address of its own (`srcdoc`, `about:blank`).
pub fn page_address() -> Option<String> {
    let text = |path| global_member(path)?.as_string();
    let is_http = |address: &String| address.starts_with("http");
    let own = text(&["location", "href"]).filter(is_http);
    own.or_else(|| text(&["document", "baseURI"]).filter(is_http))
}

/// Whether a call may wait for a request that another call made. In edge runtimes it may not: they end a visitor's
/// request that waits for the I/O of another visitor's.
pub fn may_share_requests() -> bool {
    let text = |path| global_member(path)?.as_string();
    let is_worker = text(&["navigator", "userAgent"]).as_deref() == Some("Cloudflare-Workers");
    !is_worker && text(&["EdgeRuntime"]).is_none()
}

/// Reads `globalThis.a.b.c`. `None` where a member is missing or may not be read (Deno without
/// `--allow-env`).
pub fn global_member(path: &[&str]) -> Option<JsValue> {
    let mut value = JsValue::from(js_sys::global());
    for name in path {
        // `Reflect.get` throws for anything else, which is slow.
        if !value.is_object() {
            return None;
        }
        value = Reflect::get(&value, &JsValue::from_str(name)).ok()?;
    }
    Some(value)
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

    /// The values of the named options, in their order, each read once. Ignores members that a polluted
    /// `Object.prototype` adds.
    #[wasm_bindgen(catch, js_name = readOptions)]
    pub fn read_options(options: &JsValue, names: &Array) -> Result<Array, OptionProblem>;
}
