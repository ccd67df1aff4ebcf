//! One attempt: an exchange through `fetch`, and the reading of its answer.

use comfycontrol_decode::{self as decode, Body, OnInvalid, Page};
use gloo_net::http::Response;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::AbortSignal;

use super::cancellation::check_aborted;
use super::client::Client;
use super::context::AsyncContext;
use super::error::{describe_thrown, to_js};
use super::events::notify_in;
use super::exchange::{Answer, exchange, request_id_of};
use super::host::{self, Ending, Outcome};
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
    /// Where the caller's functions run.
    pub context: Option<&'a AsyncContext>,
    pub timeout_ms: u32,
    pub signal: Option<&'a AbortSignal>,
    pub secrets: &'a Secrets,
}

/// What came back from an attempt.
pub struct Received {
    /// The response, if there was one.
    pub response: Option<web_sys::Response>,
    pub result: Result<Page, Failed>,
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

impl Request<'_> {
    /// Sends the request.
    pub fn send(&self, token: Option<&str>) -> Result<Promise<Outcome>, Failure> {
        let authorization = token.map(|token| concat(&["Bearer ", token]));
        Ok(exchange(
            self.context,
            &self.client.fetch()?,
            &self.endpoint.url(&self.client.base),
            authorization.as_deref(),
            &self.client.init,
            MAX_BODY_BYTES,
            self.timeout_ms,
            self.signal,
        ))
    }

    /// Reads what came back. Gives the slot back.
    ///
    /// # Errors
    /// The signal's reason.
    pub fn received(&self, outcome: &Outcome, lease: Lease) -> Result<Received, JsValue> {
        let value = outcome.value();
        let ending = outcome.ending();
        let is_answered = matches!(ending, Ending::Done | Ending::TooLarge);
        lease.finish(if is_answered {
            End::Answered
        } else {
            End::Unanswered
        });
        trap::point(TrapPoint::Answer);
        if is_answered {
            let answer: Answer = value.unchecked_into();
            let bytes = answer.bytes();
            let response = web_sys::Response::from(answer);
            let result = if ending == Ending::Done {
                read(self, &response, &bytes)
            } else {
                Err(response::too_large(self.path, &head(&response)).into())
            };
            return Ok(Received {
                response: Some(response),
                result,
            });
        }
        if ending == Ending::Aborted {
            check_aborted(self.signal)?;
        }
        Ok(Received {
            response: None,
            result: Err(self.no_answer(ending, value)),
        })
    }

    /// Why there is no answer. `thrown` is what `fetch` threw, if it did.
    fn no_answer(&self, ending: Ending, thrown: JsValue) -> Failed {
        if ending == Ending::TimedOut {
            let failure = Failure::timeout(self.path, self.timeout_ms);
            return (failure, Cause::Timeout.into()).into();
        }
        let mut failure = Failure::connection(self.path, &describe_thrown(&thrown));
        let mut attempt = FailedAttempt::from(Cause::Connection);
        if ending == Ending::Unusable {
            failure.retryable = false;
            attempt = FailedAttempt::default();
        }
        Failed {
            failure,
            attempt,
            cause: Some(thrown),
        }
    }
}

/// Reads the page or the runner in the body.
fn read(
    request: &Request,
    response: &web_sys::Response,
    bytes: &Uint8Array,
) -> Result<Page, Failed> {
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
        on_invalid: match on_invalid_runner {
            Some(_) => OnInvalid::CollectRunners,
            None => OnInvalid::Fail,
        },
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
            notify_in(request.context, listener, &to_js(&issue));
        }
    }
    Ok(page)
}

fn head(raw: &web_sys::Response) -> Head {
    let response = Response::from(Clone::clone(raw));
    let headers = response.headers();
    Head {
        status: response.status(),
        content_type: headers.get("content-type"),
        retry_after: headers.get("retry-after"),
        date: headers.get("date"),
        request_id: request_id_of(raw),
    }
}

/// The double that a JSON number stands for.
fn parse_number(text: &str) -> f64 {
    js_sys::parse_float(text)
}
