//! Reads a whole list: sends the requests that the paging machine asks for, several at a time, and keeps
//! the rows until the consumer takes them.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use comfycontrol_decode::Page;
use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortSignal;

use super::call::{Answered, Call};
use super::call_error::CallError;
use super::cancellation::{CallSignal, Cancellation, check_aborted};
use super::client::Client;
use super::error::{object, to_js};
use super::events::notify;
use super::host;
use super::options::{IterateOptions, RequestOptions};
use super::promise::promise;
use super::rows;
use super::trap::{self, TrapPoint};
use crate::endpoint::Endpoint;
use crate::error::Failure;
use crate::event::Progress;
use crate::paging::{self as machine, Request, State, Ticket, Why};

/// Rows in the order of the list.
#[derive(Default)]
pub struct Rows {
    /// The rows as JavaScript objects.
    pub objects: Array,
    /// The ids of the rows.
    pub ids: Vec<u128>,
}

/// A request under way, or its rows until the machine delivers or discards them.
struct PageRequest {
    ticket: Ticket,
    cancellation: Cancellation,
    rows: Option<Rows>,
}

impl Drop for PageRequest {
    fn drop(&mut self) {
        if self.rows.is_none() {
            self.cancellation.cancel();
        }
        self.cancellation.release();
    }
}

struct ReaderState {
    machine: machine::Enumeration,
    requests: Vec<PageRequest>,
    ready: Vec<Rows>,
    failure: Option<JsValue>,
    is_stopped: bool,
    /// How long the fastest request took. Slower ones may include waits and retries.
    latency_ms: f64,
    /// Of tasks that wait for the next rows.
    wakers: Vec<Waker>,
    /// From the first `next` to the end.
    call_signal: Option<CallSignal>,
}

/// Reads one list.
pub struct ListReader {
    client: Rc<Client>,
    options: IterateOptions,
    list_url: String,
    state: RefCell<ReaderState>,
}

impl ListReader {
    pub fn new(client: Rc<Client>, mut options: IterateOptions) -> Rc<Self> {
        let mut machine = machine::Enumeration::new(
            options.per_page,
            options.concurrency,
            options.consistency,
            options.resume_from.take(),
        );
        if let Some(limit) = options.limit {
            machine = machine.with_limit(limit);
        }
        Rc::new(Self {
            state: RefCell::new(ReaderState {
                machine,
                requests: Vec::new(),
                ready: Vec::new(),
                failure: None,
                is_stopped: false,
                latency_ms: f64::INFINITY,
                wakers: Vec::new(),
                call_signal: None,
            }),
            list_url: client.list_url(),
            client,
            options,
        })
    }

    /// Begins the time of `totalTimeout`, the first time. Nothing is borrowed meanwhile: members of the
    /// caller's signal may call the iterator.
    fn start(&self) {
        if self.signal().is_some() || self.state.borrow().is_stopped {
            return;
        }
        let request = &self.options.request;
        let path = self.client.base.list_path();
        let call_signal = CallSignal::new(request.total_timeout, &path, request.signal.as_ref());
        // Declared before `state`, so that one that is not needed is dropped after the borrow.
        let mut call_signal = Some(call_signal);
        let mut state = self.state.borrow_mut();
        if !state.is_stopped && state.call_signal.is_none() {
            state.call_signal = call_signal.take();
        }
    }

    /// The signal of this enumeration. Its members run no code of the caller.
    fn signal(&self) -> Option<AbortSignal> {
        let state = self.state.borrow();
        state.call_signal.as_ref().map(CallSignal::signal)
    }

    /// Fails if the caller's signal was aborted, or the time is over.
    fn check_aborted(&self) -> Result<(), JsValue> {
        check_aborted(self.options.request.signal.as_ref())?;
        check_aborted(self.signal().as_ref())
    }

    /// The next rows; `None` at the end, or after [`stop`](Self::stop).
    ///
    /// # Errors
    /// The first failure, after the rows that were found before it; or the signal's reason.
    pub async fn next(self: &Rc<Self>) -> Result<Option<Rows>, JsValue> {
        self.start();
        self.advance();
        let result = poll_fn(|context| {
            if let Err(reason) = self.check_aborted() {
                return Poll::Ready(Err(reason));
            }
            let mut state = self.state.borrow_mut();
            if state.is_stopped {
                return Poll::Ready(Ok(None));
            }
            if !state.ready.is_empty() {
                return Poll::Ready(Ok(Some(state.ready.remove(0))));
            }
            if let Some(failure) = state.failure.clone() {
                return Poll::Ready(Err(failure));
            }
            if state.machine.state() == State::Done {
                return Poll::Ready(Ok(None));
            }
            state.wakers.push(context.waker().clone());
            Poll::Pending
        })
        .await;
        if !matches!(result, Ok(Some(_))) {
            self.stop();
        }
        result
    }

