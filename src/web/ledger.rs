//! A rate limit that is shared with other processes: its ledger is an object of the caller, kept by
//! Redis for example. What happens while it does not answer is decided in [`crate::ledger`].

use js_sys::Promise;
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::AbortSignal;

use super::host::{self, Ending, Outcome};
use crate::event::WaitReason;
use crate::ledger::Link;
use crate::limiter::{End, Limiter, Ticket, Turn};

#[wasm_bindgen(module = "/js/ledger.js")]
extern "C" {
    /// Whether this has what is used of a ledger.
    #[wasm_bindgen(js_namespace = ledgers, js_name = isLedger)]
    pub fn is_ledger(value: &JsValue) -> bool;

    /// What the ledger has answered.
    type Answer;
    /// How long until to ask again, or how long the pause is.
    #[wasm_bindgen(method, getter)]
    fn ms(this: &Answer) -> f64;
    /// How long it will probably be until the request can start.
    #[wasm_bindgen(method, getter, js_name = startMs)]
    fn start_ms(this: &Answer) -> f64;
    /// How many processes share the limit; 0 where nobody knows.
    #[wasm_bindgen(method, getter)]
    fn processes(this: &Answer) -> f64;

    /// One request in the ledger.
    #[derive(Clone, Debug)]
    pub type Entry;
    #[wasm_bindgen(constructor)]
    pub fn new(ledger: &JsValue, key: &str) -> Entry;
    /// Asks for a turn. Ends as `Granted`, `RateLimit`, `Cooldown` or `Refused`, else the ledger is lost.
    /// `value` is an [`Answer`].
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
    /// The request is over. Whether the ledger knows of it: it had a slot there.
    #[wasm_bindgen(method)]
    fn settle(this: &Entry, answered: bool) -> bool;
    /// Nobody starts a request for so long, in any process.
    #[wasm_bindgen(method)]
    pub fn freeze(this: &Entry, for_ms: f64);
}

/// What the ledger's answer comes to: a turn, unless it is lost; and whether it is lost or back only now.
pub fn turn(
    outcome: &Outcome,
    entry: &Entry,
    limiter: &mut Limiter,
    ticket: Ticket,
    lease_ms: f64,
) -> (Option<Turn>, Option<&'static str>) {
    let now = host::now();
    let ending = outcome.ending();
    let answer: Answer = outcome.value().unchecked_into();
    let is_lost = !matches!(
        ending,
        Ending::Granted | Ending::RateLimit | Ending::Cooldown | Ending::Refused
    );
    let is_new = limiter.link.note(is_lost, answer.processes(), now);
    if is_lost {
        return (None, is_new.then_some("lost"));
    }
    let pause_ms = limiter.link.pause_ms(now).filter(|_| is_new);
    let mut poll_at = now + answer.ms();
    if let Some(pause_ms) = pause_ms {
        entry.leave();
        entry.freeze(pause_ms);
        poll_at = now;
    }
    let turn = match ending {
        Ending::Granted if pause_ms.is_none() => Turn::Start(limiter.record_unpaced(lease_ms, now)),
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
    (Some(turn), is_new.then_some("back"))
}

/// The request is over.
pub fn finish(entry: &Entry, link: &mut Link, end: End, now: f64) {
    if !entry.settle(end == End::Answered)
        && let Some(window_ms) = link.finish_unknown(now)
    {
        entry.freeze(window_ms);
    }
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * Keeps one rate limit for several processes or tabs. `redisLedger` is one; `docs/shared-limit.md` says
 * what another one must do. All times are durations in milliseconds, since the clocks of processes
 * differ. `key` is the origin of the API.
 */
export interface RateLimitLedger {
    /** Asks for a slot for one request; asks again with the same id after `retryInMs`. */
    acquire(key: string, lease: LedgerLease): LedgerTurn | PromiseLike<LedgerTurn>;
    /**
     * The request is over. Its slot comes free one window later; one window and 1 s later where it had
     * no answer, because it may still be on its way to the server.
     */
    settle(key: string, id: string, end: { answered: boolean }): unknown;
    /** No request was started, nor will be: the position in the queue, or the slot, is free at once. */
    abandon(key: string, id: string): unknown;
    /** The server answered 429 to a request of this epoch: nobody starts for `forMs`. */
    freeze(key: string, pause: { forMs: number; epoch: number }): unknown;
    /** How many processes share the limit, if it is known beforehand. */
    readonly processes?: number;
}

/** What a ledger is asked for. */
export interface LedgerLease {
    /** Names the request. No other has this id. */
    id: string;
    /** Requests that may start in one window. */
    requests: number;
    /** The length of the window. */
    windowMs: number;
    /** How long the slot is held without `settle`; then the request counts as over. */
    leaseMs: number;
}

/** What a ledger answers: start now, ask again in so long, or give up. */
export type LedgerTurn =
    | { granted: true; /** Freezes so far. */ epoch: number; processes?: number }
    | { granted: false; retryInMs: number; startInMs: number; reason: "rate_limit" | "cooldown"; processes?: number }
    | { granted: false; /** A pause that is longer than 60 s. */ refusedForMs: number };
"#;
