//! `responseOf`: details of the HTTP response behind a result.

use wasm_bindgen::prelude::*;
use web_sys::Response;

#[wasm_bindgen(module = "/js/response-of.js")]
extern "C" {
    #[wasm_bindgen(js_namespace = results, js_name = remember)]
    fn remember_js(
        result: &JsValue,
        response: &JsValue,
        attempts: u32,
        duration_ms: f64,
        token: Option<&str>,
    );

    // Only re-exported to users, like the error class.
    #[wasm_bindgen(js_name = responseOf, reexport, skip_typescript)]
    pub fn response_of();
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Details of the HTTP response behind a result. */
export interface AnswerInfo {
    /** The HTTP status. */
    status: number;
    /** The headers that the runtime exposes, by lower-case name, without the token. A plain object, so that it prints. */
    headers: Record<string, string>;
    /** The server's id of the request; `undefined` if the server sent none. */
    requestId: string | undefined;
    /** How many attempts the call took, from 1. */
    attempts: number;
    /** From the start of the last attempt's request to the end of its body, in milliseconds. */
    durationMs: number;
}

/**
 * Returns details of the HTTP response behind a page, a runner of `getManagedRunner`, an array of an iterator's
 * `pages()`, or an error. Returns `undefined` for anything else: for example a copy, a runner of a list, or an
 * error without a response.
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
    /// The token of the request, which the server may have sent back.
    pub token: Option<String>,
}

impl AnswerInfo {
    /// Stores the response for a result. The result itself does not change.
    pub fn remember(&self, result: &JsValue) {
        let token = self.token.as_deref();
        remember_js(
            result,
            &self.response,
            self.attempts,
            self.duration_ms,
            token,
        );
    }
}