    /// Reports that the consumer took this many rows. Call [`proceed`](Self::proceed) afterwards.
    pub fn consumed(&self, rows: u32) {
        self.state.borrow_mut().machine.consumed(rows);
    }

    /// Ends the reading, and cancels the requests under way.
    pub fn stop(&self) {
        // Dropped without a borrow, because that calls the caller's signal.
        let _call_signal = {
            let mut state = self.state.borrow_mut();
            state.is_stopped = true;
            state.ready.clear();
            state.cancel_all();
            state.call_signal.take()
        };
    }

    /// Sends the requests that the machine asks for, and moves accepted rows to `ready`.
    fn advance(self: &Rc<Self>) {
        let mut started = Vec::new();
        let is_aborted = self.check_aborted().is_err();
        let signal = self.signal();
        {
            let mut state = self.state.borrow_mut();
            if state.is_stopped {
                return;
            }
            let may_ask = state.failure.is_none() && !is_aborted;
            while may_ask && let Some(request) = state.machine.next_request() {
                let cancellation = Cancellation::new(signal.as_ref());
                started.push((request, cancellation.signal()));
                state.requests.push(PageRequest {
                    ticket: request.ticket,
                    cancellation,
                    rows: None,
                });
            }
            state.hand_over();
        }
        for (request, signal) in started {
            self.send(request, signal);
        }
    }

    fn send(self: &Rc<Self>, request: Request, signal: AbortSignal) {
        let endpoint = Endpoint::List {
            page: request.page,
            per_page: self.options.per_page,
        };
        let options = RequestOptions {
            signal: Some(signal),
            // That of the whole reading holds.
            total_timeout: None,
            ..self.options.request.clone()
        };
        let call = Call::new(self.client.clone(), endpoint, true, &options);
        let reader = self.clone();
        spawn_local(async move {
            let started_at = host::now();
            let result = call.run().await;
            reader.arrived(request.ticket, result, host::now() - started_at);
        });
    }

    /// Reports the result of a request to the machine.
    fn arrived(
        self: &Rc<Self>,
        ticket: Ticket,
        result: Result<Answered, CallError>,
        latency_ms: f64,
    ) {
        trap::point(TrapPoint::Enumeration);
        // The machine has discarded this request meanwhile.
        if self.state.borrow().position(ticket).is_none() {
            return;
        }
        match result {
            Ok(Answered { page, answer }) => {
                let objects = rows::runners(&page);
                if let Some(answer) = answer {
                    answer.remember(&objects);
                }
                let rows = Rows {
                    objects,
                    ids: page.keys.iter().map(|key| key.id).collect(),
                };
                let mut state = self.state.borrow_mut();
                state.latency_ms = state.latency_ms.min(latency_ms);
                if let Some(index) = state.position(ticket) {
                    state.requests[index].rows = Some(rows);
                }
                let left_out = left_out(&page);
                (state.machine).answered(ticket, page.total, page.keys, left_out);
            }
            Err(error) => {
                let failure = error.to_js();
                let mut state = self.state.borrow_mut();
                state.failure.get_or_insert(failure);
                state.machine.failed(ticket);
                if let Some(index) = state.position(ticket) {
                    state.requests.swap_remove(index);
                }
            }
        }
        self.proceed();
    }

    /// Continues after an answer, or after the consumer took rows: sends requests, reports progress, and
    /// wakes tasks that wait for rows.
    pub fn proceed(self: &Rc<Self>) {
        self.advance();
        let is_stopped = self.state.borrow().is_stopped;
        if let Some(listener) = &self.options.on_progress
            && !is_stopped
        {
            notify(listener, &to_js(&self.progress()));
        }
        self.state.borrow_mut().wake();
    }

