//! One attempt: an exchange through `fetch`, and the reading of its answer.

use comfycontrol_decode::{self as decode, Body, Page};
use gloo_net::http::Response;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::AbortSignal;

use super::client::Client;
use super::error::to_js;
use super::host::{self, Ending, Exchange, check_aborted, describe_thrown, notify};
use super::queue::Lease;
use super::trap::{self, TrapPoint};
use crate::endpoint::Endpoint;
use crate::error::Failure;
use crate::limiter::End;
use crate::redact::Secrets;
use crate::response::{self, Head, MAX_BODY_BYTES};
use crate::retry::{Cause, FailedAttempt};
use crate::text::concat;

/// The parts of a request.
pub struct Request<'a> {
    pub client: &'a Client,
    pub endpoint: &'a Endpoint,
    /// The path that messages show.
    pub path: &'a str,
    /// Whether to fill [`Page::keys`], for an enumeration.
    pub needs_keys: bool,
    pub token: Option<&'a str>,
    pub timeout_ms: u32,
    pub signal: Option<&'a AbortSignal>,
    pub secrets: &'a Secrets,
}

/// Why an attempt failed.
pub struct Failed {
    pub failure: Failure,
    pub attempt: FailedAttempt,
    /// What `fetch` threw, if it did.
    pub cause: Option<JsValue>,
}

impl From<(Failure, FailedAttempt)> for Failed {
    fn from((failure, attempt): (Failure, FailedAttempt)) -> Self {
        Self {
            failure,
            attempt,
            cause: None,
        }
    }
}

/// Makes one attempt. Returns the status, if there was an answer, and the page or the failure.
///
/// # Errors
/// The signal's reason.
pub async fn attempt(
    request: &Request<'_>,
    lease: Lease,
) -> Result<(Option<u16>, Result<Page, Failed>), JsValue> {
    let authorization = request.token.map(|token| concat(&["Bearer ", token]));
    let outcome = host::exchange(
        &request.client.fetch()?,
        &request.endpoint.url(&request.client.base),
        authorization.as_deref(),
        MAX_BODY_BYTES,
        request.timeout_ms,
        request.signal,
    )
    .await?;
    let value = outcome.value();
    let ending = outcome.ending();
    lease.finish(match ending {
        Ending::Done | Ending::TooLarge => End::Answered,
        _ => End::Unanswered,
    });
    trap::point(TrapPoint::Answer);
    let path = request.path;
    match ending {
        Ending::Done | Ending::TooLarge => {
            let exchange: Exchange = value.unchecked_into();
            let response = Response::from(exchange.response());
            let result = if ending == Ending::Done {
                read(request, &response, &exchange.body())
            } else {
                Err(response::too_large(path, &head(&response)).into())
            };
            Ok((Some(response.status()), result))
        }
        Ending::TimedOut => {
            let failure = Failure::timeout(path, request.timeout_ms);
            Ok((None, Err((failure, Cause::Timeout.into()).into())))
        }
        Ending::Aborted => {
            check_aborted(request.signal)?;
            Err(JsValue::UNDEFINED)
        }
        _ => {
            let mut failure = Failure::connection(path, &describe_thrown(&value));
            let mut attempt = FailedAttempt::from(Cause::Connection);
            if ending == Ending::Unusable {
                failure.retryable = false;
                attempt = FailedAttempt::default();
            }
            let cause = Some(value);
            Ok((
                None,
                Err(Failed {
                    failure,
                    attempt,
                    cause,
                }),
            ))
        }
    }
}

/// Reads the page or the runner in the body.
fn read(request: &Request, response: &Response, bytes: &Uint8Array) -> Result<Page, Failed> {
    let mut body = Body::with_len(bytes.length() as usize);
    bytes.copy_to(body.bytes_mut());
    let status = response.status();
    if !(200..300).contains(&status) {
        let (path, head) = (request.path, head(response));
        return Err(
            response::error_status(path, &head, &body, host::epoch(), js_sys::Date::parse).into(),
        );
    }
    let on_invalid_runner = request.client.on_invalid_runner.as_ref();
    let options = decode::Options {
        collect_invalid: on_invalid_runner.is_some(),
        keys: request.needs_keys,
        number: Some(parse_number),
    };
    let page = match request.endpoint {
        Endpoint::List { .. } => decode::read_page(&body, options),
        Endpoint::Runner { .. } => decode::read_runner(&body, options),
    };
    let page =
        page.map_err(|problem| response::bad_body(request.path, &head(response), &body, &problem))?;
    if let Some(listener) = on_invalid_runner {
        for problem in &page.invalid {
            let mut issue = response::issue(&body, problem);
            issue.redact(request.secrets);
            notify(listener, &to_js(&issue));
        }
    }
    Ok(page)
}

fn head(response: &Response) -> Head {
    let headers = response.headers();
    Head {
        status: response.status(),
        content_type: headers.get("content-type"),
        retry_after: headers.get("retry-after"),
        date: headers.get("date"),
    }
}

/// The double that a JSON number stands for.
fn parse_number(text: &str) -> f64 {
    js_sys::parse_float(text)
}
