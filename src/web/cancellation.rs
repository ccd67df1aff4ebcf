//! Abort signals: the caller's, and those that follow it.

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::error::Failure;

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

/// The signal of a whole call: follows the caller's, and aborts when the time of `totalTimeout` is over. Its reason
/// is then the error `timeout`.
pub struct CallSignal(Cancellation);

impl CallSignal {
    /// `path` is the request path that the error message names.
    pub fn new(total_timeout: Option<u32>, path: &str, signal: Option<&AbortSignal>) -> Self {
        let cancellation = Cancellation::new(signal);
        if let Some(total_ms) = total_timeout {
            cancellation.expire(total_ms, Failure::total_timeout(path, total_ms).into());
        }
        Self(cancellation)
    }

    pub fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for CallSignal {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// Fails with the signal's reason if it was aborted.
pub fn check_aborted(signal: Option<&AbortSignal>) -> Result<(), JsValue> {
    signal.map_or(Ok(()), throw_if_aborted)
}
