//! Turns failures into JavaScript errors, and Rust values into plain objects.

use js_sys::{Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Failure;

#[wasm_bindgen(module = "/js/error.js")]
extern "C" {
    type ComfyControlError;
    /// An error with further members.
    #[wasm_bindgen(constructor, js_class = ComfyControlError)]
    fn new(code: &str, message: &str, details: &JsValue) -> ComfyControlError;

    // Re-exported for users. Declared as functions, because wasm-bindgen can omit the types of functions
    // only; the text below declares them.
    #[wasm_bindgen(js_name = ComfyControlError, reexport, skip_typescript)]
    pub fn comfy_control_error();
    #[wasm_bindgen(js_name = isComfyControlError, reexport, skip_typescript)]
    pub fn is_comfy_control_error();
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

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * The error of every failed call. Tell failures apart by `code`, and use `isComfyControlError`
 * rather than `instanceof`, which fails across copies and realms. An aborted call rejects with
 * `signal.reason` instead.
 *
 * ```js
 * try {
 *   await listManagedRunners();
 * } catch (error) {
 *   if (isComfyControlError(error, "rate_limited")) retryAfter(error.retryAt);
 *   else throw error;
 * }
 * ```
 */
export class ComfyControlError extends Error {
    private constructor();
    readonly name: "ComfyControlError";
    /** What went wrong. */
    readonly code: ErrorCode;
    /** The HTTP status, if there was an answer. */
    readonly status?: number;
    /** Whether the same call may succeed later. */
    readonly retryable: boolean;
    /** When to try again at the earliest, in milliseconds since 1970, if that is known. */
    readonly retryAt?: number;
    /** The path of the first issue, from the root of the answer: `runners[17].created_at`. */
    readonly path?: string;
    /** Everything that is wrong with the answer. */
    readonly issues?: ValidationIssue[];
    /** The message in the server's answer, if there was one, as one line of about 300 characters at most. */
    readonly serverMessage?: string;
    /**
     * The id of the request (`x-request-id`, `request-id`, `cf-ray` or `x-amzn-requestid` of the
     * answer), if there was one. The API's support asks for it.
     */
    readonly requestId?: string;
    /** What the host threw, if it did: `fetch`, the token function, a getter of an option. */
    readonly cause?: unknown;
    /** Of an iteration that failed: what it found so far. */
    readonly report?: Report;
    /** Of an iteration that failed: pass it as `resumeFrom` to continue. */
    readonly checkpoint?: string;
    /** Of `collectManagedRunners`: the runners found before the failure. */
    readonly runners?: ManagedRunner[];
    /**
     * What `JSON.stringify` shows: all facts but `cause`, `runners` and `checkpoint`, which are not
     * enumerable. A structured clone does not have it.
     */
    toJSON(): Record<string, unknown>;
}

/**
 * Whether `value` is an error of this package, and has `code` if one is given. Also true for
 * errors of another copy or realm, and for structured clones: these get back their `code`, and the
 * `retryable` that is usual for it. Never throws.
 *
 * ```js
 * if (isComfyControlError(error, "unauthorized")) signIn();
 * ```
 */
export function isComfyControlError<C extends ErrorCode = ErrorCode>(
    value: unknown,
    code?: C,
): value is ComfyControlError & { readonly code: C };
"#;

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        Self::from(&failure)
    }
}

impl From<&Failure> for JsValue {
    fn from(failure: &Failure) -> Self {
        error(failure, &to_js(failure))
    }
}

/// The failure as an error, with what the host threw as its cause.
pub fn caused(failure: &Failure, cause: &JsValue) -> JsValue {
    let details = to_js(failure);
    // Cannot fail: it is a plain object.
    let _ = Reflect::set(&details, &"cause".into(), cause);
    error(failure, &details)
}

fn error(failure: &Failure, details: &JsValue) -> JsValue {
    ComfyControlError::new(failure.code.as_str(), &failure.message, details).into()
}

/// `invalid_options`: a value that is not what is expected.
pub fn unexpected(name: &str, expected: &str, given: &JsValue) -> JsValue {
    unexpected_value(name, expected, given).into()
}

/// [`unexpected`] as a `Failure`.
pub fn unexpected_value(name: &str, expected: &str, given: &JsValue) -> Failure {
    Failure::option(name, expected, &describe(given, name == "token"))
}

/// A plain object. `None` is `undefined`.
pub fn to_js<T: Serialize>(value: &T) -> JsValue {
    // Fails only for integers beyond 2^53, which no type here holds.
    serde_wasm_bindgen::to_value(value).unwrap_or_default()
}

/// A plain object with these members.
pub fn object(members: &[(&str, &JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // Cannot fail: it is a plain object.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}
