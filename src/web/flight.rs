//! Coalescing: identical calls that are under way at the same time share one request.
//!
//! Each caller waits in a task of its own. Whichever task wakes continues the shared call. Once the call is over,
//! it wakes the others. A caller that leaves wakes them too, because it may be the one that the call would wake.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use super::call::{Answered, Call};
use super::call_error::CallError;
use super::cancellation::{CallSignal, Cancellation, check_aborted};
use super::client::Client;
use super::host::{self, Outcome};
use super::options::RequestOptions;
use super::rows;
use super::token;
use crate::endpoint::Endpoint;
use crate::limiter::Priority;

thread_local! {
    /// The calls under way that others may join.
    static FLIGHTS: RefCell<Vec<Rc<Flight>>> = const { RefCell::new(Vec::new()) };
}

/// Makes a call, or joins an identical one. Each caller has its own signal and `totalTimeout`, and gets
/// objects of its own.
///
/// # Errors
/// A `ComfyControlError`, or the signal's reason.
pub async fn call(
    client: Rc<Client>,
    endpoint: Endpoint,
    options: RequestOptions,
) -> Result<JsValue, JsValue> {
    // Without `totalTimeout`, the caller's own signal does, and is cheaper.
    let call_signal = options.total_timeout.is_some().then(|| {
        let path = endpoint.path(&client.base);
        CallSignal::new(options.total_timeout, &path, options.signal.as_ref())
    });
    let signal = match &call_signal {
        Some(call_signal) => Some(call_signal.signal()),
        None => options.signal.clone(),
    };
    let signal = signal.as_ref();
    check_aborted(signal)?;
    // Each caller asks for itself: the function may return another token than for the caller before.
    let context = options.context.as_ref();
    let timeout_ms = options.timeout.unwrap_or(client.timeout_ms);
    let token = match token::ask(&client, context, timeout_ms, signal).await {
        Ok(token) => token,
        Err(error) => return Err(error.to_js()),
    };
    let mut aborted = signal.map(AbortListener::new);
    let member = Member::join(&client, endpoint, &options, token, signal);
    let answered = poll_fn(|context| {
        if let Some(aborted) = &mut aborted
            && aborted.poll(context).is_ready()
            && let Err(reason) = check_aborted(signal)
        {
            return Poll::Ready(Err(reason));
        }
        member.flight.poll(context).map(Ok)
    });
    match &*answered.await? {
        Ok(Answered { page, answer }) => {
            let result = rows::result(&member.flight.terms.endpoint, page);
            if let Some(answer) = answer {
                answer.remember(&result);
            }
            Ok(result)
        }
        Err(error) => Err(error.to_js()),
    }
}

/// A call that one or more callers wait for.
struct Flight {
    client: Rc<Client>,
    terms: Terms,
    /// Follows the signal of the first caller while it is the only one, so that its abort is effective at once.
    cancellation: Cancellation,
    /// The callers, each with its signal.
    members: RefCell<Vec<(u32, Option<AbortSignal>)>>,
    state: RefCell<State>,
    wakers: RefCell<Vec<Waker>>,
}

enum State {
    Running(Pin<Box<dyn Future<Output = Result<Answered, CallError>>>>),
    Over(Rc<Result<Answered, CallError>>),
}

/// What identical calls have in common, besides the client.
#[derive(PartialEq)]
struct Terms {
    endpoint: Endpoint,
    /// The token of the first request.
    token: Option<String>,
    /// It may be the global one, which changes.
    fetch: Option<Function>,
    timeout_ms: u32,
    max_retries: u32,
    priority: Priority,
}

impl Flight {
    fn new(
        client: Rc<Client>,
        terms: Terms,
        options: &RequestOptions,
        signal: Option<&AbortSignal>,
    ) -> Rc<Self> {
        let cancellation = Cancellation::new(signal);
        let options = RequestOptions {
            signal: Some(cancellation.signal()),
            ..options.clone()
        };
        let call = Call::new(client.clone(), terms.endpoint.clone(), false, &options);
        let call = call.run_with(terms.token.clone());
        Rc::new(Self {
            client,
            terms,
            cancellation,
            members: RefCell::default(),
            state: RefCell::new(State::Running(Box::pin(call))),
            wakers: RefCell::default(),
        })
    }

