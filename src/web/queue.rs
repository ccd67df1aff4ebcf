//! Waiting for a slot in the rate limit. Every origin has one limiter, which all clients share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::client::Client;
use super::host::{self, check_aborted};
use super::ledger::Entry;
use super::trap::{self, Place};
use crate::error::Failure;
use crate::event::WaitReason;
use crate::ledger::LedgerState;
use crate::limiter::{ABORTED_GRACE_MS, End, Limiter, Pace, Slot, Ticket, Turn};

#[wasm_bindgen(module = "/js/trap.js")]
extern "C" {
    /// Remembers a cooldown beyond the life of this instance.
    #[wasm_bindgen(js_namespace = afterlife, js_name = rememberCooldown)]
    fn remember_cooldown(until: f64);
}

type Limiters = RefCell<Vec<(String, Rc<RefCell<Limiter>>)>>;

thread_local! {
    static LIMITERS: Limiters = const { RefCell::new(Vec::new()) };
    /// When the instance before this one was lost, and when the cooldown ends that it had met.
    static LOSS: Cell<(f64, f64)> = const { Cell::new((f64::NEG_INFINITY, f64::NEG_INFINITY)) };
}

/// Takes over from an instance that was lost with all that it had counted.
pub fn continue_after_loss(lost_at: f64, cooldown_until: f64) {
    LOSS.set((lost_at, cooldown_until));
}

/// Forgets all that was counted.
pub fn reset() {
    LOSS.set((f64::NEG_INFINITY, f64::NEG_INFINITY));
    LIMITERS.with_borrow(|limiters| {
        for (_, limiter) in limiters {
            limiter.replace(Limiter::default());
        }
    });
}

/// The limiter of an origin. Where only the caller's `fetch` knows the origin, every client has its
/// own.
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

/// Keeps everybody at this origin back for so long: a cooldown. `epoch` is that of the request's lease.
pub fn cool_down(client: &Client, for_ms: f64, epoch: f64) {
    let until = host::now() + for_ms;
    client.limiter.borrow_mut().cool_down(until, host::now());
    remember_cooldown(until);
    if let Some(ledger) = &client.ledger {
        ledger.freeze(for_ms, epoch);
    }
}

/// A slot in the rate limit. Dropping it without an end counts the request as unanswered.
pub struct Lease {
    limiter: Rc<RefCell<Limiter>>,
    slot: Slot,
    end: End,
    /// Where others share the limit.
    shared: Option<(Entry, Pace)>,
}

impl Lease {
    /// How often everybody who shares the limit was frozen before this request.
    pub fn epoch(&self) -> f64 {
        self.shared.as_ref().map_or(0.0, |(entry, _)| entry.epoch())
    }

    /// The request is over.
    pub fn finish(mut self, end: End) {
        self.end = end;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut limiter = self.limiter.borrow_mut();
        limiter.finish(self.slot, self.end, host::now());
        drop(limiter);
        if let Some((entry, pace)) = &self.shared {
            entry.finish(self.end, *pace);
        }
    }
}

/// A position in the queue. Dropping it leaves the queue.
struct Position<'a> {
    limiter: &'a RefCell<Limiter>,
    ticket: Ticket,
}

impl Drop for Position<'_> {
    fn drop(&mut self) {
        self.limiter.borrow_mut().leave(self.ticket);
    }
}

/// Waits for a slot. `on_wait` hears once why, and how long it will probably take; `on_ledger` hears
/// whether the ledger answers that others share the limit by, and how fast this process may go now.
///
/// # Errors
/// `rate_limited` where the server asked for a pause that is longer than calls wait; the signal's
/// reason where it was aborted.
pub async fn take_slot(
    client: &Client,
    path: &str,
    timeout_ms: u32,
    signal: Option<&AbortSignal>,
    on_wait: impl Fn(WaitReason, f64),
    on_ledger: impl Fn(LedgerState, Pace),
) -> Result<Lease, JsValue> {
    let limiter = &client.limiter;
    let lease = |slot, shared| Lease {
        limiter: limiter.clone(),
        slot,
        end: End::Unanswered,
        shared,
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
    let ticket = limiter.borrow_mut().join(now);
    let _position = Position { limiter, ticket };
    let entry = client.ledger.as_ref().map(Entry::new);
    let mut was_told = false;
    loop {
        trap::point(Place::Turn);
        let mut turn = None;
        let mut pace = pace;
        let mut wakes_at = f64::INFINITY;
        if let Some(entry) = &entry {
            turn = entry.ask(pace, lease_ms, signal, &on_ledger).await;
            check_aborted(signal)?;
            let link = &limiter.borrow().link;
            if let Some(probe_at) = link.probe_at() {
                wakes_at = probe_at;
                pace = link.share(pace);
            }
        }
        let now = host::now();
        let poll = || limiter.borrow_mut().poll(ticket, pace, lease_ms, now);
        match turn.unwrap_or_else(poll) {
            Turn::Start(slot) => {
                let shared = entry.map(|entry| {
                    entry.start();
                    (entry, pace)
                });
                return Ok(lease(slot, shared));
            }
            Turn::Refused { until } => return refused(until),
            Turn::Wait {
                poll_at,
                start_at,
                reason,
            } => {
                if !was_told {
                    was_told = true;
                    on_wait(reason, start_at - now);
                }
                let wakes_at = poll_at.min(wakes_at);
                if entry.is_some() {
                    limiter.borrow_mut().keep(ticket, wakes_at, now);
                }
                // A timer may fire a little early.
                let ms = (wakes_at - now).ceil().max(1.0);
                let _ = host::sleep(ms, signal).await;
                check_aborted(signal)?;
            }
        }
    }
}
