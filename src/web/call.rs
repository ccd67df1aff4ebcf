//! One call: token → slot → attempt → decode, repeated until it succeeds or the policy gives up.

use std::cell::Cell;
use std::rc::Rc;

use comfycontrol_decode::Page;
use js_sys::Math;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::client::{Client, check_token};
use super::error::{caused, to_js, unexpected};
use super::fetch::{self, Failed, Request};
use super::host::{self, Ending, check_aborted, notify};
use super::options::{RequestOptions, Token};
use super::queue::{self, Lease};
use super::trap::{self, TrapPoint};
use crate::endpoint::Endpoint;
use crate::error::Failure;
use crate::event::{ClientEvent, WaitReason};
use crate::limiter::LONGEST_COOLDOWN_MS;
use crate::redact::Secrets;
use crate::retry::{RetryDecision, RetryState};

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// A call with checked options.
pub struct Call {
    client: Rc<Client>,
    endpoint: Endpoint,
    /// Whether the call needs [`Page::keys`]: those of an enumeration do.
    needs_keys: bool,
    signal: Option<AbortSignal>,
    timeout_ms: u32,
    retries: RetryState,
    path: String,
    secrets: Secrets,
    number: u32,
    attempt: u32,
}

impl Call {
    pub fn new(
        client: Rc<Client>,
        endpoint: Endpoint,
        needs_keys: bool,
        options: RequestOptions,
    ) -> Self {
        let max_retries = options.max_retries.unwrap_or(client.max_retries);
        let can_refresh_token = matches!(client.token, Some(Token::Function(_)));
        CALLS.set(CALLS.get().wrapping_add(1));
        Self {
            signal: options.signal,
            timeout_ms: options.timeout.unwrap_or(client.timeout_ms),
            retries: RetryState::new(max_retries, can_refresh_token),
            path: endpoint.path(&client.base),
            secrets: Secrets::default(),
            number: CALLS.get(),
            attempt: 1,
            client,
            endpoint,
            needs_keys,
        }
    }

    /// Makes attempts until one of them succeeds or the policy gives up.
    ///
    /// # Errors
    /// A `ComfyControlError`, or the signal's reason.
    pub async fn run(mut self) -> Result<Page, JsValue> {
        check_aborted(self.signal())?;
        loop {
            trap::point(TrapPoint::Call);
            let token = self.token().await?;
            let lease = self.slot().await?;
            let failed = match self.attempt(token.as_deref(), lease).await? {
                Ok(page) => return Ok(page),
                Err(failed) => failed,
            };
            let wait_ms = self.after_failure(failed)?;
            self.attempt += 1;
            if wait_ms > 0.0 {
                let _ = host::sleep(wait_ms.ceil(), self.signal()).await;
                check_aborted(self.signal())?;
            }
        }
    }

    fn signal(&self) -> Option<&AbortSignal> {
        self.signal.as_ref()
    }

    /// The token for the next request.
    async fn token(&mut self) -> Result<Option<String>, JsValue> {
        let token = match &self.client.token {
            None => return Ok(None),
            Some(Token::Fixed(token)) => token.clone(),
            Some(Token::Function(function)) => {
                let outcome = host::call(function, self.timeout_ms, self.signal()).await?;
                let value = outcome.value();
                check_aborted(self.signal())?;
                match outcome.ending() {
                    Ending::Done => {
                        let token = value.as_string().ok_or_else(|| {
                            unexpected("token", "a function that returns a string", &value)
                        })?;
                        check_token(&token, "token")?;
                        token
                    }
                    Ending::Failed => {
                        let expected = "a function that returns a token";
                        let failure = Failure::option("token", expected, "one that throws");
                        return Err(caused(&failure, &value));
                    }
                    _ => return Err(Failure::token_timeout(self.timeout_ms).into()),
                }
            }
        };
        self.secrets.add(&token);
        Ok(Some(token))
    }

