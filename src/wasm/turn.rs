//! Waiting for a place in the rate limit: one limiter an origin, shared by every client.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::errors::Stop;
use super::host::{self, Pause};
use crate::limiter::{Limiter, Pace, RateLimit, Reason, Turn};

/// What wakes a waiter: the pause it is in at the moment.
type Waiter = Rc<RefCell<Option<Pause>>>;

thread_local! {
    static LIMITERS: RefCell<Vec<(String, Limiter<Waiter>)>> = const { RefCell::new(Vec::new()) };
}

/// Runs `f` on the limiter of an origin. `f` must not wait or call back.
fn with<R>(origin: &str, f: impl FnOnce(&mut Limiter<Waiter>) -> R) -> R {
    LIMITERS.with_borrow_mut(|all| {
        let place = all.iter().position(|(known, _)| known == origin);
        let place = place.unwrap_or_else(|| {
            all.push((origin.to_owned(), Limiter::default()));
            all.len() - 1
        });
        f(&mut all[place].1)
    })
}

fn wake_head(origin: &str) {
    let head = with(origin, |limiter| limiter.head().cloned());
    if let Some(pause) = head.and_then(|head| head.take()) {
        pause.end();
    }
}

/// A request under way; the place is given back, one window later, when this is dropped.
pub struct Place {
    origin: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        with(&self.origin, |limiter| limiter.finished(host::now()));
        wake_head(&self.origin);
    }
}

/// Waits for a turn. `waiting` is told once, with the reason and the estimated milliseconds, if
/// there is any waiting.
pub async fn take(
    origin: &str,
    pace: Option<Pace>,
    signal: &JsValue,
    waiting: impl FnOnce(Reason, f64),
) -> Result<Place, Stop> {
    let place = || Place {
        origin: origin.to_owned(),
    };
    let Some(pace) = pace else {
        with(origin, Limiter::uninvited);
        return Ok(place());
    };
    let waiter = Waiter::default();
    let ticket = with(origin, |limiter| limiter.join(waiter.clone()));
    let mut waiting = Some(waiting);
    loop {
        let now = host::now();
        let pause = match with(origin, |limiter| limiter.poll(ticket, pace, now)) {
            Turn::Start => {
                wake_head(origin);
                return Ok(place());
            }
            // A timer may fire a little early: whole milliseconds, rounded up.
            Turn::At(time) => Pause::new(Some((time - now).ceil()), signal),
            Turn::Later => Pause::new(None, signal),
        };
        let over = JsFuture::from(pause.promise());
        waiter.replace(Some(pause));
        if let Some(waiting) = waiting.take() {
            let (reason, at) = with(origin, |limiter| {
                (limiter.reason(now), limiter.estimate(ticket, pace, now))
            });
            waiting(reason, at - now);
        }
        if over.await.is_ok_and(|over| over.is_falsy()) {
            if with(origin, |limiter| limiter.leave(ticket)) {
                wake_head(origin);
            }
            return Err(Stop::Aborted);
        }
    }
}

/// The server answered 429: nobody starts for `ms` milliseconds.
pub fn freeze(origin: &str, ms: f64) {
    with(origin, |limiter| limiter.freeze(host::now() + ms));
}

/// The state of the limit, as a caller sees it.
pub fn status(origin: &str, pace: Pace) -> RateLimit {
    let now = host::now();
    let (remaining, back, queued) = with(origin, |limiter| limiter.status(pace, now));
    RateLimit {
        limit: pace.requests.into(),
        remaining: remaining.into(),
        reset_at: back.map(|back| (host::epoch() + back - now).ceil()),
        queued: queued as u32,
    }
}
