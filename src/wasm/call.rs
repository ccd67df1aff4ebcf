//! One call, from its options to its result: every decision is asked of the plain Rust policies.

use std::cell::Cell;

use js_sys::Array;
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;

use super::errors::{Stop, plain};
use super::options::{self, Client, Token, Values};
use super::rows::Want;
use super::{fetch, host, turn};
use crate::error::Failure;
use crate::event::{ClientEvent, WaitReason};
use crate::limiter::Reason;
use crate::options as check;
use crate::request::{Endpoint, Request};
use crate::retry::{Attempt, LONGEST_PAUSE, Tries, Verdict};

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// A call whose options are checked.
pub struct Call {
    pub client: Client,
    pub signal: JsValue,
    pub request: Request,
    pub want: Want,
    timeout: u32,
    max_retries: u32,
    number: u32,
}

impl Call {
    /// Checks the options of a request. `options` were read from what the caller passed.
    pub fn new(
        client: Client,
        options: &Values,
        endpoint: &Endpoint,
        want: Want,
    ) -> Result<Self, Stop> {
        let timeout = options.check("timeout", |given| check::timeout(given, client.timeout))?;
        let max_retries = options.check("maxRetries", |given| {
            check::max_retries(given, client.max_retries)
        })?;
        let request = Request::new(&client.base, endpoint);
        CALLS.set(CALLS.get().wrapping_add(1));
        Ok(Self {
            signal: options.signal()?,
            request,
            want,
            timeout,
            max_retries,
            number: CALLS.get(),
            client,
        })
    }

    /// Makes attempts until one of them succeeds or the policy gives up.
    pub async fn run(&self) -> Result<JsValue, Stop> {
        let origin = self.client.base.origin();
        let refreshable = matches!(self.client.token, Token::Ask(_));
        let mut tries = Tries::new(self.max_retries, refreshable);
        let mut number = 0;
        loop {
            number += 1;
            let token = self.token().await?;
            let place = turn::take(origin, self.client.pace, &self.signal, |reason, wait| {
                let reason = match reason {
                    Reason::Window => WaitReason::RateLimit,
                    Reason::Cooldown => WaitReason::Cooldown,
                };
                self.waiting(number, reason, wait);
            })
            .await?;
            let attempt = self.attempt(number, token.as_deref()).await;
            drop(place);
            let (mut failure, attempt, cause) = match attempt? {
                fetch::Outcome::Result(result) => return Ok(result),
                fetch::Outcome::Failed(failure, attempt, cause) => (failure, attempt, cause),
            };
            if let Some(token) = &token {
                failure.redact(token);
            }
            self.next(&mut tries, number, failure, attempt, cause)
                .await?;
        }
    }

    /// After a failed attempt: waits as the policy says, or ends the call.
    async fn next(
        &self,
        tries: &mut Tries,
        number: u32,
        mut failure: Failure,
        attempt: Attempt,
        cause: Option<JsValue>,
    ) -> Result<(), Stop> {
        let origin = self.client.base.origin();
        let limited = failure.status == Some(429);
        let charged = tries.charged();
        let verdict = tries.after(&attempt, js_sys::Math::random());
        let pause = match verdict {
            Verdict::Cooldown { wait } | Verdict::Retry { wait } => Some(wait),
            Verdict::GiveUp { pause } => pause,
            Verdict::RefreshToken => None,
        };
        if let (true, Some(pause)) = (limited, pause) {
            let pause = pause.min(LONGEST_PAUSE);
            turn::freeze(origin, pause);
            self.tell(|call, time| ClientEvent::Cooldown {
                call,
                time,
                until: time + pause,
            });
        }
        let wait = match verdict {
            Verdict::GiveUp { pause } => {
                if let Some(pause) = pause {
                    failure = failure.retry_at(host::epoch() + pause);
                }
                return Err(Stop::Failed(failure, cause));
            }
            Verdict::RefreshToken => 0.0,
            Verdict::Cooldown { wait } | Verdict::Retry { wait } => wait,
        };
        self.tell(|call, time| ClientEvent::Retry {
            call,
            time,
            attempt: number,
            error: failure.code.as_str(),
            status: failure.status,
            wait_ms: wait,
            charged: tries.charged() > charged,
        });
        // A cooldown is waited for in the queue, where everybody waits; without pacing, here.
        let queued = limited && self.client.pace.is_some();
        if wait > 0.0 && !queued {
            let reason = if limited {
                WaitReason::Cooldown
            } else {
                WaitReason::Backoff
            };
            self.waiting(number, reason, wait);
            let pause = host::Pause::new(Some(wait.ceil()), &self.signal);
            let over = JsFuture::from(pause.promise()).await;
            if over.is_ok_and(|over| over.is_falsy()) {
                return Err(Stop::Aborted);
            }
        }
        Ok(())
    }

    async fn attempt(&self, attempt: u32, token: Option<&str>) -> Result<fetch::Outcome, Stop> {
        let path = &self.request.path;
        self.tell(|call, time| ClientEvent::Request {
            call,
            time,
            attempt,
            path: path.clone(),
        });
        let start = host::now();
        let outcome = fetch::attempt(self, self.timeout, token).await;
        let (status, error) = match &outcome {
            Ok(fetch::Outcome::Result(_)) => (Some(200), None),
            Ok(fetch::Outcome::Failed(failure, ..)) => {
                (failure.status, Some(failure.code.as_str()))
            }
            Err(_) => return outcome,
        };
        self.tell(|call, time| ClientEvent::Response {
            call,
            time,
            attempt,
            path: path.clone(),
            status,
            error,
            duration_ms: host::now() - start,
        });
        outcome
    }

    /// The token for the next request.
    async fn token(&self) -> Result<Option<String>, Stop> {
        let function = match &self.client.token {
            Token::None => return Ok(None),
            Token::Text(token) => return Ok(Some(token.clone())),
            Token::Ask(function) => function,
        };
        let answer = JsFuture::from(host::ask(function, self.timeout, &self.signal)).await;
        let answer: Array = answer.unwrap_or_default().unchecked_into();
        let given = answer.get(1);
        match answer.get(0).as_string().as_deref() {
            Some("abort") => Err(Stop::Aborted),
            Some("timeout") => Err(Failure::token_timeout(self.timeout).into()),
            Some(_) => {
                let failure =
                    Failure::option("token", "a function that gives a token", "one that throws");
                Err(Stop::Failed(failure, Some(given)))
            }
            None => match given.as_string() {
                Some(token) => options::checked_token("token", token).map(Some),
                None => Err(options::secret(
                    "token",
                    "a function that gives a string",
                    &given,
                )),
            },
        }
    }

    fn waiting(&self, attempt: u32, reason: WaitReason, wait_ms: f64) {
        self.tell(|call, time| ClientEvent::Wait {
            call,
            time,
            attempt,
            reason,
            wait_ms,
        });
    }

    /// Tells `onEvent`, where there is one.
    fn tell(&self, event: impl FnOnce(u32, f64) -> ClientEvent) {
        if let Some(listener) = &self.client.on_event {
            host::tell(listener, &plain(&event(self.number, host::epoch())));
        }
    }
}
