//! One HTTP exchange through the caller's `fetch`.

use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::client::RequestInit;
use super::context::AsyncContext;
use super::host::Outcome;

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
