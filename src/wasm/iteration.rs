//! An enumeration, which `pkg/js/reading.js` drives.

use std::cell::{Cell, RefCell};

use comfycontrol_decode::Options;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::Core;
use super::errors::{plain, refused};
use super::limits::pace;
use super::rows;
use crate::enumerate::{Checkpoint, Consistency, Enumeration, State, Ticket, Why, estimated_ms};
use crate::error::Failure;

// What [`Iteration::state`] gives.
const READING: u32 = 0;
const OVER: u32 = 1;
const LIST_CHANGED: u32 = 2;

#[wasm_bindgen(skip_typescript)]
pub struct Iteration {
    machine: RefCell<Enumeration>,
    per_page: u32,
    /// The latest ticket.
    asked: Cell<u32>,
}

#[wasm_bindgen]
impl Core {
    /// An enumeration; or the error of the checkpoint; or `undefined`, where `consistency` is none.
    pub fn enumerate(
        per_page: u32,
        concurrency: u32,
        consistency: &str,
        base: &str,
        resume: Option<String>,
    ) -> JsValue {
        let Some(consistency) = Consistency::named(consistency) else {
            return JsValue::UNDEFINED;
        };
        let resume = match resume.map(|text| Checkpoint::read(&text, base, per_page)) {
            Some(Err(why)) => return refused(&Failure::checkpoint(why)),
            Some(Ok(checkpoint)) => Some(checkpoint),
            None => None,
        };
        let machine = Enumeration::new(per_page, concurrency, consistency, resume);
        Iteration {
            machine: RefCell::new(machine),
            per_page,
            asked: Cell::new(0),
        }
        .into()
    }
}

#[wasm_bindgen]
impl Iteration {
    /// The next page to ask for; 0 if none should be asked for now.
    pub fn next(&self) -> u32 {
        let request = self.machine.borrow_mut().next_request();
        request.map_or(0, |request| {
            self.asked.set(request.ticket.0);
            request.page
        })
    }

    /// What the latest page of [`next`](Self::next) is called from now on.
    pub fn ticket(&self) -> u32 {
        self.asked.get()
    }

    /// The rows that a good answer holds, or `undefined`.
    pub fn answered(
        &self,
        ticket: u32,
        status: u16,
        bytes: &Uint8Array,
        collect_invalid: bool,
    ) -> JsValue {
        let options = Options {
            collect_invalid,
            keys: true,
        };
        let Some(read) = rows::read(status, bytes, false, options) else {
            return JsValue::UNDEFINED;
        };
        let rows = rows::objects(&read);
        let mut left_out = 0;
        let mut last = None;
        for problem in &read.invalid {
            left_out += u32::from(problem.runner != last);
            last = problem.runner;
        }
        let mut machine = self.machine.borrow_mut();
        machine.answered(Ticket(ticket), read.total, read.keys, left_out);
        rows.into()
    }

    /// A request failed for good.
    pub fn failed(&self, ticket: u32) {
        self.machine.borrow_mut().failed(Ticket(ticket));
    }

    /// A ticket, and the places of its rows that are to be handed over now; or nothing.
    pub fn deliver(&self) -> Vec<u32> {
        let mut list = Vec::new();
        if let Some(delivery) = self.machine.borrow_mut().deliver() {
            list.push(delivery.ticket.0);
            list.extend_from_slice(&delivery.rows);
        }
        list
    }

    /// A ticket of which nothing is needed any more, or 0.
    pub fn discarded(&self) -> u32 {
        let ticket = self.machine.borrow_mut().discarded();
        ticket.map_or(0, |ticket| ticket.0)
    }

    /// The consumer took this many of the rows.
    pub fn consumed(&self, rows: u32) {
        self.machine.borrow_mut().consumed(rows);
    }

    /// Whether there is more to come: one of the numbers above.
    pub fn state(&self) -> u32 {
        match self.machine.borrow().state() {
            State::Reading => READING,
            State::Failed(Why::ListChanged) => LIST_CHANGED,
            State::Done | State::Failed(Why::Request) => OVER,
        }
    }

    /// The error of a list that did not hold still.
    #[wasm_bindgen(js_name = listChanged)]
    pub fn list_changed(&self) -> JsValue {
        let report = self.machine.borrow().report();
        refused(&Failure::list_changed(report.unique, report.requests))
    }

    /// The facts of [`Report`](crate::enumerate::Report), in their order.
    pub fn report(&self) -> JsValue {
        let report = self.machine.borrow().report();
        plain(&(
            report.unique as f64,
            report.duplicates as f64,
            report.total_start as f64,
            report.total_end as f64,
            report.requests as f64,
            report.complete,
        ))
    }

    /// The facts of [`Progress`](crate::event::Progress), in their order.
    pub fn progress(
        &self,
        concurrency: u32,
        requests: f64,
        window: f64,
        free: u32,
        latency: f64,
    ) -> JsValue {
        let progress = self.machine.borrow().progress();
        let (limit, window) =
            pace(requests, window).map_or((0, 0.0), |pace| (pace.requests, pace.window));
        let estimated = estimated_ms(&progress, concurrency, limit, window, free, latency);
        plain(&(
            progress.delivered as f64,
            progress.total.unwrap_or_default() as f64,
            progress.requests as f64,
            estimated.ceil(),
        ))
    }

    /// Where the consumer stands.
    pub fn checkpoint(&self, base: &str) -> String {
        self.machine.borrow().checkpoint(base, self.per_page)
    }
}