    /// Continues the call, until its result is there.
    fn poll(self: &Rc<Self>, context: &mut Context) -> Poll<Rc<Result<Answered, CallError>>> {
        let mut state = self.state.borrow_mut();
        let call = match &mut *state {
            State::Running(call) => call,
            State::Over(result) => return Poll::Ready(result.clone()),
        };
        let Poll::Ready(result) = call.as_mut().poll(context) else {
            let mut wakers = self.wakers.borrow_mut();
            if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                wakers.push(context.waker().clone());
            }
            return Poll::Pending;
        };
        let result = Rc::new(result);
        *state = State::Over(result.clone());
        self.close();
        self.wake();
        Poll::Ready(result)
    }

    /// Whether a caller still waits for the result.
    fn is_wanted(&self) -> bool {
        let members = self.members.borrow();
        let mut signals = members.iter().map(|(_, signal)| signal.as_ref());
        signals.any(|signal| check_aborted(signal).is_ok())
    }

    /// From now on, nobody can join.
    fn close(self: &Rc<Self>) {
        FLIGHTS.with_borrow_mut(|flights| flights.retain(|flight| !Rc::ptr_eq(flight, self)));
    }

    fn wake(&self) {
        for waker in self.wakers.take() {
            waker.wake();
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if matches!(*self.state.borrow(), State::Running(_)) {
            self.cancellation.cancel();
        }
        self.cancellation.release();
    }
}

/// A caller of a flight. The last one that leaves cancels the call.
struct Member {
    flight: Rc<Flight>,
    number: u32,
}

impl Member {
    /// Joins an identical call under way, or starts one.
    fn join(
        client: &Rc<Client>,
        endpoint: Endpoint,
        options: &RequestOptions,
        token: Option<String>,
        signal: Option<&AbortSignal>,
    ) -> Self {
        let terms = Terms {
            endpoint,
            token,
            fetch: client.fetch().ok(),
            timeout_ms: options.timeout.unwrap_or(client.timeout_ms),
            max_retries: options.max_retries.unwrap_or(client.max_retries),
            priority: options.priority.unwrap_or_default(),
        };
        if !options.coalesce.unwrap_or(client.coalesce) {
            return Self::of(Flight::new(client.clone(), terms, options, signal), signal);
        }
        FLIGHTS.with_borrow_mut(|flights| {
            let can_join = |flight: &&Rc<Flight>| {
                let is_same_client = || Rc::ptr_eq(&flight.client, client);
                flight.terms == terms
                    && (is_same_client() || flight.client.is_same(client))
                    && flight.is_wanted()
            };
            if let Some(flight) = flights.iter().find(can_join) {
                flight.cancellation.release();
                return Self::of(flight.clone(), signal);
            }
            let flight = Flight::new(client.clone(), terms, options, signal);
            flights.push(flight.clone());
            Self::of(flight, signal)
        })
    }

    fn of(flight: Rc<Flight>, signal: Option<&AbortSignal>) -> Self {
        let mut members = flight.members.borrow_mut();
        let number = members.last().map_or(0, |(last, _)| last + 1);
        members.push((number, signal.cloned()));
        drop(members);
        Self { flight, number }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let Self { flight, number } = self;
        let mut members = flight.members.borrow_mut();
        members.retain(|(member, _)| member != number);
        if members.is_empty() {
            flight.close();
        } else {
            flight.wake();
        }
    }
}

/// Becomes ready when a caller's signal aborts. Dropping it stops listening.
struct AbortListener {
    cancellation: Cancellation,
    waiting: JsFuture<Outcome>,
}

impl AbortListener {
    fn new(signal: &AbortSignal) -> Self {
        let cancellation = Cancellation::new(Some(signal));
        let waiting = host::sleep(f64::INFINITY, Some(&cancellation.signal()));
        Self {
            cancellation,
            waiting: JsFuture::from(waiting),
        }
    }

    fn poll(&mut self, context: &mut Context) -> Poll<()> {
        Pin::new(&mut self.waiting).poll(context).map(drop)
    }
}

impl Drop for AbortListener {
    fn drop(&mut self) {
        self.cancellation.release();
        // Ends the wait.
        self.cancellation.cancel();
    }
}
