//! What JavaScript sees: the functions that a user calls, and what `pkg/js/` asks on their way. Every
//! export is a few lines that call plain Rust.
//!
//! What is asked takes numbers, and texts that were said before ([`texts`]). It gives a number, or leaves an
//! error or a text ([`errors`]). All can be called without wasm-bindgen's glue, and are: see
//! `xtask/bundle/bundle.mjs`.

mod call;
mod errors;
mod facts;
mod heap;
mod iteration;
mod limits;
mod options;
mod rows;
mod single;
mod texts;
mod trap;
mod types;
mod watch;

use js_sys::{Object, Promise};
use wasm_bindgen::{JsCast, exports, prelude::*};
use wasm_bindgen_futures::JsFuture;

// `call.js` has all that is asked of JavaScript: it imports the other files, which are named here to be
// there. Asked for one by one, there would be five at a time, and wasm-bindgen's test server hangs.
#[wasm_bindgen(module = "/pkg/js/call.js")]
extern "C" {
    fn list(core: &JsValue, client: &JsValue, options: &JsValue) -> Promise;
    fn get(core: &JsValue, client: &JsValue, id: &JsValue, options: &JsValue) -> Promise;
    #[wasm_bindgen(js_name = match, catch)]
    fn matching(
        core: &JsValue,
        runners: &JsValue,
        required_tags: &JsValue,
    ) -> Result<JsValue, JsValue>;
}
macro_rules! named {
    ($($file:literal $function:ident),*) => {$(
        #[wasm_bindgen(module = $file)]
        extern "C" {
            #[allow(dead_code, reason = "the file is to be there, no more")]
            fn $function();
        }
    )*};
}
named!(
    "/pkg/js/errors.js" makeError,
    "/pkg/js/io.js" now,
    "/pkg/js/options.js" describe,
    "/pkg/js/rows.js" buildPage
);

// In the package, `pkg/loaders/client.js` has the functions of these names. Here is what they are
// documented as, and how tests of the crate call the same code; the package leaves it out.

/// Lists one page of the managed runners available to the caller, newest first.
///
/// Takes the options of the call and of a client in one object. Rejects with a
/// `ComfyControlError`, or with `signal.reason` if the call was aborted.
#[wasm_bindgen(
    js_name = listManagedRunners,
    unchecked_return_type = "Promise<ManagedRunnerPage>"
)]
pub fn list_managed_runners(
    #[wasm_bindgen(unchecked_optional_param_type = "ListOptions & ClientOptions")]
    options: &JsValue,
) -> Promise {
    list(&core(), &JsValue::UNDEFINED, options)
}

/// Gets one managed runner by its `id`, a UUID.
///
/// Takes the options of the call and of a client in one object. Rejects with a
/// `ComfyControlError` (`not_found` where the caller's tier has no such runner), or with
/// `signal.reason` if the call was aborted.
#[wasm_bindgen(
    js_name = getManagedRunner,
    unchecked_return_type = "Promise<ManagedRunner>"
)]
pub fn get_managed_runner(
    #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions & ClientOptions")]
    options: &JsValue,
) -> Promise {
    get(&core(), &JsValue::UNDEFINED, id, options)
}

/// The runners that could take a workflow which requires `requiredTags`, in their order: those
/// that carry all of these tags, and those without any tags. Tags are case-sensitive. Throws
/// `invalid_options` for anything but arrays of runners and of strings.
#[wasm_bindgen(
    js_name = matchRunners,
    unchecked_return_type = "ManagedRunner[]"
)]
pub fn match_runners(
    #[wasm_bindgen(unchecked_param_type = "readonly ManagedRunner[]")] runners: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "readonly string[]", js_name = requiredTags)]
    required_tags: &JsValue,
) -> Result<JsValue, JsValue> {
    matching(&core(), runners, required_tags)
}

/// [`list_managed_runners`] for Rust that is compiled to WebAssembly itself.
///
/// # Errors
/// A `ComfyControlError`, or the signal's reason.
pub async fn list_page(options: &JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(list_managed_runners(options)).await
}

/// [`get_managed_runner`] for Rust that is compiled to WebAssembly itself.
///
/// # Errors
/// A `ComfyControlError`, or the signal's reason.
pub async fn get_runner(id: &str, options: &JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(get_managed_runner(&id.into(), options)).await
}

/// All that `pkg/js/` may ask, in an object that it can keep things in.
fn core() -> JsValue {
    Object::assign(&Object::new(), &exports().unchecked_into()).into()
}
