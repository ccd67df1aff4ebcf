//! What the host lends: clocks, waiting, and the little that only JavaScript can do. Each item says
//! what Rust expects of it; the files of `js/` have the code.
//!
//! Functions without conversions are members of an object (`js_namespace`). Otherwise the glue would
//! hand the module's whole namespace to WebAssembly, which bundlers make by a helper that is upset by
//! what old libraries put on `Object.prototype`.

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::error::Failure;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds of a clock that never goes back.
    #[wasm_bindgen(js_namespace = performance)]
    pub fn now() -> f64;
    /// Whether this is an array. Fails for a proxy that was revoked.
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
    /// What `fetch` gave cannot be read.
    Unusable = "unusable",
    /// The ledger of a shared rate limit says: start now.
    Granted = "granted",
    /// It says: ask again.
    RateLimit = "rate_limit",
    /// It says: ask again, after a cooldown.
    Cooldown = "cooldown",
    /// It says: there is a pause that is longer than calls wait.
    Refused = "refused",
}

#[wasm_bindgen(module = "/js/wait.js")]
extern "C" {
    /// What a wait gave.
    pub type Outcome;
    #[wasm_bindgen(method, getter)]
    pub fn ending(this: &Outcome) -> Ending;
    #[wasm_bindgen(method, getter)]
    pub fn value(this: &Outcome) -> JsValue;

    /// Waits for a time, and ends at once when the signal aborts.
    #[wasm_bindgen(js_namespace = waits)]
    pub fn sleep(ms: f64, signal: Option<&AbortSignal>) -> Promise<Outcome>;
    /// The same while the page is visible; a hidden page waits until it is shown.
    #[wasm_bindgen(js_namespace = waits, js_name = sleepUntilVisible)]
    pub fn sleep_until_visible(ms: f64, signal: Option<&AbortSignal>) -> Promise<Outcome>;
    /// Calls a function of the caller, and waits for what it gives.
    #[wasm_bindgen(js_namespace = waits)]
    pub fn call(
        function: &Function,
        timeout_ms: u32,
        signal: Option<&AbortSignal>,
    ) -> Promise<Outcome>;
}

#[wasm_bindgen(module = "/js/exchange.js")]
extern "C" {
    /// The value of an exchange that is `Done` or `TooLarge`: a checked response, whose status and
    /// headers can be read without surprises.
    #[wasm_bindgen(extends = web_sys::Response)]
    pub type Answer;
    /// All bytes of the body; none where it is too large.
    #[wasm_bindgen(method, getter)]
    pub fn bytes(this: &Answer) -> Uint8Array;

    /// The id that the server gave a request, from whichever header has it.
    #[wasm_bindgen(js_namespace = responses, js_name = requestIdOf)]
    pub fn request_id_of(response: &web_sys::Response) -> Option<String>;

    /// One HTTP exchange, body included, within a time-out for all of it. Ends in
    ///
    /// - `Done` or `TooLarge`: the value is an [`Answer`];
    /// - `Failed`: the value is what was thrown, by `fetch` or while the body was read;
    /// - `Unusable`: the value is an error that says why what `fetch` gave cannot be read;
    /// - `TimedOut` or `Aborted`: the request was cancelled.
    pub fn exchange(
        fetch: &Function,
        url: &str,
        authorization: Option<&str>,
        added: &RequestInit,
        max_bytes: u32,
        timeout_ms: u32,
        signal: Option<&AbortSignal>,
    ) -> Promise<Outcome>;
}

#[wasm_bindgen(module = "/js/request-init.js")]
extern "C" {
    /// What a caller adds to each request.
    #[derive(Clone, Debug)]
    pub type RequestInit;
    /// Why it cannot be sent.
    pub type InitProblem;
    #[wasm_bindgen(method, getter)]
    pub fn name(this: &InitProblem) -> String;
    #[wasm_bindgen(method, getter)]
    pub fn expected(this: &InitProblem) -> String;
    #[wasm_bindgen(method, getter)]
    pub fn given(this: &InitProblem) -> String;

    #[wasm_bindgen(catch, js_namespace = inits, js_name = readInit)]
    fn read_init(
        headers: Option<&JsValue>,
        options: Option<&JsValue>,
    ) -> Result<RequestInit, InitProblem>;
}

/// The options `headers` and `fetchOptions`, checked and copied.
pub fn request_init(
    headers: Option<&JsValue>,
    options: Option<&JsValue>,
) -> Result<RequestInit, JsValue> {
    read_init(headers, options).map_err(|problem| {
        Failure::option(&problem.name(), &problem.expected(), &problem.given()).into()
    })
}

