//! One attempt: an exchange through the caller's `fetch`, and what came of it.

use gloo_net::http::Response;
use js_sys::{Array, JsString, Uint8Array};
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;

use super::call::Call;
use super::errors::{Stop, issue};
use super::{host, rows};
use crate::error::Failure;
use crate::response::{self, Head, MAX_BODY};
use crate::retry::{Attempt, Cause};

/// What came of an attempt.
pub enum Outcome {
    Result(JsValue),
    /// The failure, what the policy must know, and what the host threw.
    Failed(Failure, Attempt, Option<JsValue>),
}

/// Makes one attempt.
pub async fn attempt(call: &Call, timeout: u32, token: Option<&str>) -> Result<Outcome, Stop> {
    let authorization = token.map(|token| JsString::from(["Bearer ", token].concat()));
    let url = &call.request.url;
    let exchange = host::exchange(
        &call.client.fetch,
        url,
        authorization,
        timeout,
        &call.signal,
        MAX_BODY,
    );
    let answer: Array = JsFuture::from(exchange)
        .await
        .unwrap_or_default()
        .unchecked_into();
    let path = &call.request.path;
    let failed = |(failure, attempt)| Ok(Outcome::Failed(failure, attempt, None));
    let broken = |failure, cause| {
        let attempt = Attempt {
            cause: Some(cause),
            retry_after: None,
        };
        let thrown = (answer.length() > 1).then(|| answer.get(1));
        Ok(Outcome::Failed(failure, attempt, thrown))
    };
    match answer.get(0).as_string().as_deref() {
        None => {}
        Some("abort") => return Err(Stop::Aborted),
        Some("timeout") => return broken(Failure::timeout(path, timeout), Cause::Timeout),
        Some("large") => return failed(response::too_large(path, &head(&answer.get(2)))),
        Some(_) => {
            let why = host::reason(&answer.get(1));
            return broken(Failure::connection(path, &why), Cause::Connection);
        }
    }
    let bytes: Uint8Array = answer.get(1).unchecked_into();
    let body = rows::body(&bytes);
    let response = answer.get(0);
    let status = Response::from(response.clone().unchecked_into::<web_sys::Response>()).status();
    if !response::is_success(status) {
        return failed(response::refused(
            path,
            &head(&response),
            &body,
            host::epoch(),
        ));
    }
    let on_invalid = call.client.on_invalid.as_ref();
    match rows::read(&bytes, &body, call.want, on_invalid.is_some()) {
        Err(problem) => failed(response::malformed(path, &head(&response), &body, &problem)),
        Ok((result, invalid)) => {
            for problem in &invalid {
                if let Some(listener) = on_invalid {
                    host::tell(listener, &issue(&response::issue(&body, problem)));
                }
            }
            Ok(Outcome::Result(result))
        }
    }
}

/// Status and headers; what a foreign `Response` cannot tell counts as absent.
fn head(response: &JsValue) -> Head {
    let response = Response::from(response.clone().unchecked_into::<web_sys::Response>());
    let headers = response.headers().into_raw();
    let get = |name| headers.get(name).ok().flatten();
    Head {
        status: response.status(),
        content_type: get("content-type"),
        retry_after: get("retry-after"),
        date: get("date"),
    }
}
