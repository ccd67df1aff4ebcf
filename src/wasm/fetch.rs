//! One attempt: an exchange through the caller's `fetch`, and what came of it.

use gloo_net::http::Response;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::JsCast;

use super::call::Call;
use super::errors::plain;
use super::host::{self, Outcome as Answer};
use super::rows::{self, Read};
use crate::error::{Failure, concat};
use crate::response::{self, Head, MAX_BODY};
use crate::retry::{Attempt, Cause};

/// What came of an attempt.
pub enum Outcome {
    Result(Box<Read>),
    /// The failure, and what the policy must know.
    Failed(Box<Failure>, Attempt),
}

/// Sends a call's request.
pub fn start(call: &Call) -> Promise {
    let authorization = match &call.token {
        Some(token) => concat(&["Bearer ", token]),
        None => String::new(),
    };
    host::exchange(
        &call.client.fetch,
        &call.request.url,
        &authorization,
        call.timeout,
        &call.signal,
        MAX_BODY,
    )
}

/// What the answer of an exchange that ended in `ending`, other than by the signal, means.
pub fn outcome(call: &Call, ending: u32, answer: &Answer) -> Outcome {
    let path = &call.request.path;
    let (failure, attempt) = match ending {
        host::DONE => {
            let bytes: Uint8Array = answer.value().unchecked_into();
            let body = rows::body(&bytes);
            let response = response(answer);
            if response::is_success(response.status()) {
                let on_invalid = call.client.on_invalid.as_ref();
                match rows::read(&body, call.want, on_invalid.is_some()) {
                    Ok(read) => {
                        if let Some(listener) = on_invalid {
                            for problem in &read.problems {
                                let mut issue = response::issue(&body, problem);
                                if let Some(token) = &call.token {
                                    issue.redact(token);
                                }
                                host::tell(listener, &plain(&issue));
                            }
                        }
                        return Outcome::Result(Box::new(read));
                    }
                    Err(problem) => response::malformed(path, &head(&response), &body, &problem),
                }
            } else {
                response::refused(path, &head(&response), &body, host::epoch())
            }
        }
        host::LARGE => response::too_large(path, &head(&response(answer))),
        host::TIMEOUT => retried(Failure::timeout(path, call.timeout), Cause::Timeout),
        _ => {
            let why = host::reason(&answer.value());
            retried(Failure::connection(path, &why), Cause::Connection)
        }
    };
    Outcome::Failed(Box::new(failure), attempt)
}

fn retried(failure: Failure, cause: Cause) -> (Failure, Attempt) {
    let attempt = Attempt {
        cause: Some(cause),
        retry_after: None,
    };
    (failure, attempt)
}

fn response(answer: &Answer) -> Response {
    Response::from(answer.get(2).unchecked_into::<web_sys::Response>())
}

/// Status and headers; what a foreign `Response` cannot tell counts as absent.
fn head(response: &Response) -> Head {
    let headers = response.headers().into_raw();
    let get = |name| headers.get(name).ok().flatten();
    Head {
        status: response.status(),
        content_type: get("content-type"),
        retry_after: get("retry-after"),
        date: get("date"),
    }
}
