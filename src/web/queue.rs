//! Waiting for a slot in the rate limit. Each origin has one limiter, which all its clients share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::call_error::CallError;
use super::client::Client;
use super::host::{self, check_aborted};
use super::ledger::{self, Entry};
use super::trap::{self, TrapPoint};
use crate::error::Failure;
use crate::event::WaitReason;
use crate::limiter::{ABORTED_GRACE_MS, End, Limiter, Priority, Slot, Ticket, Turn};

#[wasm_bindgen(module = "/js/trap.js")]
extern "C" {
    /// Remembers a cooldown for the next instance, in case this one traps.
    #[wasm_bindgen(js_namespace = nextInstance, js_name = rememberCooldown)]
    fn remember_cooldown(until: f64);
}

type Limiters = RefCell<Vec<(String, Rc<RefCell<Limiter>>)>>;

thread_local! {
    static LIMITERS: Limiters = const { RefCell::new(Vec::new()) };
    /// When the previous instance trapped, and the end of a cooldown that it knew of.
    static LOSS: Cell<(f64, f64)> = const { Cell::new((f64::NEG_INFINITY, f64::NEG_INFINITY)) };
}

/// Sets what this instance needs to know of the one before it, which trapped.
pub fn continue_after_loss(lost_at: f64, cooldown_until: f64) {
    LOSS.set((lost_at, cooldown_until));
}

/// The limiter of an origin. If only the caller's `fetch` knows the origin (empty here), every client has
/// its own.
pub fn limiter_of(origin: &str) -> Rc<RefCell<Limiter>> {
    if origin.is_empty() {
        return Rc::default();
    }
    LIMITERS.with_borrow_mut(|limiters| {
        if let Some((_, limiter)) = limiters.iter().find(|(known, _)| known == origin) {
            return limiter.clone();
        }
        let (lost_at, cooldown_until) = LOSS.get();
        let mut limiter = Limiter::after_loss(lost_at);
        limiter.cool_down(cooldown_until, host::now());
        let limiter = Rc::new(RefCell::new(limiter));
        limiters.push((origin.to_owned(), limiter.clone()));
        limiter
    })
}

/// Starts a cooldown for every call to this origin, and for everybody who shares the limit.
pub fn cool_down(limiter: &RefCell<Limiter>, for_ms: f64, entry: Option<&Entry>) {
    let now = host::now();
    limiter.borrow_mut().cool_down(now + for_ms, now);
    remember_cooldown(now + for_ms);
    if let Some(entry) = entry {
        entry.freeze(for_ms);
    }
}

/// A slot in the rate limit. Dropping it without an end counts the request as unanswered.
pub struct Lease {
    limiter: Rc<RefCell<Limiter>>,
    slot: Slot,
    end: End,
    /// In the ledger of a limit that other processes share.
    entry: Option<Entry>,
}

impl Lease {
    /// The request in the ledger of a shared limit.
    pub fn entry(&self) -> Option<Entry> {
        self.entry.clone()
    }

    /// The request is over.
    pub fn finish(mut self, end: End) {
        self.end = end;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let now = host::now();
        self.limiter.borrow_mut().finish(self.slot, self.end, now);
        if let Some(entry) = &self.entry {
            ledger::finish(entry, &self.limiter, self.end, now);
        }
    }
}

/// Holds a position in the queue. Dropping it leaves the queue, and the one of the ledger.
struct Position<'a> {
    limiter: &'a RefCell<Limiter>,
    ticket: Ticket,
    entry: Option<Entry>,
}

impl Drop for Position<'_> {
    fn drop(&mut self) {
        self.limiter.borrow_mut().leave(self.ticket);
        if let Some(entry) = &self.entry {
            entry.leave();
        }
    }
}

/// Waits for a slot. Calls `on_wait` at most once, with the reason and the probable duration. Calls
/// `on_ledger` when the ledger of a shared limit is lost or back, with the rate of this process from now on.
///
/// # Errors
/// `rate_limited` if the server asked for a longer pause than calls wait for; the signal's reason if it
/// was aborted.
pub async fn take_slot(
    client: &Client,
    path: &str,
    priority: Priority,
    timeout_ms: u32,
    signal: Option<&AbortSignal>,
    on_wait: impl Fn(WaitReason, f64),
    on_ledger: impl Fn(&'static str, f64),
) -> Result<Lease, CallError> {
    let limiter = &client.limiter;
    let lease = |slot, entry| Lease {
        limiter: limiter.clone(),
        slot,
        end: End::Unanswered,
        entry,
    };
    let refused = |until: f64| {
        let retry_at = host::epoch() + until - host::now();
        Err(Failure::cooling_down(path, retry_at).into())
    };
    let lease_ms = f64::from(timeout_ms) + ABORTED_GRACE_MS;
    let now = host::now();
    let Some(pace) = client.pace else {
        let mut limiter = limiter.borrow_mut();
        return match limiter.refuses_until(now) {
            Some(until) => refused(until),
            None => Ok(lease(limiter.record_unpaced(lease_ms, now), None)),
        };
    };
    let ticket = limiter.borrow_mut().join(priority, now);
    let ledger = client.ledger.as_ref();
    let mut position = Position {
        limiter,
        ticket,
        entry: ledger.map(|ledger| Entry::new(ledger, client.base.origin())),
    };
    let mut has_reported = false;
    loop {
        trap::point(TrapPoint::Turn);
        let mut turn = None;
        if let Some(entry) = &position.entry
            && limiter.borrow_mut().link.asks(host::now())
        {
            let asked = entry.ask(pace.requests, pace.window_ms, lease_ms, signal);
            let outcome = asked.await?;
            check_aborted(signal)?;
            let news;
            (turn, news) = ledger::turn(&outcome, entry, limiter, ticket, lease_ms);
            if let Some(state) = news {
                let share = limiter.borrow().link.share(pace);
                on_ledger(state, share);
            }
        }
        let now = host::now();
        let poll = || match &position.entry {
            None => (limiter.borrow_mut()).poll(ticket, pace, lease_ms, now),
            Some(_) => (limiter.borrow_mut()).poll_alone(ticket, pace, lease_ms, now),
        };
        match turn.unwrap_or_else(poll) {
            Turn::Start(slot) => return Ok(lease(slot, position.entry.take())),
            Turn::Refused { until } => return refused(until),
            Turn::Wait {
                poll_at,
                start_at,
                reason,
            } => {
                if !has_reported {
                    has_reported = true;
                    on_wait(reason, start_at - now);
                }
                // A timer may fire a little early.
                let ms = (poll_at - now).ceil().max(1.0);
                let _ = host::sleep(ms, signal).await;
                check_aborted(signal)?;
            }
        }
    }
}
