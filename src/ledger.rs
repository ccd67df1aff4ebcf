//! What a process does while it cannot reach the ledger of a rate limit that it shares with others.
//!
//! It never runs free. Others may have used all of the window a moment ago, so it starts nothing for
//! one window. Then it goes by its share of the limit, and asks the ledger again from time to time.
//! Once that answers, what was started by shares is unknown to it: so everybody pauses until that is
//! out of the window.

use serde::Serialize;
use tsify::Tsify;

use crate::limiter::Pace;

/// How long the ledger may take to answer, in milliseconds. `js/ledger.js` waits so long.
pub const ANSWER_MS: f64 = 500.0;

/// How often a ledger that was lost is asked again, in milliseconds.
pub const PROBE_MS: f64 = 2_000.0;

/// How many processes share the limit where nobody says so.
const PROCESSES: f64 = 8.0;

/// Whether the ledger of a shared rate limit answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum LedgerState {
    /// It does not: this process goes by its share.
    Lost,
    /// It does again.
    Back,
}

/// What a process knows of the ledger of one origin.
#[derive(Debug)]
pub struct Link {
    /// When to ask again; `None` while the ledger answers.
    probe_at: Option<f64>,
    processes: f64,
    /// When a request last started or ended that the ledger does not know.
    unknown_at: f64,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            probe_at: None,
            processes: PROCESSES,
            unknown_at: f64::NEG_INFINITY,
        }
    }
}

impl Link {
    /// Whether to ask the ledger now. While it is lost, one waiter at a time does.
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

    /// Takes note of how many processes share the limit, where somebody says so.
    pub fn note_processes(&mut self, processes: Option<f64>) {
        if let Some(processes) = processes {
            self.processes = processes.max(1.0);
        }
    }

    /// The ledger has answered. Whether it was lost before.
    pub fn answered(&mut self) -> bool {
        self.probe_at.take().is_some()
    }

    /// The ledger has not answered. Whether it did before.
    pub fn missed(&mut self, now: f64) -> bool {
        self.probe_at.replace(now + PROBE_MS).is_none()
    }

    /// When the ledger is asked again, if it is lost.
    #[must_use]
    pub fn probe_at(&self) -> Option<f64> {
        self.probe_at
    }

    /// How fast this process may start requests by itself.
    #[must_use]
    pub fn share(&self, pace: Pace) -> Pace {
        let share = f64::from(pace.requests) / self.processes;
        let requests = share.max(1.0);
        Pace {
            requests: requests as u32,
            // One request in several windows, where there are more processes than requests.
            window_ms: pace.window_ms * requests / share,
        }
    }

    /// A request that the ledger does not know starts or ends.
    pub fn record_unknown(&mut self, now: f64) {
        self.unknown_at = self.unknown_at.max(now);
    }

    /// How long everybody has to pause now that the ledger is back: until the others are back, too, and
    /// what was started by shares is out of the window. `None` where this process started nothing.
    #[must_use]
    pub fn pause_ms(&self, pace: Pace, now: f64) -> Option<f64> {
        (now < self.unknown_at + pace.window_ms).then_some(pace.window_ms + PROBE_MS + ANSWER_MS)
    }
}
