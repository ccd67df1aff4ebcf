//! `responseOf`: what is known of the answer that a result came with.

use wasm_bindgen::prelude::*;
use web_sys::Response;

#[wasm_bindgen(module = "/js/response-of.js")]
extern "C" {
    #[wasm_bindgen(js_namespace = results, js_name = remember)]
    fn remember_js(result: &JsValue, response: &JsValue, attempts: u32, duration_ms: f64);

    // Only passed on to users, as the error class is.
    #[wasm_bindgen(js_name = responseOf, reexport, skip_typescript)]
    pub fn response_of();
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What is known of the answer that a result came with. */
export interface AnswerInfo {
    /** The HTTP status. */
    status: number;
    /** The headers that the runtime shows, by names in lower case: a plain object, so that it prints. */
    headers: Record<string, string>;
    /** The id that the server gave the request, where it gave one. */
    requestId: string | undefined;
    /** How many attempts the call took, from 1. */
    attempts: number;
    /** From the start of the last attempt's request to the end of its body, in milliseconds. */
    durationMs: number;
}

/**
 * What is known of the answer that a page, a runner of `getManagedRunner` or an error came with;
 * `undefined` for anything else, such as a copy, a runner of a list, or an error without an answer.
 *
 * ```js
 * const page = await client.listManagedRunners();
 * console.log(responseOf(page).requestId);
 * ```
 */
export function responseOf(result: unknown): AnswerInfo | undefined;
"#;

/// The answer that ended an attempt.
pub struct AnswerInfo {
    pub response: Response,
    pub attempts: u32,
    pub duration_ms: f64,
}

impl AnswerInfo {
    /// Remembers it for a result. The result stays as it is.
    pub fn remember(&self, result: &JsValue) {
        remember_js(result, &self.response, self.attempts, self.duration_ms);
    }
}
