//! One call, from its checked options to its result: every decision is asked of the plain Rust policies.
//!
//! A call goes forward in steps. Each ends in something to wait for or in the result, so that there
//! is a single `await`: the compiler turns every one into code that saves and drops what is alive.

use std::cell::Cell;

use js_sys::Promise;
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::errors::{error, get, plain};
use super::fetch::{self, Outcome};
use super::host::{self, Outcome as Answer};
use super::options::{self, Client, Token, Values};
use super::rows::{Read, Want};
use super::single::Single;
use super::trap::{self, Place};
use super::turn::{self, Queued};
use crate::error::Failure;
use crate::event::{
    ClientEvent, CooldownEvent, RequestEvent, ResponseEvent, RetryEvent, WaitEvent, WaitReason,
};
use crate::limiter::Reason;
use crate::options as check;
use crate::request::{Endpoint, Request};
use crate::retry::{Attempt, LONGEST_PAUSE, Tries, Verdict};

static CALLS: Single<Cell<u32>> = Single(Cell::new(0));

/// A call whose options are checked.
pub struct Call {
    pub client: Client,
    pub signal: JsValue,
    pub request: Request,
    pub want: Want,
    pub timeout: u32,
    number: u32,
    attempt: u32,
    tries: Tries,
    pub token: Option<String>,
    stage: Stage,
}

/// What the call waits for, or has still to do.
enum Stage {
    /// An attempt begins: the token first.
    Begin,
    Token,
    Queue(Queued),
    /// The answer to a request that started at this time.
    Exchange(f64),
    Backoff,
}

/// What a step ends in.
enum Next {
    Wait(Promise),
    Done(Box<Read>),
}

impl Call {
    /// Checks the options of a request. `options` were read from what the caller passed.
    pub fn new(
        client: Client,
        options: &Values,
        endpoint: &Endpoint,
        want: Want,
    ) -> Result<Self, JsValue> {
        let timeout = options.integer(options::TIMEOUT, client.timeout, check::timeout)?;
        let retries =
            options.integer(options::MAX_RETRIES, client.max_retries, check::max_retries)?;
        let signal = options.signal()?;
        let refreshable = matches!(client.token, Token::Ask(_));
        CALLS.set(CALLS.get().wrapping_add(1));
        Ok(Self {
            request: Request::new(&client.base, endpoint),
            signal,
            want,
            timeout,
            number: CALLS.get(),
            attempt: 0,
            tries: Tries::new(retries, refreshable),
            token: None,
            stage: Stage::Begin,
            client,
        })
    }

    /// Makes attempts until one of them succeeds or the policy gives up.
    pub fn start(mut self) -> Promise {
        if get(&self.signal, "aborted").is_truthy() {
            return Promise::reject(&self.aborted());
        }
        future_to_promise(async move { self.run().await.map(|read| read.value) })
    }

    /// As [`start`](Self::start), inside Rust.
    pub async fn run(&mut self) -> Result<Box<Read>, JsValue> {
        let mut answer = JsValue::UNDEFINED;
        loop {
            match self.step(answer.unchecked_ref())? {
                Next::Wait(promise) => {
                    // What the host gives to wait for never rejects.
                    answer = JsFuture::from(promise).await.unwrap_or_default();
                }
                Next::Done(read) => return Ok(read),
            }
        }
    }

    fn step(&mut self, answer: &Answer) -> Result<Next, JsValue> {
        match std::mem::replace(&mut self.stage, Stage::Begin) {
            Stage::Begin => self.begin(),
            Stage::Token => {
                self.token = Some(self.token(answer)?);
                self.queue()
            }
            Stage::Queue(queued) => {
                if answer.ending() == host::ABORTED {
                    queued.leave(self.client.lane);
                    return Err(self.aborted());
                }
                self.turn(queued, false)
            }
            Stage::Exchange(start) => self.answered(answer, start),
            Stage::Backoff if answer.ending() == host::ABORTED => Err(self.aborted()),
            Stage::Backoff => self.begin(),
        }
    }

    fn begin(&mut self) -> Result<Next, JsValue> {
        trap::point(Place::Call);
        self.attempt += 1;
        match &self.client.token {
            Token::None => self.queue(),
            Token::Text(token) => {
                self.token = Some(token.clone());
                self.queue()
            }
            Token::Ask(function) => {
                self.stage = Stage::Token;
                Ok(Next::Wait(host::ask(function, self.timeout, &self.signal)))
            }
        }
    }

    /// The token that a function gave.
    fn token(&self, answer: &Answer) -> Result<String, JsValue> {
        let given = answer.value();
        match answer.ending() {
            host::DONE => match given.as_string() {
                Some(token) => options::checked_token("token", token),
                None => Err(options::secret(
                    "token",
                    "a function that gives a string",
                    &given,
                )),
            },
            host::ABORTED => Err(self.aborted()),
            host::TIMEOUT => Err(error(&Failure::token_timeout(self.timeout), answer)),
            _ => {
                let failure =
                    Failure::option("token", "a function that gives a token", "one that throws");
                Err(error(&failure, answer))
            }
        }
    }

