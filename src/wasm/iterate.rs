//! Drives an enumeration: sends the requests it asks for, and keeps the rows until they are taken.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, Function};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::spawn_local;

use super::call::Call;
use super::errors::{get, plain, refused};
use super::host::{self, Cancel, Pause};
use super::options::{self, Client, Known, Values};
use super::rows::{Read, Want};
use super::trap::{self, Place};
use crate::enumerate::{Enumeration, Request, State, Ticket, Why, estimated_ms};
use crate::error::Failure;
use crate::options as check;
use crate::request::Endpoint;

/// How far an enumeration is.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Runners handed over so far, over all parts of a resumed enumeration.
    #[tsify(type = "number")]
    delivered: u64,
    /// Runners in the list, by the latest answer.
    #[tsify(type = "number")]
    total: u64,
    /// Requests so far; retries are not counted.
    #[tsify(type = "number")]
    requests: u64,
    /// How long the requests that are left will take at least, in milliseconds, with the rate limit
    /// taken into account.
    estimated_ms: f64,
}

/// A request under way, or an answer whose rows are not handed over yet.
enum Held {
    UnderWay(Cancel),
    Rows(Array),
}

struct Inner {
    machine: Enumeration,
    settings: JsValue,
    values: Values,
    per_page: u32,
    concurrency: u32,
    base: String,
    on_progress: Option<Function>,
    /// The caller's.
    signal: JsValue,
    /// Ends everything under way.
    cancel: Cancel,
    /// The consumer wants no more.
    stopped: bool,
    held: Vec<(Ticket, Held)>,
    ready: VecDeque<Array>,
    failure: Option<JsValue>,
    /// What the consumer waits in.
    waiting: Option<Pause>,
    /// How long the quickest request took, in milliseconds: others waited for their turn, or were
    /// made again. Infinite before the first.
    latency: f64,
}

type Shared = Rc<RefCell<Inner>>;

/// An enumeration that is consumed page by page. Dropped, it leaves nothing behind.
#[wasm_bindgen(skip_typescript)]
pub struct Iteration(Shared);

impl Drop for Iteration {
    fn drop(&mut self) {
        self.0.borrow_mut().stop();
    }
}

impl Iteration {
    pub fn new(settings: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        Self::of(settings, &Values::read(options, Known::ITERATE)?, 4)
    }

    /// With options that were read already, and as many requests at a time where they do not say.
    pub fn of(settings: &JsValue, values: &Values, concurrency: u32) -> Result<Self, JsValue> {
        let client = Client::settled(settings)?;
        let per_page = values.integer(options::PER_PAGE, 100, check::per_page)?;
        let concurrency = values.integer(options::CONCURRENCY, concurrency, check::concurrency)?;
        let base = client.base.as_str().to_owned();
        let resume = values.resume_from(&base, per_page)?;
        let machine = Enumeration::new(per_page, concurrency, values.consistency()?, resume);
        let on_progress = values.on_progress()?;
        let signal = values.signal()?;
        // The options of its calls are checked now, too.
        Call::new(
            client,
            values,
            &Endpoint::List { page: 1, per_page },
            Want::Rows,
        )?;
        Ok(Self(Rc::new(RefCell::new(Inner {
            machine,
            settings: settings.clone(),
            values: values.clone(),
            per_page,
            concurrency,
            base,
            on_progress,
            cancel: Cancel::new(&signal),
            signal,
            stopped: false,
            held: Vec::new(),
            ready: VecDeque::new(),
            failure: None,
            waiting: None,
            latency: f64::INFINITY,
        }))))
    }
}

#[wasm_bindgen]
impl Iteration {
    /// The caller's.
    pub fn signal(&self) -> JsValue {
        self.0.borrow().signal.clone()
    }

    /// The next rows, as a list that begins with what it is: `[0, rows]`, `[1]` at the end,
    /// `[2, promise]` to wait for before asking again, `[3, reason]`.
    pub fn take(&self) -> Array {
        pump(&self.0);
        let mut inner = self.0.borrow_mut();
        let (kind, value) = inner.next();
        [JsValue::from(kind), value].iter().collect()
    }

    /// The consumer took this many of the rows.
    pub fn consumed(&self, rows: u32) {
        self.0.borrow_mut().machine.consumed(rows);
        pump(&self.0);
        tell(&self.0);
    }

    /// What was found so far.
    pub fn report(&self) -> JsValue {
        plain(&self.0.borrow().machine.report())
    }

    /// Where the consumer stands.
    pub fn checkpoint(&self) -> String {
        let inner = self.0.borrow();
        inner.machine.checkpoint(&inner.base, inner.per_page)
    }

    /// Ends it, and cancels what is under way.
    pub fn cancel(&self) {
        self.0.borrow_mut().stop();
    }
}

impl Inner {
    fn next(&mut self) -> (u32, JsValue) {
        if self.stopped {
            return (1, JsValue::UNDEFINED);
        }
        if self.failure.is_none() && get(&self.signal, "aborted").is_truthy() {
            self.failure = Some(get(&self.signal, "reason"));
            self.ready.clear();
        }
        if let Some(rows) = self.ready.pop_front() {
            return (0, rows.into());
        }
        if let Some(failure) = &self.failure {
            return (3, failure.clone());
        }
        if self.machine.state() == State::Done {
            return (1, JsValue::UNDEFINED);
        }
        let pause = Pause::new(&self.signal);
        let promise = pause.wait(f64::INFINITY);
        self.waiting = Some(pause);
        (2, promise.into())
    }