    /// Waits for a slot in the rate limit.
    async fn slot(&self) -> Result<Lease, JsValue> {
        let on_wait = |reason, wait_ms| self.emit_wait(reason, wait_ms);
        let (client, signal) = (&self.client, self.signal());
        queue::take_slot(client, &self.path, self.timeout_ms, signal, on_wait).await
    }

    /// Makes one attempt. `Ok(Err(_))` is a failure that the retry policy decides about; `Err(_)` ends
    /// the call.
    async fn attempt(
        &self,
        token: Option<&str>,
        lease: Lease,
    ) -> Result<Result<Page, Failed>, JsValue> {
        let (call, attempt) = (self.number, self.attempt);
        let started_at = host::now();
        self.emit(|time| ClientEvent::Request {
            call,
            time,
            attempt,
            path: self.path.clone(),
        });
        let request = Request {
            client: &self.client,
            endpoint: &self.endpoint,
            path: &self.path,
            needs_keys: self.needs_keys,
            token,
            timeout_ms: self.timeout_ms,
            signal: self.signal(),
            secrets: &self.secrets,
        };
        let (status, result) = fetch::attempt(&request, lease).await?;
        self.emit(|time| ClientEvent::Response {
            call,
            time,
            attempt,
            path: self.path.clone(),
            status,
            error: result.as_ref().err().map(|failed| failed.failure.code),
            duration_ms: host::now() - started_at,
        });
        Ok(result)
    }

    /// How long to wait before the next attempt, in milliseconds; or the error that ends the call.
    fn after_failure(&mut self, failed: Failed) -> Result<f64, JsValue> {
        let Failed {
            mut failure,
            attempt,
            cause,
        } = failed;
        failure.redact(&self.secrets);
        let charged_before = self.retries.charged();
        let decision = self.retries.after_failure(attempt, Math::random());
        let is_429 = failure.status == Some(429);
        let pause_ms = match decision {
            RetryDecision::Retry { wait_ms } | RetryDecision::Cooldown { wait_ms } => wait_ms,
            RetryDecision::RefreshToken => 0.0,
            RetryDecision::GiveUp { pause_ms } => pause_ms.unwrap_or(0.0),
        };
        if (is_429 && pause_ms > 0.0) || pause_ms > LONGEST_COOLDOWN_MS {
            queue::cool_down(&self.client.limiter, host::now() + pause_ms);
            self.emit(|time| ClientEvent::Cooldown {
                call: self.number,
                time,
                until: time + pause_ms,
            });
        }
        if let RetryDecision::GiveUp { pause_ms } = decision {
            failure.retry_at = pause_ms.map(|pause_ms| host::epoch() + pause_ms);
            return Err(match cause {
                Some(cause) => caused(&failure, &cause),
                None => failure.into(),
            });
        }
        self.emit(|time| ClientEvent::Retry {
            call: self.number,
            time,
            attempt: self.attempt,
            error: failure.code,
            status: failure.status,
            wait_ms: pause_ms,
            charged: self.retries.charged() > charged_before,
        });
        // With pacing, calls wait in the queue until a cooldown ends. Without pacing, this call waits here.
        if pause_ms == 0.0 || (is_429 && self.client.pace.is_some()) {
            return Ok(0.0);
        }
        let reason = if is_429 {
            WaitReason::Cooldown
        } else {
            WaitReason::Backoff
        };
        self.emit_wait(reason, pause_ms);
        Ok(pause_ms)
    }

    fn emit_wait(&self, reason: WaitReason, wait_ms: f64) {
        self.emit(|time| ClientEvent::Wait {
            call: self.number,
            time,
            attempt: self.attempt,
            reason,
            wait_ms,
        });
    }

    /// Calls `onEvent`, if it is given.
    fn emit(&self, event: impl FnOnce(f64) -> ClientEvent) {
        if let Some(listener) = &self.client.on_event {
            notify(listener, &to_js(&event(host::epoch())));
        }
    }
}
