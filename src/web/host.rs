//! Imports from JavaScript: clocks, waiting, and what Rust cannot do. Each item says what Rust expects of
//! it; the files in `js/` have the code.
//!
//! Functions whose arguments need no conversion are members of an object (`js_namespace`). Otherwise the
//! glue would pass the module's whole namespace to WebAssembly. Bundlers create such a namespace with a
//! helper that breaks if an old library has added members to `Object.prototype`.

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::error::Failure;

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

#[wasm_bindgen(module = "/js/async-context.js")]
extern "C" {
    /// What `AsyncLocalStorage` returns where a call was made. The caller's functions run in it.
    #[derive(Clone, Debug)]
    pub type AsyncContext;
    /// The present context; `None` where the runtime has no contexts.
    #[wasm_bindgen(js_namespace = contexts, js_name = capture)]
    pub fn async_context() -> Option<AsyncContext>;
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
    /// Calls a function of the caller in a context, and waits for its result.
    #[wasm_bindgen(js_namespace = waits, js_name = callIn)]
    pub fn call(
        context: Option<&AsyncContext>,
        function: &Function,
        timeout_ms: u32,
        signal: Option<&AbortSignal>,
    ) -> Promise<Outcome>;
}

#[wasm_bindgen(module = "/js/exchange.js")]
extern "C" {
    /// The value of an exchange that is `Done` or `TooLarge`: a checked copy of the response, whose
    /// members cannot throw or change.
    #[wasm_bindgen(extends = web_sys::Response)]
    pub type Answer;
    /// All bytes of the body; none if it is too large.
    #[wasm_bindgen(method, getter)]
    pub fn bytes(this: &Answer) -> Uint8Array;

    /// The id that the server gave a request, from whichever header has it.
    #[wasm_bindgen(js_namespace = responses, js_name = requestIdOf)]
    pub fn request_id_of(response: &web_sys::Response) -> Option<String>;

    /// Sends a request, and reads the whole answer, within a time-out for all of it. The ending is one
    /// of:
    ///
    /// - `Done` or `TooLarge`: the value is an [`Answer`];
    /// - `Failed`: the value is what `fetch` threw, or what reading the body threw;
    /// - `Unusable`: the value is an error that says why the result of `fetch` cannot be read;
    /// - `TimedOut` or `Aborted`: the request was cancelled.
    pub fn exchange(
        context: Option<&AsyncContext>,
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
    /// The caller's additions to each request: the options `headers` and `fetchOptions`.
    #[derive(Clone, Debug, PartialEq)]
    pub type RequestInit;
    /// Why they cannot be sent.
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

/// Checks and copies the options `headers` and `fetchOptions`.
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
    /// Whether the value has the members of an `AbortSignal` that the client needs.
    #[wasm_bindgen(js_namespace = signals, js_name = isAbortSignal)]
    pub fn is_abort_signal(value: &JsValue) -> bool;

    /// A signal of this package that also follows the caller's. Only functions of `js/` can listen to it:
    /// it has no `addEventListener`.
    pub type Cancellation;
    #[wasm_bindgen(constructor)]
    pub fn new(signal: Option<&AbortSignal>) -> Cancellation;
    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &Cancellation) -> AbortSignal;
    /// Aborts the signal in a later microtask, because listeners may run the caller's code.
    #[wasm_bindgen(method)]
    pub fn cancel(this: &Cancellation);
    /// Aborts the signal with this reason after `ms` milliseconds.
    #[wasm_bindgen(method)]
    fn expire(this: &Cancellation, ms: u32, reason: JsValue);
    /// Stops following the caller's signal, and ends the timer of `expire`.
    #[wasm_bindgen(method)]
    pub fn release(this: &Cancellation);
}

/// A signal that also aborts when the time for the whole call is over (`totalTimeout`). Its reason is then
/// the error `timeout`.
pub struct Deadline(Cancellation);

impl Deadline {
    /// `path` is the request path that the error message names.
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

/// An environment variable, if the runtime has it and permits access.
pub fn environment_variable(name: &str) -> Option<String> {
    let value = global_member(&["process", "env", name])?.as_string();
    value.filter(|value| !value.is_empty())
}

/// The origin of the page or worker, if there is one.
pub fn page_origin() -> Option<String> {
    let origin = global_member(&["location", "origin"])?.as_string();
    origin.filter(|origin| origin.starts_with("http"))
}

/// Whether a call may wait for a request that another call made. In edge runtimes it may not: they end a visitor's
/// request that waits for the I/O of another visitor's.
pub fn may_share_requests() -> bool {
    let text = |path| global_member(path)?.as_string();
    let is_worker = text(&["navigator", "userAgent"]).as_deref() == Some("Cloudflare-Workers");
    !is_worker && text(&["EdgeRuntime"]).is_none()
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
    /// Calls a listener. If it throws, its first error is reported, and the call goes on.
    #[wasm_bindgen(js_namespace = listeners)]
    pub fn notify(listener: &Function, value: &JsValue);
    /// The same in a context.
    #[wasm_bindgen(js_namespace = listeners, js_name = notifyIn)]
    pub fn notify_in(context: Option<&AsyncContext>, listener: &Function, value: &JsValue);
}

#[wasm_bindgen(module = "/js/diagnostics.js")]
extern "C" {
    /// Whether one of the package's channels of `node:diagnostics_channel` has a subscriber.
    #[wasm_bindgen(js_namespace = diagnostics, js_name = isDiagnosed)]
    pub fn is_diagnosed() -> bool;
    /// Publishes an event on the channel of its type, in a context.
    #[wasm_bindgen(js_namespace = diagnostics)]
    pub fn diagnose(context: Option<&AsyncContext>, event: &JsValue);
}

#[wasm_bindgen(module = "/js/describe.js")]
extern "C" {
    /// Describes a value for an error message: short, and on one line. The description of a secret shows
    /// only its type.
    pub fn describe(value: &JsValue, is_secret: bool) -> String;
    /// The message of a thrown value, with the code of its cause (`ECONNREFUSED`).
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

    /// The values of the named options, in their order, each read once. Ignores members that a polluted
    /// `Object.prototype` adds.
    #[wasm_bindgen(catch, js_name = readOptions)]
    pub fn read_options(options: &JsValue, names: &Array) -> Result<Array, OptionProblem>;
}
