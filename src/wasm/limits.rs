//! The rate limits: one limiter an origin, shared by every client. Times are in milliseconds of one
//! clock; a limit of below zero `requests` is the documented one, of none no limit.
//!
//! Most functions take numbers and give one, and are exported as they are.

use std::cell::{Cell, UnsafeCell};

use super::facts::{Facts, facts};
use super::single::Single;
use super::texts::text;
use super::trap::{self, Place};
use crate::limiter::{Limiter, Pace, Reason, Ticket, Turn};
use crate::request;

static LANES: Single<UnsafeCell<Vec<(String, Limiter)>>> = Single::new(Vec::new());
/// When an instance before this one ended, and what it had counted was lost; and until when a 429
/// keeps everybody back that it had met.
static BEFORE: Single<Cell<(f64, f64)>> = Single(Cell::new((f64::NEG_INFINITY, f64::NEG_INFINITY)));

/// What `run` gives for the limiter of a lane.
pub fn with<T>(lane: u32, run: impl FnOnce(&mut Limiter) -> T) -> T {
    LANES.with(|lanes| run(&mut lanes[lane as usize].1))
}

/// A client's limit, if it has one.
pub fn pace(requests: f64, window: f64) -> Option<Pace> {
    if requests < 0.0 {
        return Some(Pace::DOCUMENTED);
    }
    let pace = Pace {
        requests: requests as u32,
        window,
    };
    Some(pace).filter(|pace| pace.requests > 0)
}

/// The number of the limiter for the origin of the URL that was said.
#[unsafe(no_mangle)]
pub extern "C" fn lane() -> usize {
    let url = text();
    let origin = request::origin(&url);
    LANES.with(|lanes| {
        let known = lanes.iter().position(|(known, _)| known == origin);
        known.unwrap_or_else(|| {
            let (lost, frozen_until) = BEFORE.get();
            let mut limiter = Limiter::after(lost);
            limiter.freeze(frozen_until);
            lanes.push((origin.to_owned(), limiter));
            lanes.len() - 1
        })
    })
}

/// The facts of [`RateLimit`](crate::limiter::RateLimit), in their order; no moment is not a
/// number. `epoch` is now in milliseconds since 1970.
#[unsafe(no_mangle)]
pub extern "C" fn status(lane: u32, requests: f64, window: f64, now: f64, epoch: f64) -> Facts {
    let Some(pace) = pace(requests, window) else {
        return facts([f64::INFINITY, f64::INFINITY, f64::NAN, 0.0, 0.0, 0.0]);
    };
    let (remaining, back, queued) = with(lane, |limiter| limiter.status(pace, now));
    let reset_at = back.map_or(f64::NAN, |back| (epoch + back - now).ceil());
    let limit = pace.requests.into();
    facts([limit, remaining.into(), reset_at, queued as f64, 0.0, 0.0])
}

/// Begins after another instance ended at `lost`, where everybody was kept back until `frozen_until`.
#[unsafe(no_mangle)]
pub extern "C" fn start(lost: f64, frozen_until: f64) {
    BEFORE.set((lost, frozen_until));
}

/// Joins the queue. Gives a ticket.
#[unsafe(no_mangle)]
pub extern "C" fn join(lane: u32) -> u32 {
    trap::point(Place::Call);
    with(lane, Limiter::join).0 as u32
}

/// How long to wait before asking again; 0 when it is the ticket's turn.
#[unsafe(no_mangle)]
pub extern "C" fn turn(lane: u32, ticket: u32, requests: f64, window: f64, now: f64) -> f64 {
    trap::point(Place::Turn);
    with(lane, |limiter| {
        let ticket = Ticket(ticket as usize);
        let Some(pace) = pace(requests, window) else {
            limiter.leave(ticket);
            limiter.uninvited();
            return 0.0;
        };
        match limiter.poll(ticket, pace, now) {
            Turn::Start => 0.0,
            // A timer may fire a little early: whole milliseconds, rounded up.
            Turn::At(time) => (time - now).ceil(),
            Turn::Later => f64::INFINITY,
        }
    })
}

/// The ticket whose turn comes next; 0 if nobody waits.
#[unsafe(no_mangle)]
pub extern "C" fn head(lane: u32) -> u32 {
    with(lane, |limiter| {
        limiter.head().map_or(0, |ticket| ticket.0 as u32)
    })
}

/// Leaves the queue without having started.
#[unsafe(no_mangle)]
pub extern "C" fn leave(lane: u32, ticket: u32) {
    with(lane, |limiter| limiter.leave(Ticket(ticket as usize)));
}

/// A request is over, with an answer or without; its place is given back one window later.
#[unsafe(no_mangle)]
pub extern "C" fn finished(lane: u32, answered: bool, now: f64) {
    with(lane, |limiter| limiter.finished(now, answered));
}

/// Keeps everybody back until then: a cooldown.
#[unsafe(no_mangle)]
pub extern "C" fn freeze(lane: u32, until: f64) {
    with(lane, |limiter| limiter.freeze(until));
}

/// Whether a cooldown keeps the queue waiting, rather than the window.
#[unsafe(export_name = "isFrozen")]
pub extern "C" fn is_frozen(lane: u32, now: f64) -> bool {
    with(lane, |limiter| limiter.reason(now) == Reason::Cooldown)
}

/// How long the ticket will probably wait.
#[unsafe(no_mangle)]
pub extern "C" fn outlook(lane: u32, ticket: u32, requests: f64, window: f64, now: f64) -> f64 {
    let pace = pace(requests, window).unwrap_or(Pace::DOCUMENTED);
    with(lane, |limiter| {
        limiter.estimate(Ticket(ticket as usize), pace, now) - now
    })
}
