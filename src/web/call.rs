//! One call: token → slot → attempt → decode, repeated until it succeeds or the policy gives up.

use std::cell::Cell;
use std::rc::Rc;

use comfycontrol_decode::Page;
use js_sys::Math;
use web_sys::{AbortSignal, Response};

use super::call_error::CallError;
use super::cancellation::check_aborted;
use super::client::Client;
use super::events::Listeners;
use super::fetch::{Failed, Received, Request};
use super::host;
use super::ledger::Entry;
use super::options::{RequestOptions, Token};
use super::queue::{Lease, SlotRequest};
use super::response_of::AnswerInfo;
use super::token;
use super::trap::{self, TrapPoint};
use crate::endpoint::Endpoint;
use crate::event::{ClientEvent, WaitReason};
use crate::limiter::Priority;
use crate::redact::Secrets;
use crate::retry::{Next, RetryState};

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// The result of a call.
pub struct Answered {
    pub page: Page,
    pub answer: Option<AnswerInfo>,
}

/// The result of one attempt.
struct Attempted {
    /// What the call remembers of the answer, if there was one.
    answer: Option<AnswerInfo>,
    /// The failure is one that the retry policy decides about.
    result: Result<Page, Failed>,
}

/// A call with checked options.
pub struct Call {
    client: Rc<Client>,
    endpoint: Endpoint,
    /// Whether the call needs [`Page::keys`]: those of an enumeration do.
    needs_keys: bool,
    listeners: Listeners,
    signal: Option<AbortSignal>,
    priority: Priority,
    timeout_ms: u32,
    retries: RetryState,
    path: String,
    secrets: Secrets,
    number: u32,
    attempt: u32,
    /// This attempt in the ledger of a shared limit.
    entry: Option<Entry>,
}

impl Call {
    pub fn new(
        client: Rc<Client>,
        endpoint: Endpoint,
        needs_keys: bool,
        options: &RequestOptions,
    ) -> Self {
        let max_retries = options.max_retries.unwrap_or(client.max_retries);
        let can_refresh_token = matches!(client.token, Some(Token::Function(_)));
        CALLS.set(CALLS.get().wrapping_add(1));
        let path = endpoint.path(&client.base);
        Self {
            listeners: Listeners::new(client.on_event.clone(), options.context.clone()),
            signal: options.signal.clone(),
            priority: options.priority.unwrap_or_default(),
            timeout_ms: options.timeout.unwrap_or(client.timeout_ms),
            retries: RetryState::new(max_retries, can_refresh_token),
            path,
            secrets: Secrets::default(),
            number: CALLS.get(),
            attempt: 1,
            entry: None,
            client,
            endpoint,
            needs_keys,
        }
    }

    /// Makes attempts until one of them succeeds or the policy gives up.
    ///
    /// # Errors
    /// A `ComfyControlError`, or the signal's reason.
    pub async fn run(self) -> Result<Answered, CallError> {
        check_aborted(self.signal())?;
        let token = self.ask_token().await?;
        self.run_with(token).await
    }

    /// [`run`](Self::run) with a token that was asked for before.
    pub async fn run_with(mut self, mut token: Option<String>) -> Result<Answered, CallError> {
        loop {
            trap::point(TrapPoint::Call);
            if let Some(token) = &token {
                self.secrets.add(token);
                // It is in the base URL, too, if the caller put it there.
                self.secrets.redact(&mut self.path);
            }
            let lease = self.slot().await?;
            self.entry = lease.entry();
            let Attempted { answer, result } = self.attempt(token.as_deref(), lease).await?;
            let wait_ms = match result {
                Ok(page) => return Ok(Answered { page, answer }),
                Err(failed) => self.after_failure(failed, answer)?,
            };
            self.attempt += 1;
            if wait_ms > 0.0 {
                let _ = host::sleep(wait_ms.ceil(), self.signal()).await;
                check_aborted(self.signal())?;
            }
            token = self.ask_token().await?;
        }
    }

