//! Waiting for a slot in the rate limit.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::AbortSignal;

use super::call_error::CallError;
use super::cancellation::check_aborted;
use super::client::Client;
use super::host;
use super::ledger::{self, Entry};
use super::origin::Origin;
use super::trap::{self, TrapPoint};
use crate::error::Failure;
use crate::event::{LedgerState, WaitReason};
use crate::limiter::{ABORTED_GRACE_MS, End, Priority, Slot, Ticket, Turn};
use crate::pace::Pace;

/// A slot in the rate limit. Dropping it without an end counts the request as unanswered.
pub struct Lease {
    origin: Rc<Origin>,
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
        let mut limiter = self.origin.limiter.borrow_mut();
        limiter.finish(self.slot, self.end, now);
        drop(limiter);
        if let Some(entry) = &self.entry {
            ledger::finish(entry, &self.origin, self.end, now);
        }
    }
}

/// Holds a position in the queue. Dropping it leaves the queue, and the one of the ledger.
struct Position<'a> {
    origin: &'a Origin,
    ticket: Ticket,
    entry: Option<Entry>,
}

impl Drop for Position<'_> {
    fn drop(&mut self) {
        self.origin.limiter.borrow_mut().leave(self.ticket);
        if let Some(entry) = &self.entry {
            entry.leave();
        }
    }
}

/// A request that needs a slot.
pub struct SlotRequest<'a> {
    pub client: &'a Client,
    /// The path that messages show.
    pub path: &'a str,
    pub priority: Priority,
    pub timeout_ms: u32,
    pub signal: Option<&'a AbortSignal>,
}

impl SlotRequest<'_> {
    /// Waits for a slot. Calls `on_wait` at most once, with the reason and the estimated wait in
    /// milliseconds. Calls `on_ledger` when the ledger of a shared limit is lost or back, with the number of
    /// requests that this process may start per window from now on.
    ///
    /// # Errors
    /// `rate_limited` if the server asked for a longer pause than calls wait for; the signal's reason if it
    /// was aborted.
    pub async fn take(
        &self,
        on_wait: impl Fn(WaitReason, f64),
        on_ledger: impl Fn(LedgerState, f64),
    ) -> Result<Lease, CallError> {
        let origin = &*self.client.origin;
        let Some(pace) = self.client.pace else {
            return self.take_unpaced();
        };
        let ticket = (origin.limiter.borrow_mut()).join(self.priority, host::now());
        let ledger = origin.ledger.as_ref();
        let mut position = Position {
            origin,
            ticket,
            entry: ledger.map(|ledger| Entry::new(ledger, origin.name())),
        };
        let mut has_reported = false;
        loop {
            trap::point(TrapPoint::Turn);
            let ledger_turn = match &position.entry {
                Some(entry) => self.ask_ledger(entry, ticket, pace, &on_ledger).await?,
                None => None,
            };
            let now = host::now();
            let turn = ledger_turn.unwrap_or_else(|| self.poll(&position, pace, now));
            match turn {
                Turn::Start(slot) => return Ok(self.lease(slot, position.entry.take())),
                Turn::Refused { until } => return Err(self.refused(until)),
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
                    let _ = host::sleep(ms, self.signal).await;
                    check_aborted(self.signal)?;
                }
            }
        }
    }

    /// Without pacing (`rateLimit: false`).
    fn take_unpaced(&self) -> Result<Lease, CallError> {
        let now = host::now();
        let mut limiter = self.client.origin.limiter.borrow_mut();
        match limiter.refuses_until(now) {
            Some(until) => Err(self.refused(until)),
            None => Ok(self.lease(limiter.record_start(self.lease_ms(), now), None)),
        }
    }

    /// The ledger's turn; `None` if the ledger is lost: then the limiter decides. During a cooldown that this
    /// process knows, the ledger is not asked.
    async fn ask_ledger(
        &self,
        entry: &Entry,
        ticket: Ticket,
        pace: Pace,
        on_ledger: &impl Fn(LedgerState, f64),
    ) -> Result<Option<Turn>, JsValue> {
        let origin = &*self.client.origin;
        let now = host::now();
        let cooldown = origin.limiter.borrow_mut().poll_cooldown(ticket, now);
        if cooldown.is_some() || !origin.link.borrow_mut().asks(now) {
            return Ok(cooldown);
        }
        let lease_ms = self.lease_ms();
        let asked = entry.ask(pace.requests, pace.window_ms, lease_ms, self.signal);
        let outcome = asked.await?;
        check_aborted(self.signal)?;
        let (turn, change) = ledger::turn(&outcome, entry, origin, ticket, lease_ms);
        if let Some(state) = change {
            let share = origin.link.borrow().share(pace);
            on_ledger(state, share);
        }
        Ok(turn)
    }

    fn poll(&self, position: &Position, pace: Pace, now: f64) -> Turn {
        let mut limiter = position.origin.limiter.borrow_mut();
        if position.entry.is_none() {
            return limiter.poll(position.ticket, pace, self.lease_ms(), now);
        }
        let mut link = position.origin.link.borrow_mut();
        link.poll_alone(&mut limiter, position.ticket, pace, self.lease_ms(), now)
    }

    fn lease(&self, slot: Slot, entry: Option<Entry>) -> Lease {
        Lease {
            origin: self.client.origin.clone(),
            slot,
            end: End::Unanswered,
            entry,
        }
    }

    /// How long the request holds its slot at most, in milliseconds.
    fn lease_ms(&self) -> f64 {
        f64::from(self.timeout_ms) + ABORTED_GRACE_MS
    }

    fn refused(&self, until: f64) -> CallError {
        let retry_at = host::epoch() + until - host::now();
        Failure::cooling_down(self.path, retry_at).into()
    }
}