    fn progress(&self) -> Progress {
        let limit = self.client.rate_limit();
        let state = self.state.borrow();
        let progress = state.machine.progress();
        let throughput = machine::Throughput {
            concurrency: self.options.concurrency,
            latency_ms: state.latency_ms,
            pace: self.client.pace,
            free_slots: limit.remaining as u32,
        };
        let estimated_ms = machine::estimated_ms(&progress, &throughput);
        Progress {
            delivered: progress.delivered as f64,
            total: progress.total.unwrap_or_default() as f64,
            requests: progress.requests as f64,
            estimated_ms: estimated_ms.ceil(),
        }
    }
}

impl ReaderState {
    fn position(&self, ticket: Ticket) -> Option<usize> {
        self.requests
            .iter()
            .position(|request| request.ticket == ticket)
    }

    /// Moves the rows that the machine accepted to `ready`.
    fn hand_over(&mut self) {
        while let Some(delivery) = self.machine.deliver() {
            if let Some(index) = self.position(delivery.ticket) {
                let rows = self.requests.swap_remove(index).rows.take();
                self.ready
                    .push(pick(rows.unwrap_or_default(), &delivery.rows));
            }
        }
        while let Some(ticket) = self.machine.discarded() {
            self.requests.retain(|request| request.ticket != ticket);
        }
        let state = self.machine.state();
        if state == State::Failed(Why::ListChanged) && self.failure.is_none() {
            let report = self.machine.report();
            let failure = Failure::list_changed(report.unique, report.requests);
            self.failure = Some(failure.into());
        }
        if self.failure.is_some() || state != State::Reading {
            self.cancel_all();
        }
    }

    fn cancel_all(&mut self) {
        self.requests.clear();
        self.wake();
    }

    fn wake(&mut self) {
        for waker in self.wakers.drain(..) {
            waker.wake();
        }
    }
}

/// Keeps the rows at these indexes, in this order. The array stays the same, because `responseOf` knows it.
fn pick(rows: Rows, indexes: &[u32]) -> Rows {
    let Rows { objects, ids } = rows;
    if indexes.len() == ids.len() {
        return Rows { objects, ids };
    }
    let picked: Vec<JsValue> = indexes.iter().map(|&index| objects.get(index)).collect();
    objects.set_length(0);
    for object in &picked {
        objects.push(object);
    }
    Rows {
        objects,
        ids: (indexes.iter().map(|&index| ids[index as usize])).collect(),
    }
}

/// How many runners of the page were left out as invalid.
fn left_out(page: &Page) -> u32 {
    let mut left_out = 0;
    let mut last = None;
    for problem in &page.invalid {
        left_out += u32::from(last != Some(problem.runner));
        last = Some(problem.runner);
    }
    left_out
}

/// An enumeration. `js/async-iterator.js` iterates over it.
#[wasm_bindgen(skip_typescript)]
pub struct Enumeration {
    reader: Rc<ListReader>,
}

impl Enumeration {
    pub fn new(client: Rc<Client>, options: IterateOptions) -> Self {
        Self {
            reader: ListReader::new(client, options),
        }
    }
}

#[wasm_bindgen]
impl Enumeration {
    /// Starts the time of `totalTimeout`. Returns the signal that aborts when it is over, or with the caller's.
    pub fn start(&self) -> Option<AbortSignal> {
        self.reader.start();
        self.reader.signal()
    }

    /// The next runners, an array that is not empty; `undefined` at the end.
    #[wasm_bindgen(js_name = nextPage)]
    pub fn next_page(&self) -> Promise {
        let reader = self.reader.clone();
        promise(Ok(Box::pin(async move {
            let rows = reader.next().await?;
            Ok(rows.map_or(JsValue::UNDEFINED, |rows| rows.objects.into()))
        })))
    }

    /// Reports that the consumer took this many runners. Call `proceed` afterwards.
    pub fn consumed(&self, runners: u32) {
        self.reader.consumed(runners);
    }

    /// Requests further pages, if there is room for them.
    pub fn proceed(&self) {
        self.reader.proceed();
    }

    /// Ends the enumeration, and cancels the requests under way.
    pub fn stop(&self) {
        self.reader.stop();
    }

    /// The [`Report`](crate::paging::Report), and the checkpoint of the rows that the consumer took, for
    /// `resumeFrom`.
    pub fn summary(&self) -> JsValue {
        let reader = &self.reader;
        let machine = &reader.state.borrow().machine;
        let checkpoint = machine.checkpoint(&reader.list_url, reader.options.per_page);
        object(&[
            ("report", &to_js(&machine.report())),
            ("checkpoint", &checkpoint.into()),
        ])
    }
}
