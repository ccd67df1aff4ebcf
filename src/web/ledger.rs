//! A rate limit that several processes share. Its ledger is an object of the caller, for example one
//! that keeps the state in Redis. [`crate::ledger`] decides what happens while the ledger does not answer.

use js_sys::Promise;
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::AbortSignal;

use super::host::{self, Ending, Outcome};
use super::origin::Origin;
use crate::event::{LedgerState, WaitReason};
use crate::limiter::{End, Ticket, Turn};

#[wasm_bindgen(module = "/js/ledger.js")]
extern "C" {
    /// Whether the value has the four methods of a ledger.
    #[wasm_bindgen(js_namespace = ledgers, js_name = isLedger)]
    pub fn is_ledger(value: &JsValue) -> bool;

    /// The ledger's answer.
    type Answer;
    /// Milliseconds until the next question; if refused, milliseconds until the pause ends.
    #[wasm_bindgen(method, getter)]
    fn ms(this: &Answer) -> f64;
    /// Milliseconds until the request can probably start.
    #[wasm_bindgen(method, getter, js_name = startMs)]
    fn start_ms(this: &Answer) -> f64;
    /// How many processes share the limit; 0 if nobody knows.
    #[wasm_bindgen(method, getter)]
    fn processes(this: &Answer) -> f64;

    /// One request in the ledger.
    #[derive(Clone, Debug)]
    pub type Entry;
    #[wasm_bindgen(constructor)]
    pub fn new(ledger: &JsValue, key: &str) -> Entry;
    /// Asks for a turn. The ending is `Granted`, `RateLimit`, `Cooldown` or `Refused`; any other ending
    /// means that the ledger is lost. `value` is an [`Answer`].
    #[wasm_bindgen(method)]
    pub fn ask(
        this: &Entry,
        requests: u32,
        window_ms: f64,
        lease_ms: f64,
        signal: Option<&AbortSignal>,
    ) -> Promise<Outcome>;
    /// Leaves the queue, or gives back a slot that was not used.
    #[wasm_bindgen(method)]
    pub fn leave(this: &Entry);
    /// Ends the request. Returns whether the ledger knows it.
    #[wasm_bindgen(method)]
    fn settle(this: &Entry, answered: bool) -> bool;
    /// No process starts a request for `for_ms` milliseconds.
    #[wasm_bindgen(method)]
    pub fn freeze(this: &Entry, for_ms: f64);
}

/// Turns the ledger's answer into a turn, or `None` if the ledger is lost. The second value is the state of the
/// ledger if this answer changed it.
///
/// Neither the limiter nor the link is borrowed while the ledger's methods run: they may use the client.
pub fn turn(
    outcome: &Outcome,
    entry: &Entry,
    origin: &Origin,
    ticket: Ticket,
    lease_ms: f64,
) -> (Option<Turn>, Option<LedgerState>) {
    let now = host::now();
    let ending = outcome.ending();
    let answer: Answer = outcome.value().unchecked_into();
    let is_lost = !matches!(
        ending,
        Ending::Granted | Ending::RateLimit | Ending::Cooldown | Ending::Refused
    );
    let processes = answer.processes();
    let change = origin.link.borrow_mut().note(is_lost, processes, now);
    if is_lost {
        return (None, change);
    }
    // The ledger is back, and does not know what started without it.
    let pause_ms = change.and_then(|_| origin.link.borrow().pause_ms(now));
    let mut poll_at = now + answer.ms();
    if let Some(pause_ms) = pause_ms {
        entry.leave();
        entry.freeze(pause_ms);
        poll_at = now;
    }
    let cooldown = origin.limiter.borrow_mut().poll_cooldown(ticket, now);
    if ending == Ending::Granted && cooldown.is_some() {
        entry.leave();
        return (cooldown, change);
    }
    let mut limiter = origin.limiter.borrow_mut();
    let turn = match ending {
        Ending::Granted if pause_ms.is_none() => Turn::Start(limiter.record_start(lease_ms, now)),
        Ending::Refused => Turn::Refused { until: poll_at },
        _ => {
            limiter.keep(ticket, poll_at, now);
            Turn::Wait {
                poll_at,
                start_at: now + answer.start_ms(),
                reason: if ending == Ending::Cooldown {
                    WaitReason::Cooldown
                } else {
                    WaitReason::RateLimit
                },
            }
        }
    };
    (Some(turn), change)
}

/// Ends a request. Neither the limiter nor the link is borrowed while the ledger's methods run.
pub fn finish(entry: &Entry, origin: &Origin, end: End, now: f64) {
    if entry.settle(end == End::Answered) {
        return;
    }
    let window_ms = origin.link.borrow_mut().finish_unknown(now);
    if let Some(window_ms) = window_ms {
        entry.freeze(window_ms);
    }
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * Keeps one rate limit for several processes or tabs. `redisLedger` and `tabsLedger` create ledgers; what a
 * ledger of your own must do is in the repository, in docs/shared-limit.md. All times are durations in
 * milliseconds, because the clocks of processes differ. `key` is the origin of the API.
 */
export interface RateLimitLedger {
    /** Asks for a slot for one request. A waiting client asks again with the same id after `retryInMs`. */
    acquire(key: string, lease: LedgerLease): LedgerTurn | PromiseLike<LedgerTurn>;
    /**
     * Ends the request. Its slot comes free one window later. Without an answer it comes free 1 s after
     * that, because the request may still be on its way to the server.
     */
    settle(key: string, id: string, end: { answered: boolean }): unknown;
    /** Forgets a request that will not start. Its position in the queue, or its slot, is free at once. */
    abandon(key: string, id: string): unknown;
    /** No request starts for `forMs`: the server answered 429 to a request of this epoch, or an outage is over. */
    freeze(key: string, pause: { forMs: number; epoch: number }): unknown;
    /** How many processes share the limit, if that is known in advance. */
    readonly processes?: number | undefined;
}

/** A request for a slot. */
export interface LedgerLease {
    /** Identifies the request. No other request has this id. */
    id: string;
    /** Requests that may start in one window. */
    requests: number;
    /** The length of the window, in milliseconds. */
    windowMs: number;
    /** After so many milliseconds without `settle`, the request counts as ended. */
    leaseMs: number;
}

/** The ledger's answer: start now, ask again in `retryInMs`, or fail at once. */
export type LedgerTurn =
    | { granted: true; /** The number of freezes so far. */ epoch: number; processes?: number | undefined }
    | { granted: false; retryInMs: number; startInMs: number; reason: "rate_limit" | "cooldown"; processes?: number | undefined }
    | { granted: false; /** How long the freeze lasts, if that is more than 60 s. */ refusedForMs: number };
"#;