    fn signal(&self) -> Option<&AbortSignal> {
        self.signal.as_ref()
    }

    /// Asks for the token of the next request.
    async fn ask_token(&self) -> Result<Option<String>, CallError> {
        let context = self.listeners.context();
        token::ask(&self.client, context, self.timeout_ms, self.signal()).await
    }

    /// Waits for a slot in the rate limit.
    async fn slot(&self) -> Result<Lease, CallError> {
        let request = SlotRequest {
            client: &self.client,
            path: &self.path,
            priority: self.priority,
            timeout_ms: self.timeout_ms,
            signal: self.signal(),
        };
        let on_wait = |reason, wait_ms| self.emit_wait(reason, wait_ms);
        let on_ledger = |state, requests| {
            self.emit(|time| ClientEvent::Ledger {
                call: self.number,
                time,
                state,
                requests,
            });
        };
        request.take(on_wait, on_ledger).await
    }

    /// Makes one attempt.
    ///
    /// # Errors
    /// What ends the call without a retry: no `fetch`, or an abort.
    async fn attempt(&self, token: Option<&str>, lease: Lease) -> Result<Attempted, CallError> {
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
            context: self.listeners.context(),
            timeout_ms: self.timeout_ms,
            signal: self.signal(),
            secrets: &self.secrets,
        };
        let outcome = request.send(token)?.await?;
        let Received { response, result } = request.received(&outcome, lease)?;
        let duration_ms = host::now() - started_at;
        self.emit(|time| ClientEvent::Response {
            call,
            time,
            attempt,
            path: self.path.clone(),
            status: response.as_ref().map(Response::status),
            error: result.as_ref().err().map(|failed| failed.failure.code),
            duration_ms,
        });
        let answer = response.map(|response| AnswerInfo {
            response,
            attempts: attempt,
            duration_ms,
            token: token.map(str::to_owned),
        });
        Ok(Attempted { answer, result })
    }

    /// How long to wait before the next attempt, in milliseconds; or the error that ends the call.
    fn after_failure(
        &mut self,
        failed: Failed,
        answer: Option<AnswerInfo>,
    ) -> Result<f64, CallError> {
        let Failed {
            mut failure,
            attempt,
            cause,
        } = failed;
        failure.redact(&self.secrets);
        let decision = self.retries.after_failure(attempt, Math::random());
        if let Some(cooldown_ms) = decision.cooldown_ms {
            self.client.origin.cool_down(cooldown_ms);
            if let Some(entry) = &self.entry {
                entry.freeze(cooldown_ms);
            }
            self.emit(|time| ClientEvent::Cooldown {
                call: self.number,
                time,
                until: time + cooldown_ms,
            });
        }
        let (wait_ms, charged) = match decision.next {
            Next::Retry { wait_ms, charged } => (wait_ms, charged),
            Next::GiveUp { pause_ms } => {
                failure.retry_at = pause_ms.map(|pause_ms| host::epoch() + pause_ms);
                return Err(CallError::new(failure, cause, answer));
            }
        };
        self.emit(|time| ClientEvent::Retry {
            call: self.number,
            time,
            attempt: self.attempt,
            error: failure.code,
            status: failure.status,
            wait_ms,
            charged,
        });
        // Not if the call's own backoff is longer.
        let is_cooldown = decision.cooldown_ms == Some(wait_ms);
        if is_cooldown && self.client.pace.is_some() {
            // Calls wait in the queue until a cooldown ends.
            return Ok(0.0);
        }
        let reason = if is_cooldown {
            WaitReason::Cooldown
        } else {
            WaitReason::Backoff
        };
        if wait_ms > 0.0 {
            self.emit_wait(reason, wait_ms);
        }
        Ok(wait_ms)
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

    /// Reports an event to the listeners, if there are any.
    fn emit(&self, event: impl FnOnce(f64) -> ClientEvent) {
        self.listeners.emit(event);
    }
}
