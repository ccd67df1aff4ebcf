//! Enumerations, which `pkg/js/reading.js` drives: each has a number, from 1.

use std::cell::UnsafeCell;
use std::mem::take;
use std::ptr::null;

use super::errors::{Outcome, leave, refuse};
use super::facts::{Facts, facts};
use super::limits::pace;
use super::rows;
use super::single::Single;
use super::texts::{heard, text};
use super::trap::{self, Place};
use crate::enumerate::{Checkpoint, Consistency, Enumeration, State, Ticket, Why, estimated_ms};
use crate::error::Failure;

// What [`state`] gives.
const READING: u32 = 0;
const OVER: u32 = 1;
const LIST_CHANGED: u32 = 2;

struct Reading {
    machine: Enumeration,
    per_page: u32,
    /// The URL of the list.
    base: String,
    /// The latest ticket.
    asked: u32,
    /// What was handed over last.
    delivered: Vec<u32>,
}

static READINGS: Single<UnsafeCell<Vec<Option<Reading>>>> = Single::new(Vec::new());

/// What `run` gives for the enumeration of this number.
fn with<T>(number: u32, run: impl FnOnce(&mut Reading) -> T) -> T {
    READINGS.with(|readings| run(readings[number as usize - 1].as_mut().unwrap()))
}

/// The number of a new enumeration, to be closed by [`close`]; or 0, where the consistency is none, or the
/// checkpoint is refused: then it leaves the error. The texts are those, with the URL of the list between
/// them; there may be no checkpoint.
#[unsafe(no_mangle)]
pub extern "C" fn enumerate(per_page: u32, concurrency: u32) -> u32 {
    let (consistency, base, resume) = (text(), text(), heard());
    leave(Outcome::Nothing);
    let Some(consistency) = Consistency::named(&consistency) else {
        return 0;
    };
    let resume = match resume.map(|text| Checkpoint::read(&text, &base, per_page)) {
        Some(Err(why)) => {
            refuse(Failure::checkpoint(why));
            return 0;
        }
        Some(Ok(checkpoint)) => Some(checkpoint),
        None => None,
    };
    let reading = Some(Reading {
        machine: Enumeration::new(per_page, concurrency, consistency, resume),
        per_page,
        base,
        asked: 0,
        delivered: Vec::new(),
    });
    READINGS.with(|readings| {
        let free = readings.iter().position(Option::is_none);
        let place = free.unwrap_or(readings.len());
        if place == readings.len() {
            readings.push(None);
        }
        readings[place] = reading;
        place as u32 + 1
    })
}

/// A list did not hold still. Leaves the error.
#[unsafe(export_name = "listChanged")]
pub extern "C" fn list_changed(number: u32) {
    let report = with(number, |reading| reading.machine.report());
    refuse(Failure::list_changed(report.unique, report.requests));
}

/// Where the consumer stands. Leaves the checkpoint.
#[unsafe(no_mangle)]
pub extern "C" fn checkpoint(number: u32) {
    let checkpoint = with(number, |reading| {
        (reading.machine).checkpoint(&reading.base, reading.per_page)
    });
    leave(Outcome::Text(checkpoint));
}

/// The facts of [`Report`](crate::enumerate::Report), in their order.
#[unsafe(no_mangle)]
pub extern "C" fn report(number: u32) -> Facts {
    let report = with(number, |reading| reading.machine.report());
    facts([
        report.unique as f64,
        report.duplicates as f64,
        report.total_start as f64,
        report.total_end as f64,
        report.requests as f64,
        f64::from(report.complete as u8),
    ])
}

/// The facts of [`Progress`](crate::event::Progress), in their order.
#[unsafe(no_mangle)]
pub extern "C" fn progress(
    number: u32,
    concurrency: u32,
    requests: f64,
    window: f64,
    free: u32,
    latency: f64,
) -> Facts {
    let progress = with(number, |reading| reading.machine.progress());
    let pace = pace(requests, window);
    let (limit, window) = pace.map_or((0, 0.0), |pace| (pace.requests, pace.window));
    let estimated = estimated_ms(&progress, concurrency, limit, window, free, latency);
    let delivered = progress.delivered as f64;
    let total = progress.total.unwrap_or_default() as f64;
    let requests = progress.requests as f64;
    facts([delivered, total, requests, estimated.ceil(), 0.0, 0.0])
}

/// Forgets an enumeration.
#[unsafe(no_mangle)]
pub extern "C" fn close(number: u32) {
    READINGS.with(|readings| readings[number as usize - 1] = None);
}

/// The next page to ask for; 0 if none should be asked for now.
#[unsafe(no_mangle)]
pub extern "C" fn next(number: u32) -> f64 {
    with(number, |reading| {
        let request = reading.machine.next_request();
        request.map_or(0.0, |request| {
            reading.asked = request.ticket.0;
            request.page.into()
        })
    })
}

/// What the latest page of [`next`] is called from now on.
#[unsafe(no_mangle)]
pub extern "C" fn ticket(number: u32) -> u32 {
    with(number, |reading| reading.asked)
}

/// A request was answered with the page that was read.
#[unsafe(no_mangle)]
pub extern "C" fn answered(number: u32, ticket: u32) {
    trap::point(Place::Enumeration);
    rows::with(|rows::Answer { page, .. }| {
        let mut left_out = 0;
        let mut last = None;
        for problem in &page.invalid {
            left_out += u32::from(problem.runner != last);
            last = problem.runner;
        }
        let keys = take(&mut page.keys);
        with(number, |reading| {
            (reading.machine).answered(Ticket(ticket), page.total, keys, left_out);
        });
    });
}

/// What is to be handed over now: how many rows, the ticket, and the rows' places, for as long as
/// nothing else is asked; or 0.
#[unsafe(no_mangle)]
pub extern "C" fn deliver(number: u32) -> *const u32 {
    with(number, |reading| {
        let Some(delivery) = reading.machine.deliver() else {
            return null();
        };
        reading.delivered = vec![delivery.rows.len() as u32, delivery.ticket.0];
        reading.delivered.extend_from_slice(&delivery.rows);
        reading.delivered.as_ptr()
    })
}

/// A request failed for good.
#[unsafe(no_mangle)]
pub extern "C" fn failed(number: u32, ticket: u32) {
    with(number, |reading| reading.machine.failed(Ticket(ticket)));
}

/// A ticket of which nothing is needed any more, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn discarded(number: u32) -> u32 {
    with(number, |reading| {
        reading.machine.discarded().map_or(0, |ticket| ticket.0)
    })
}

/// The consumer took this many of the rows.
#[unsafe(no_mangle)]
pub extern "C" fn consumed(number: u32, rows: u32) {
    with(number, |reading| reading.machine.consumed(rows));
}

/// Whether there is more to come: one of the numbers above.
#[unsafe(no_mangle)]
pub extern "C" fn state(number: u32) -> u32 {
    match with(number, |reading| reading.machine.state()) {
        State::Reading => READING,
        State::Failed(Why::ListChanged) => LIST_CHANGED,
        State::Done | State::Failed(Why::Request) => OVER,
    }
}
