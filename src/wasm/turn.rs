//! Waiting for a place in the rate limit: one limiter an origin, shared by every client.

use std::cell::RefCell;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::host::{self, Pause};
use super::single::Single;
use crate::limiter::{Limiter, Pace, RateLimit, Reason, Ticket, Turn};

/// The limiter of one origin. It lives as long as the module, and nobody holds a borrow of it while
/// anything else runs.
pub type Lane = &'static RefCell<Limiter<Pause>>;

static LANES: Single<RefCell<Vec<(String, Lane)>>> = Single(RefCell::new(Vec::new()));

/// The limiter of this origin, which is made when it is asked for first.
pub fn lane(origin: &str) -> Lane {
    let mut all = LANES.borrow_mut();
    for (known, lane) in all.iter() {
        if known == origin {
            return lane;
        }
    }
    let lane: Lane = Box::leak(Box::default());
    all.push((origin.to_owned(), lane));
    lane
}

fn wake_head(lane: Lane) {
    let head = lane.borrow().head().cloned();
    if let Some(pause) = head {
        pause.end();
    }
}

/// A request is over; its place is given back one window later.
pub fn finished(lane: Lane) {
    lane.borrow_mut().finished(host::now());
    wake_head(lane);
}

/// A call that waits for its turn, and what wakes it.
pub struct Queued {
    ticket: Ticket,
    pause: Pause,
}

impl Queued {
    /// Joins the queue.
    pub fn join(lane: Lane, signal: &JsValue) -> Self {
        let pause = Pause::new(signal);
        let ticket = lane.borrow_mut().join(pause.clone());
        Self { ticket, pause }
    }

    /// What to wait for before asking again; nothing when it is this call's turn, which is then
    /// out of the queue.
    pub fn turn(&self, lane: Lane, pace: Pace) -> Option<Promise> {
        let now = host::now();
        let turn = lane.borrow_mut().poll(self.ticket, pace, now);
        let wait = match turn {
            Turn::Start => {
                wake_head(lane);
                return None;
            }
            // A timer may fire a little early: whole milliseconds, rounded up.
            Turn::At(time) => (time - now).ceil(),
            Turn::Later => f64::INFINITY,
        };
        Some(self.pause.wait(wait))
    }

    /// Why this call waits, and for about how many milliseconds.
    pub fn outlook(&self, lane: Lane, pace: Pace) -> (Reason, f64) {
        let now = host::now();
        let limiter = lane.borrow();
        let at = limiter.estimate(self.ticket, pace, now);
        (limiter.reason(now), at - now)
    }

    /// Leaves the queue without having started.
    pub fn leave(&self, lane: Lane) {
        let was_head = lane.borrow_mut().leave(self.ticket);
        if was_head {
            wake_head(lane);
        }
    }
}

/// The server answered 429: nobody starts for `ms` milliseconds.
pub fn freeze(lane: Lane, ms: f64) {
    lane.borrow_mut().freeze(host::now() + ms);
}

/// The state of the limit, as a caller sees it.
pub fn status(lane: Lane, pace: Pace) -> RateLimit {
    let now = host::now();
    let (remaining, back, queued) = lane.borrow().status(pace, now);
    RateLimit {
        limit: pace.requests.into(),
        remaining: remaining.into(),
        reset_at: back.map(|back| (host::epoch() + back - now).ceil()),
        queued: queued as u32,
    }
}
