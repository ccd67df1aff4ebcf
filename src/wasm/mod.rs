//! What JavaScript sees. Every export is a few lines that call plain Rust.

mod call;
mod errors;
mod fetch;
mod host;
mod options;
mod rows;
mod tags;
mod turn;
mod types;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::limiter::RateLimit;
use crate::options as check;
use crate::request::Endpoint;
use call::Call;
use errors::{Stop, rejection};
use options::{Client, Table, Values};
use rows::Want;

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
    begin(None, options, options::LIST_FREE, list)
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
    begin(None, options, options::GET_FREE, |_| get(id))
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
    tags::matching(runners, required_tags).map_or_else(settled, JsValue::from)
}

/// The list of a client, whose options [`settle`] has checked.
#[wasm_bindgen(js_name = clientList, skip_typescript)]
pub fn client_list(settings: Array, options: &JsValue) -> Promise {
    begin(Some(settings), options, options::LIST, list)
}

/// One runner for a client, whose options [`settle`] has checked.
#[wasm_bindgen(js_name = clientGet, skip_typescript)]
pub fn client_get(settings: Array, id: &JsValue, options: &JsValue) -> Promise {
    begin(Some(settings), options, options::GET, |_| get(id))
}

/// Checks a client's options. Gives the list that its calls take as `settings`, or the error.
#[wasm_bindgen(skip_typescript)]
pub fn settle(options: &JsValue) -> JsValue {
    Client::settle(options).map_or_else(settled, JsValue::from)
}

/// The state of a client's rate limit.
#[wasm_bindgen(js_name = rateLimit, skip_typescript)]
pub fn rate_limit(settings: Array) -> JsValue {
    let Ok(client) = Client::settled(&settings) else {
        return JsValue::UNDEFINED;
    };
    let state = match client.pace {
        Some(pace) => turn::status(client.base.origin(), pace),
        None => RateLimit::OFF,
    };
    errors::plain(&state)
}

/// An error given back rather than thrown, so that whatever is thrown is a trap.
fn settled(stop: Stop) -> JsValue {
    rejection(stop, &JsValue::UNDEFINED)
}

fn list(values: &Values) -> Result<(Endpoint, Want), Stop> {
    let page = values.check("page", check::page)?;
    let per_page = values.check("perPage", |given| check::per_page(given, 10))?;
    Ok((
        Endpoint::List { page, per_page },
        Want::Page { page, per_page },
    ))
}

fn get(id: &JsValue) -> Result<(Endpoint, Want), Stop> {
    match id.as_string().filter(|id| crate::runner::is_uuid(id)) {
        Some(id) => Ok((Endpoint::Get { id }, Want::Runner)),
        None => Err(options::bad("id", "a UUID", id)),
    }
}

/// Checks the options at once, so that later changes to them change nothing, and starts the call.
fn begin(
    settings: Option<Array>,
    options: &JsValue,
    table: Table,
    endpoint: impl FnOnce(&Values) -> Result<(Endpoint, Want), Stop>,
) -> Promise {
    let call = || {
        let values = Values::read(options, table)?;
        let client = match &settings {
            Some(settings) => Client::settled(settings),
            None => Client::new(&values),
        }?;
        let (endpoint, want) = endpoint(&values)?;
        Call::new(client, &values, &endpoint, want)
    };
    match call() {
        Err(stop) => Promise::reject(&settled(stop)),
        Ok(call) if errors::get(&call.signal, "aborted").is_truthy() => {
            Promise::reject(&rejection(Stop::Aborted, &call.signal))
        }
        Ok(call) => future_to_promise(async move {
            call.run()
                .await
                .map_err(|stop| rejection(stop, &call.signal))
        }),
    }
}
