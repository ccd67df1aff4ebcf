//! A rate limit that is shared with other processes: its ledger is an object of the caller, kept by
//! Redis for example. What happens while it does not answer is decided in [`crate::ledger`].

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Math, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::host::{self, Ending, Outcome};
use crate::event::WaitReason;
use crate::ledger::LedgerState;
use crate::limiter::{End, Limiter, Pace, Turn};

#[wasm_bindgen(module = "/js/ledger.js")]
extern "C" {
    /// Whether this has what is used of a ledger.
    #[wasm_bindgen(js_name = isLedger)]
    pub fn is_ledger(value: &JsValue) -> bool;
    fn acquire(
        ledger: &JsValue,
        key: &str,
        id: f64,
        requests: u32,
        window_ms: f64,
        lease_ms: f64,
        signal: Option<&AbortSignal>,
    ) -> Promise<Outcome>;
    #[wasm_bindgen(js_namespace = ledgers)]
    fn settle(ledger: &JsValue, key: &str, id: f64, answered: bool);
    #[wasm_bindgen(js_namespace = ledgers)]
    fn abandon(ledger: &JsValue, key: &str, id: f64);
    #[wasm_bindgen(js_namespace = ledgers)]
    fn freeze(ledger: &JsValue, key: &str, for_ms: f64, epoch: f64);
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

/// The longest time after which the ledger is asked again, in milliseconds.
const LONGEST_WAIT_MS: f64 = 60_000.0;

thread_local! {
    static ENTRIES: Cell<f64> = const { Cell::new(0.0) };
}

/// A ledger as a client uses it.
#[derive(Clone, Debug)]
pub struct Ledger {
    object: JsValue,
    key: String,
    limiter: Rc<RefCell<Limiter>>,
}

impl Ledger {
    pub fn new(object: JsValue, key: &str, limiter: Rc<RefCell<Limiter>>) -> Self {
        let key = key.to_owned();
        Self {
            object,
            key,
            limiter,
        }
    }

    /// Nobody starts a request for so long, in any process.
    pub fn freeze(&self, for_ms: f64, epoch: f64) {
        freeze(&self.object, &self.key, for_ms, epoch);
    }
}

/// Where a request stands in the ledger.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Nowhere,
    Waiting,
    Granted,
}

/// What the ledger answered.
enum Answer {
    Granted {
        epoch: f64,
    },
    /// The other turns.
    Not(Turn),
}

/// One request in the ledger. Dropping it while it waits leaves the queue there.
pub struct Entry {
    ledger: Ledger,
    id: f64,
    state: Cell<State>,
    epoch: Cell<f64>,
}

impl Entry {
    pub fn new(ledger: &Ledger) -> Self {
        // The number makes it unique here, and the fraction elsewhere.
        let number = ENTRIES.get() + 1.0;
        ENTRIES.set(number);
        Self {
            ledger: ledger.clone(),
            id: number + Math::random(),
            state: Cell::new(State::Nowhere),
            epoch: Cell::default(),
        }
    }

    /// Of the grant: how often everybody was frozen before it.
    pub fn epoch(&self) -> f64 {
        self.epoch.get()
    }

    /// Asks the ledger. `None` where it does not answer, and where the signal was aborted.
    pub async fn ask(
        &self,
        pace: Pace,
        lease_ms: f64,
        signal: Option<&AbortSignal>,
        on_change: impl Fn(LedgerState, Pace),
    ) -> Option<Turn> {
        let Ledger { object, key, .. } = &self.ledger;
        let limiter = &self.ledger.limiter;
        if !limiter.borrow_mut().link.asks(host::now()) {
            return None;
        }
        self.state.set(State::Waiting);
        let (requests, window_ms) = (pace.requests, pace.window_ms);
        let asked = acquire(object, key, self.id, requests, window_ms, lease_ms, signal);
        let outcome = asked.await.ok()?;
        let now = host::now();
        let turn = outcome.value();
        let processes = number(&turn, "processes").or_else(|| number(object, "processes"));
        limiter.borrow_mut().link.note_processes(processes);
        let Some(answer) = answer(&turn, now) else {
            // It may come to be granted yet.
            self.leave();
            if outcome.ending() != Ending::Aborted && limiter.borrow_mut().lose_ledger(now) {
                let share = limiter.borrow().link.share(pace);
                on_change(LedgerState::Lost, share);
            }
            return None;
        };
        if limiter.borrow_mut().link.answered() {
            on_change(LedgerState::Back, pace);
            let pause_ms = limiter.borrow().link.pause_ms(pace, now);
            if let Some(pause_ms) = pause_ms {
                self.leave();
                self.ledger.freeze(pause_ms, 0.0);
                return Some(Turn::Wait {
                    poll_at: now,
                    start_at: now + pause_ms,
                    reason: WaitReason::RateLimit,
                });
            }
        }
        Some(match answer {
            Answer::Not(turn) => turn,
            Answer::Granted { epoch } => {
                self.state.set(State::Granted);
                self.epoch.set(epoch);
                Turn::Start(limiter.borrow_mut().record_unpaced(lease_ms, now))
            }
        })
    }

    /// The request starts, whether the ledger knows of it or not.
    pub fn start(&self) {
        if self.state.get() != State::Granted {
            let mut limiter = self.ledger.limiter.borrow_mut();
            limiter.link.record_unknown(host::now());
        }
    }

    /// The request is over.
    pub fn finish(&self, end: End, pace: Pace) {
        let Ledger { object, key, .. } = &self.ledger;
        if self.state.replace(State::Nowhere) == State::Granted {
            return settle(object, key, self.id, end == End::Answered);
        }
        let mut limiter = self.ledger.limiter.borrow_mut();
        limiter.link.record_unknown(host::now());
        if limiter.link.probe_at().is_none() {
            // Of all requests that the ledger does not know, the last.
            self.ledger.freeze(pace.window_ms, 0.0);
        }
    }

    /// Leaves the ledger, unless the request has started.
    fn leave(&self) {
        if self.state.replace(State::Nowhere) == State::Waiting {
            abandon(&self.ledger.object, &self.ledger.key, self.id);
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What a turn says, if it is one.
fn answer(turn: &JsValue, now: f64) -> Option<Answer> {
    if member(turn, "granted") == JsValue::TRUE {
        let epoch = number(turn, "epoch").unwrap_or_default();
        return Some(Answer::Granted { epoch });
    }
    if let Some(ms) = number(turn, "refusedForMs") {
        return Some(Answer::Not(Turn::Refused { until: now + ms }));
    }
    let ms = number(turn, "retryInMs")?;
    let is_cooldown = member(turn, "reason") == "cooldown";
    Some(Answer::Not(Turn::Wait {
        poll_at: now + ms.min(LONGEST_WAIT_MS),
        start_at: now + number(turn, "startInMs").unwrap_or(ms),
        reason: if is_cooldown {
            WaitReason::Cooldown
        } else {
            WaitReason::RateLimit
        },
    }))
}

/// A member of what the ledger answered; `undefined` where it has none.
fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// A member that is a number of milliseconds, or a count.
fn number(object: &JsValue, name: &str) -> Option<f64> {
    let number = member(object, name).as_f64()?;
    (0.0..f64::INFINITY).contains(&number).then_some(number)
}
