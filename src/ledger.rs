//! What a process does while it cannot reach the ledger of a shared rate limit.
//!
//! The process always keeps a limit. Other processes may just have used the whole window, so it first
//! starts nothing for one window and one more question to the ledger. Then it keeps to its share of the
//! limit, and asks the ledger from time to time.
//!
//! When the ledger answers again, it does not know the requests that processes started by their shares.
//! So all processes pause until those requests are out of the window.

use crate::event::{LedgerState, WaitReason};
use crate::limiter::{Limiter, Ticket, Turn};
use crate::pace::Pace;

/// How long the ledger may take to answer, in milliseconds. `js/ledger.js` implements the wait.
pub const ANSWER_MS: f64 = 500.0;

/// The time between two questions to a lost ledger, in milliseconds.
pub const PROBE_MS: f64 = 2_000.0;

/// How many processes are assumed to share the limit if nobody knows.
const PROCESSES: f64 = 8.0;

/// The state of the connection to the ledger, for one origin.
#[derive(Debug)]
pub struct Link {
    /// When to ask the lost ledger again; `None` while it answers.
    probe_at: Option<f64>,
    lost_at: f64,
    processes: f64,
    /// When a request that the ledger does not know last started or ended.
    unknown_at: f64,
    /// The window of that request.
    unknown_window_ms: f64,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            probe_at: None,
            lost_at: f64::NEG_INFINITY,
            processes: PROCESSES,
            unknown_at: f64::NEG_INFINITY,
            unknown_window_ms: 0.0,
        }
    }
}

impl Link {
    /// Whether to ask the ledger now. While it is lost, only one waiter at a time asks.
    pub fn asks(&mut self, now: f64) -> bool {
        match self.probe_at {
            None => true,
            // If it is further away, the clock has gone back.
            Some(probe_at) if now < probe_at && probe_at <= now + PROBE_MS => false,
            Some(_) => {
                self.probe_at = Some(now + PROBE_MS);
                true
            }
        }
    }

    /// Records the result of a question. `processes` is how many processes share the limit, or 0 if the
    /// ledger did not say. Returns the new state if this result changed it.
    pub fn note(&mut self, is_lost: bool, processes: f64, now: f64) -> Option<LedgerState> {
        if processes >= 1.0 {
            self.processes = processes;
        }
        let was_lost = self.probe_at.is_some();
        self.probe_at = is_lost.then_some(now + PROBE_MS);
        match (was_lost, is_lost) {
            (false, true) => {
                self.lost_at = now;
                Some(LedgerState::Lost)
            }
            (true, false) => Some(LedgerState::Back),
            _ => None,
        }
    }

    /// When a waiter should check again whether the ledger is back; `INFINITY` while it answers.
    #[must_use]
    pub fn asks_at(&self, now: f64) -> f64 {
        let Some(probe_at) = self.probe_at else {
            return f64::INFINITY;
        };
        // By then another waiter's question was answered, or has timed out.
        let answered_at = probe_at - PROBE_MS + ANSWER_MS;
        if now < answered_at {
            answered_at
        } else {
            probe_at
        }
    }

    /// How many requests this process may start per window. While the ledger is lost, this is its share.
    #[must_use]
    pub fn share(&self, pace: Pace) -> f64 {
        let requests = f64::from(pace.requests);
        match self.probe_at {
            None => requests,
            Some(_) => requests / self.processes,
        }
    }

    /// The share as a pace. A share below one request becomes one request in several windows.
    #[must_use]
    pub fn pace(&self, pace: Pace) -> Pace {
        let share = self.share(pace);
        let requests = share.max(1.0);
        Pace {
            requests: requests as u32,
            window_ms: pace.window_ms * requests / share,
        }
    }

    /// When this process may start requests by its share. With a short window, it waits for the documented
    /// window, because other processes may still reach the ledger and use the whole limit.
    #[must_use]
    pub fn starts_alone_at(&self, share: Pace) -> f64 {
        let window_ms = share.window_ms.max(Pace::DOCUMENTED.window_ms);
        self.lost_at + window_ms + PROBE_MS + ANSWER_MS
    }

    /// Asks the limiter for a slot within this process's share, while the ledger is lost. The waiter polls
    /// again, at the latest, when the ledger is asked again.
    pub fn poll_alone(
        &mut self,
        limiter: &mut Limiter,
        ticket: Ticket,
        pace: Pace,
        lease_ms: f64,
        now: f64,
    ) -> Turn {
        let (share, asks_at) = (self.pace(pace), self.asks_at(now));
        let start_at = self.starts_alone_at(share);
        let mut turn = if now < start_at {
            limiter.keep(ticket, asks_at, now);
            Turn::Wait {
                poll_at: start_at,
                start_at,
                reason: WaitReason::RateLimit,
            }
        } else {
            limiter.poll(ticket, share, lease_ms, now)
        };
        match &mut turn {
            Turn::Start(_) => self.start_unknown(share, now),
            Turn::Wait { poll_at, .. } => *poll_at = poll_at.min(asks_at),
            Turn::Refused { .. } => {}
        }
        turn
    }

    /// Records the start of a request that the ledger does not know.
    fn start_unknown(&mut self, share: Pace, now: f64) {
        self.unknown_window_ms = share.window_ms;
        self.unknown_at = now;
    }

    /// Records the end of a request that the ledger does not know. If the ledger is back by now, returns
    /// how long all processes must pause, in milliseconds.
    pub fn finish_unknown(&mut self, now: f64) -> Option<f64> {
        self.unknown_at = now;
        self.probe_at.is_none().then_some(self.unknown_window_ms)
    }

    /// How long all processes must pause when the ledger is back, in milliseconds: until the others have
    /// noticed, and all requests that were started by shares are out of the window. `None` if this process
    /// started none.
    #[must_use]
    pub fn pause_ms(&self, now: f64) -> Option<f64> {
        let window_ms = self.unknown_window_ms;
        (now < self.unknown_at + window_ms).then_some(window_ms + PROBE_MS + ANSWER_MS)
    }
}
