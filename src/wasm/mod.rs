//! What JavaScript sees. Every export is a few lines that call plain Rust.

mod call;
mod errors;
mod fetch;
mod heap;
mod host;
mod iterate;
mod options;
mod rows;
mod single;
mod tags;
mod trap;
mod turn;
mod types;
mod watch;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::limiter::RateLimit;
use crate::options as check;
use crate::request::Endpoint;
use call::Call;
use iterate::Iteration;
use options::{Client, Known, Values};
use rows::Want;
use watch::Watching;

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
    list(None, options)
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
    get(None, id, options)
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
) -> JsValue {
    tags::matching(runners, required_tags).unwrap_or_else(|error| error)
}

/// The list of a client, whose options [`settle`] has checked.
#[wasm_bindgen(js_name = clientList, skip_typescript)]
pub fn client_list(settings: &JsValue, options: &JsValue) -> Promise {
    list(Some(settings), options)
}

/// One runner for a client, whose options [`settle`] has checked.
#[wasm_bindgen(js_name = clientGet, skip_typescript)]
pub fn client_get(settings: &JsValue, id: &JsValue, options: &JsValue) -> Promise {
    get(Some(settings), id, options)
}

/// Checks a client's options. Gives the list that its calls take as `settings`, or the error.
#[wasm_bindgen(skip_typescript)]
pub fn settle(options: &JsValue) -> JsValue {
    Client::settle(options).unwrap_or_else(|error| error)
}

/// An enumeration for a client, or the error. Nothing is asked before its first `take`.
#[wasm_bindgen(skip_typescript)]
pub fn iterate(settings: &JsValue, options: &JsValue) -> JsValue {
    Iteration::new(settings, options).map_or_else(|error| error, JsValue::from)
}

/// What watches a client's list, or the error. Nothing is asked before its first `poll`.
#[wasm_bindgen(skip_typescript)]
pub fn watch(settings: &JsValue, options: &JsValue) -> JsValue {
    Watching::new(settings, options).map_or_else(|error| error, JsValue::from)
}

/// The state of a client's rate limit.
#[wasm_bindgen(js_name = rateLimit, skip_typescript)]
pub fn rate_limit(settings: &JsValue) -> JsValue {
    let Ok(client) = Client::settled(settings) else {
        return JsValue::UNDEFINED;
    };
    let state = match client.pace {
        Some(pace) => turn::status(client.lane, pace),
        None => RateLimit::OFF,
    };
    errors::plain(&state)
}

fn list(settings: Option<&JsValue>, options: &JsValue) -> Promise {
    let call = || {
        let (client, values) = read(settings, options, Known::LIST)?;
        let page = values.integer(options::PAGE, 1, |given, _| check::page(given))?;
        let per_page = values.integer(options::PER_PAGE, 10, check::per_page)?;
        let want = Want::Page { page, per_page };
        Call::new(client, &values, &Endpoint::List { page, per_page }, want)
    };
    begin(call())
}

fn get(settings: Option<&JsValue>, id: &JsValue, options: &JsValue) -> Promise {
    let call = || {
        let (client, values) = read(settings, options, Known::REQUEST)?;
        match id.as_string().filter(|id| crate::runner::is_uuid(id)) {
            Some(id) => Call::new(client, &values, &Endpoint::Get { id }, Want::Runner),
            None => Err(options::bad("id", "a UUID", id)),
        }
    };
    begin(call())
}

/// Checks the options at once, so that later changes to them change nothing. Without `settings`
/// those of a client are among them.
fn read(
    settings: Option<&JsValue>,
    options: &JsValue,
    known: Known,
) -> Result<(Client, Values), JsValue> {
    match settings {
        Some(settings) => {
            let values = Values::read(options, known)?;
            Ok((Client::settled(settings)?, values))
        }
        None => {
            let values = Values::read(options, known.and_client())?;
            Ok((Client::new(&values)?, values))
        }
    }
}

fn begin(call: Result<Call, JsValue>) -> Promise {
    match call {
        Ok(call) => call.start(),
        Err(error) => Promise::reject(&error),
    }
}