    fn queue(&mut self) -> Result<Next, JsValue> {
        if self.client.pace.is_none() {
            self.client.lane.borrow_mut().uninvited();
            return Ok(self.exchange());
        }
        let queued = Queued::join(self.client.lane, &self.signal);
        self.turn(queued, true)
    }

    /// Starts if it is this call's turn. `first` tells that it asks for the first time.
    fn turn(&mut self, queued: Queued, first: bool) -> Result<Next, JsValue> {
        trap::point(Place::Turn);
        let pace = self.client.pace.unwrap_or(crate::limiter::Pace::DOCUMENTED);
        let Some(promise) = queued.turn(self.client.lane, pace) else {
            return Ok(self.exchange());
        };
        if first && self.client.on_event.is_some() {
            let (reason, wait) = queued.outlook(self.client.lane, pace);
            let reason = match reason {
                Reason::Window => WaitReason::RateLimit,
                Reason::Cooldown => WaitReason::Cooldown,
            };
            self.waiting(reason, wait);
        }
        self.stage = Stage::Queue(queued);
        Ok(Next::Wait(promise))
    }

    fn exchange(&mut self) -> Next {
        if self.client.on_event.is_some() {
            self.tell(&ClientEvent::Request(RequestEvent {
                r#type: "request",
                call: self.number,
                time: host::epoch(),
                attempt: self.attempt,
                path: self.request.path.clone(),
            }));
        }
        self.stage = Stage::Exchange(host::now());
        Next::Wait(fetch::start(self))
    }

    fn answered(&mut self, answer: &Answer, start: f64) -> Result<Next, JsValue> {
        trap::point(Place::Answer);
        turn::finished(self.client.lane);
        let outcome = match answer.ending() {
            host::ABORTED => return Err(self.aborted()),
            ending => fetch::outcome(self, ending, answer),
        };
        if self.client.on_event.is_some() {
            let (status, error) = match &outcome {
                Outcome::Result(_) => (Some(200), None),
                Outcome::Failed(failure, _) => (failure.status, Some(failure.code.as_str())),
            };
            self.tell(&ClientEvent::Response(ResponseEvent {
                r#type: "response",
                call: self.number,
                time: host::epoch(),
                attempt: self.attempt,
                path: self.request.path.clone(),
                status,
                error,
                duration_ms: host::now() - start,
            }));
        }
        match outcome {
            Outcome::Result(result) => Ok(Next::Done(result)),
            Outcome::Failed(mut failure, attempt) => {
                if let Some(token) = &self.token {
                    failure.redact(token);
                }
                self.failed(&mut failure, &attempt, answer)
            }
        }
    }

    /// After a failed attempt: waits as the policy says, or ends the call.
    fn failed(
        &mut self,
        failure: &mut Failure,
        attempt: &Attempt,
        answer: &Answer,
    ) -> Result<Next, JsValue> {
        let limited = failure.status == Some(429);
        let charged = self.tries.charged();
        let verdict = self.tries.after(attempt, js_sys::Math::random());
        let pause = match verdict {
            Verdict::Cooldown { wait } | Verdict::Retry { wait } => Some(wait),
            Verdict::GiveUp { pause } => pause,
            Verdict::RefreshToken => None,
        };
        if let (true, Some(pause)) = (limited, pause) {
            let pause = pause.min(LONGEST_PAUSE);
            turn::freeze(self.client.lane, pause);
            let time = host::epoch();
            self.tell(&ClientEvent::Cooldown(CooldownEvent {
                r#type: "cooldown",
                call: self.number,
                time,
                until: time + pause,
            }));
        }
        if let Verdict::GiveUp { pause } = verdict {
            failure.retry_at = pause.map(|pause| host::epoch() + pause);
            return Err(error(failure, answer));
        }
        let wait = pause.unwrap_or_default();
        self.tell(&ClientEvent::Retry(RetryEvent {
            r#type: "retry",
            call: self.number,
            time: host::epoch(),
            attempt: self.attempt,
            error: failure.code.as_str(),
            status: failure.status,
            wait_ms: wait,
            charged: self.tries.charged() > charged,
        }));
        // A cooldown is waited for in the queue, where everybody waits; without pacing, here.
        let queued = limited && self.client.pace.is_some();
        if wait <= 0.0 || queued {
            return self.begin();
        }
        let reason = if limited {
            WaitReason::Cooldown
        } else {
            WaitReason::Backoff
        };
        self.waiting(reason, wait);
        self.stage = Stage::Backoff;
        let pause = host::Pause::new(&self.signal);
        Ok(Next::Wait(pause.wait(wait.ceil())))
    }

    fn waiting(&self, reason: WaitReason, wait_ms: f64) {
        self.tell(&ClientEvent::Wait(WaitEvent {
            r#type: "wait",
            call: self.number,
            time: host::epoch(),
            attempt: self.attempt,
            reason,
            wait_ms,
        }));
    }

    /// Tells `onEvent`, where there is one.
    #[inline(never)]
    fn tell(&self, event: &ClientEvent) {
        if let Some(listener) = &self.client.on_event {
            host::tell(listener, &plain(event));
        }
    }

    /// What an aborted call rejects with, as `fetch` does.
    fn aborted(&self) -> JsValue {
        get(&self.signal, "reason")
    }
}