    /// Puts the rows that are to be handed over where they are taken from, and drops the others.
    fn settle(&mut self) {
        while let Some(delivery) = self.machine.deliver() {
            if let Some(Held::Rows(rows)) = self.release(delivery.ticket) {
                let whole = delivery.rows.len() == rows.length() as usize;
                self.ready.push_back(if whole {
                    rows
                } else {
                    delivery.rows.iter().map(|row| rows.get(*row)).collect()
                });
            }
        }
        while let Some(ticket) = self.machine.discarded() {
            if let Some(Held::UnderWay(cancel)) = self.release(ticket) {
                cancel.end();
            }
        }
        if self.machine.state() == State::Failed(Why::ListChanged) && self.failure.is_none() {
            let report = self.machine.report();
            let failure = Failure::list_changed(report.unique, report.requests);
            self.failure = Some(refused(&failure));
        }
        let over = self.failure.is_some() || self.machine.state() == State::Done;
        if over {
            self.cancel.end();
        }
        if (over || !self.ready.is_empty())
            && let Some(pause) = self.waiting.take()
        {
            pause.end();
        }
    }

    fn release(&mut self, ticket: Ticket) -> Option<Held> {
        let place = self.held.iter().position(|(held, _)| *held == ticket)?;
        Some(self.held.swap_remove(place).1)
    }

    fn answered(&mut self, ticket: Ticket, result: Result<Box<Read>, JsValue>) {
        trap::point(Place::Enumeration);
        let Some(Held::UnderWay(cancel)) = self.release(ticket) else {
            return;
        };
        match result {
            Ok(read) => {
                cancel.end();
                self.held
                    .push((ticket, Held::Rows(read.value.unchecked_into())));
                let mut bad: Vec<_> = read.problems.iter().map(|problem| problem.runner).collect();
                bad.dedup();
                self.machine
                    .answered(ticket, read.total, read.keys, bad.len() as u32);
            }
            Err(reason) => {
                self.failure.get_or_insert(reason);
                self.machine.failed(ticket);
            }
        }
        self.settle();
    }

    fn stop(&mut self) {
        self.stopped = true;
        self.cancel.end();
        self.held.clear();
        self.ready.clear();
        if let Some(pause) = self.waiting.take() {
            pause.end();
        }
    }

    /// Who is to hear of progress, and what.
    fn progress(&self) -> Option<(Function, JsValue)> {
        let listener = self.on_progress.clone()?;
        if self.stopped {
            return None;
        }
        let progress = self.machine.progress();
        let client = Client::settled(&self.settings).ok()?;
        let (limit, window, free) = match client.pace {
            Some(pace) => {
                let free = client.lane.borrow().status(pace, host::now()).0;
                (pace.requests, pace.window, free)
            }
            None => (0, 0.0, 0),
        };
        let estimated_ms = estimated_ms(
            &progress,
            self.concurrency,
            limit,
            window,
            free,
            self.latency,
        );
        let progress = Progress {
            delivered: progress.delivered,
            total: progress.total.unwrap_or_default(),
            requests: progress.requests,
            estimated_ms: estimated_ms.ceil(),
        };
        Some((listener, plain(&progress)))
    }
}

/// Sends the requests that the machine asks for now.
fn pump(shared: &Shared) {
    loop {
        let mut inner = shared.borrow_mut();
        let stopped =
            inner.stopped || inner.failure.is_some() || get(&inner.signal, "aborted").is_truthy();
        let request = if stopped {
            None
        } else {
            inner.machine.next_request()
        };
        let Some(request) = request else {
            inner.settle();
            return;
        };
        let cancel = Cancel::new(&inner.cancel.signal());
        let call = call(&inner, &request, &cancel);
        inner.held.push((request.ticket, Held::UnderWay(cancel)));
        drop(inner);
        match call {
            Ok(call) => spawn_local(send(shared.clone(), request.ticket, call)),
            Err(error) => shared.borrow_mut().answered(request.ticket, Err(error)),
        }
    }
}

/// The options were checked before, so this fails only where the environment has changed.
fn call(inner: &Inner, request: &Request, cancel: &Cancel) -> Result<Call, JsValue> {
    let list = Endpoint::List {
        page: request.page,
        per_page: inner.per_page,
    };
    let client = Client::settled(&inner.settings)?;
    let mut call = Call::new(client, &inner.values, &list, Want::Rows)?;
    call.signal = cancel.signal();
    Ok(call)
}

async fn send(shared: Shared, ticket: Ticket, mut call: Call) {
    let start = host::now();
    let result = call.run().await;
    {
        let mut inner = shared.borrow_mut();
        inner.latency = inner.latency.min(host::now() - start);
        inner.answered(ticket, result);
    }
    pump(&shared);
    tell(&shared);
}

/// Tells `onProgress`, which may call back: nothing is borrowed meanwhile.
fn tell(shared: &Shared) {
    let told = shared.borrow().progress();
    if let Some((listener, progress)) = told {
        host::tell(&listener, &progress);
    }
}
