//! The one place where a failure becomes a JavaScript error, and a Rust value a plain object.

use js_sys::{Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::host::describe;
use crate::error::Failure;

#[wasm_bindgen(module = "/js/error.js")]
extern "C" {
    type ComfyControlError;
    /// An error with further members.
    #[wasm_bindgen(constructor, js_class = ComfyControlError)]
    fn new(code: &str, message: &str, details: &JsValue) -> ComfyControlError;

    // Only passed on to users. Functions, since wasm-bindgen leaves out the types of those alone.
    #[wasm_bindgen(js_name = ComfyControlError, reexport, skip_typescript)]
    pub fn comfy_control_error();
    #[wasm_bindgen(js_name = isComfyControlError, reexport, skip_typescript)]
    pub fn is_comfy_control_error();
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * Every failure of this package. Tell failures apart by `code`, and use `isComfyControlError`
 * rather than `instanceof`, which fails across copies and realms. An aborted call rejects with
 * `signal.reason` instead.
 */
export class ComfyControlError extends Error {
    private constructor();
    readonly name: "ComfyControlError";
    /** What went wrong. */
    readonly code: ErrorCode;
    /** The HTTP status, where there was an answer. */
    readonly status?: number;
    /** Whether the same call may succeed later. */
    readonly retryable: boolean;
    /** The earliest moment at which to try again, in milliseconds since 1970, where one is known. */
    readonly retryAt?: number;
    /** Where the answer is not what the contract says: `runners[17].created_at`. */
    readonly path?: string;
    /** Everything in the answer that is not what the contract says. */
    readonly issues?: ValidationIssue[];
    /** The server's own message, where it sent one. */
    readonly serverMessage?: string;
    /** What the host threw, where it did. */
    readonly cause?: unknown;
    /** Of an enumeration: what was found so far. */
    readonly report?: Report;
    /** Of an enumeration: what `resumeFrom` goes on from. */
    readonly checkpoint?: string;
    /** Of `collectManagedRunners`: the runners found so far. */
    readonly runners?: ManagedRunner[];
}

/**
 * Whether `value` is an error of this package, and has `code` if one is given. Also true for
 * errors of another copy or realm, and for structured clones. Never throws.
 */
export function isComfyControlError<C extends ErrorCode = ErrorCode>(
    value: unknown,
    code?: C,
): value is ComfyControlError & { readonly code: C };
"#;

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        error(&failure, &to_js(&failure))
    }
}

/// The failure as an error, with what the host threw as its cause.
pub fn caused(failure: &Failure, cause: &JsValue) -> JsValue {
    let details = to_js(failure);
    // A plain object takes every member.
    let _ = Reflect::set(&details, &"cause".into(), cause);
    error(failure, &details)
}

fn error(failure: &Failure, details: &JsValue) -> JsValue {
    ComfyControlError::new(failure.code.as_str(), &failure.message, details).into()
}

/// A value that is not what is expected.
pub fn unexpected(name: &str, expected: &str, given: &JsValue) -> JsValue {
    Failure::option(name, expected, &describe(given, name == "token")).into()
}

/// A plain object. `None` is `undefined`.
pub fn to_js<T: Serialize>(value: &T) -> JsValue {
    // Fails for integers beyond 2^53 alone, and there are none.
    serde_wasm_bindgen::to_value(value).unwrap_or_default()
}

/// A plain object with these members.
pub fn object(members: &[(&str, &JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // A plain object takes every member.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}