#[wasm_bindgen(module = "/js/abort.js")]
extern "C" {
    /// Fails with the signal's reason if it was aborted.
    #[wasm_bindgen(catch, js_namespace = signals, js_name = throwIfAborted)]
    fn throw_if_aborted(signal: &AbortSignal) -> Result<(), JsValue>;
    /// Whether this has what is used of an `AbortSignal`.
    #[wasm_bindgen(js_namespace = signals, js_name = isAbortSignal)]
    pub fn is_abort_signal(value: &JsValue) -> bool;

    /// A signal of our own, which also follows the caller's.
    pub type Cancellation;
    #[wasm_bindgen(constructor)]
    pub fn new(signal: Option<&AbortSignal>) -> Cancellation;
    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &Cancellation) -> AbortSignal;
    /// Aborts the signal, a moment later: it may run code of the caller.
    #[wasm_bindgen(method)]
    pub fn cancel(this: &Cancellation);
    /// Aborts the signal with this reason, so many milliseconds later.
    #[wasm_bindgen(method)]
    fn expire(this: &Cancellation, ms: u32, reason: JsValue);
    /// Stops following the caller's signal, and waiting for the time.
    #[wasm_bindgen(method)]
    pub fn release(this: &Cancellation);
}

/// A signal that also aborts when the time for a whole call is over (`totalTimeout`), with the error
/// that says so.
pub struct Deadline(Cancellation);

impl Deadline {
    /// `path` is what the message names.
    pub fn new(total_ms: u32, path: &str, signal: Option<&AbortSignal>) -> Self {
        let cancellation = Cancellation::new(signal);
        cancellation.expire(total_ms, Failure::total_timeout(path, total_ms).into());
        Self(cancellation)
    }

    pub fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// Fails with the signal's reason if it was aborted.
pub fn check_aborted(signal: Option<&AbortSignal>) -> Result<(), JsValue> {
    signal.map_or(Ok(()), throw_if_aborted)
}

/// A variable of the environment, where the runtime has them and lets us see them.
pub fn environment_variable(name: &str) -> Option<String> {
    let value = global_member(&["process", "env", name])?.as_string();
    value.filter(|value| !value.is_empty())
}

/// The origin of the page or worker, where there is one.
pub fn page_origin() -> Option<String> {
    let origin = global_member(&["location", "origin"])?.as_string();
    origin.filter(|origin| origin.starts_with("http"))
}

/// What stands at this path of members of the global object. `None` where a member is missing or may
/// not be read (Deno without `--allow-env`).
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

#[wasm_bindgen(module = "/js/notify.js")]
extern "C" {
    /// Calls a listener. What it throws is reported once, and changes nothing.
    #[wasm_bindgen(js_namespace = listeners)]
    pub fn notify(listener: &Function, value: &JsValue);
    /// Whether somebody listens on `node:diagnostics_channel`.
    #[wasm_bindgen(js_namespace = listeners, js_name = isDiagnosed)]
    pub fn is_diagnosed() -> bool;
    /// Publishes an event there.
    #[wasm_bindgen(js_namespace = listeners)]
    pub fn diagnose(event: &JsValue);
}

#[wasm_bindgen(module = "/js/describe.js")]
extern "C" {
    /// A value in words: short, on one line, and nothing of it if it is secret.
    pub fn describe(value: &JsValue, is_secret: bool) -> String;
    /// What a thrown value says of itself, with the code that the host gives it (`ECONNREFUSED`).
    #[wasm_bindgen(js_name = describeThrown)]
    pub fn describe_thrown(thrown: &JsValue) -> String;
}

#[wasm_bindgen(module = "/js/options.js")]
extern "C" {
    /// Why options cannot be read.
    pub type OptionProblem;
    #[wasm_bindgen(method, getter)]
    pub fn name(this: &OptionProblem) -> String;
    #[wasm_bindgen(method, getter, js_name = isUnknown)]
    pub fn is_unknown(this: &OptionProblem) -> bool;
    #[wasm_bindgen(method, getter)]
    pub fn cause(this: &OptionProblem) -> JsValue;

    /// The values of the named options, in their order, each read once. What a polluted
    /// `Object.prototype` has is nobody's option.
    #[wasm_bindgen(catch, js_name = readOptions)]
    pub fn read_options(options: &JsValue, names: &Array) -> Result<Array, OptionProblem>;
}
