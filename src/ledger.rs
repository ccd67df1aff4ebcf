//! What a process does while it cannot reach the ledger of a rate limit that it shares with others.
//!
//! It never runs free. Others may have used all of the window a moment ago, so it starts nothing for
//! one window, and not before it has asked once more. Then it goes by its share of the limit, and goes on
//! asking the ledger from time to time.
//! Once that answers, what was started by shares is unknown to it: so everybody pauses until that is
//! out of the window.

use crate::pace::Pace;

/// How long the ledger may take to answer, in milliseconds. `js/ledger.js` waits so long.
pub const ANSWER_MS: f64 = 500.0;

/// How often a ledger that was lost is asked again, in milliseconds.
pub const PROBE_MS: f64 = 2_000.0;

/// How many processes share the limit where nobody says so.
const PROCESSES: f64 = 8.0;

/// What a process knows of the ledger of one origin.
#[derive(Debug)]
pub struct Link {
    /// When to ask again; `None` while the ledger answers.
    probe_at: Option<f64>,
    lost_at: f64,
    processes: f64,
    /// When a request last started or ended that the ledger does not know.
    unknown_at: f64,
    /// The window that it counts in.
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

    /// The ledger was asked, and may have named the processes that share the limit (else 0). Whether it
    /// `is_lost` only now, or back only now.
    pub fn note(&mut self, is_lost: bool, processes: f64, now: f64) -> bool {
        if processes >= 1.0 {
            self.processes = processes;
        }
        let was_lost = self.probe_at.is_some();
        self.probe_at = is_lost.then_some(now + PROBE_MS);
        if is_lost && !was_lost {
            self.lost_at = now;
        }
        was_lost != is_lost
    }

    /// When to look again whether the ledger is back; never by itself while it answers.
    #[must_use]
    pub fn asks_at(&self, now: f64) -> f64 {
        let Some(probe_at) = self.probe_at else {
            return f64::INFINITY;
        };
        // By then somebody else's question is answered, or not.
        let answered_at = probe_at - PROBE_MS + ANSWER_MS;
        if now < answered_at {
            answered_at
        } else {
            probe_at
        }
    }

    /// How many requests this process may start in a window: its share, while the ledger is lost.
    #[must_use]
    pub fn share(&self, pace: Pace) -> f64 {
        let requests = f64::from(pace.requests);
        match self.probe_at {
            None => requests,
            Some(_) => requests / self.processes,
        }
    }

    /// The same as a pace: one request in several windows, where the share is less than one.
    #[must_use]
    pub fn pace(&self, pace: Pace) -> Pace {
        let share = self.share(pace);
        let requests = share.max(1.0);
        Pace {
            requests: requests as u32,
            window_ms: pace.window_ms * requests / share,
        }
    }

    /// Before this, this process starts nothing by itself. Where windows are short, others may well reach
    /// the ledger and use all of the limit.
    #[must_use]
    pub fn starts_alone_at(&self, share: Pace) -> f64 {
        let window_ms = share.window_ms.max(Pace::DOCUMENTED.window_ms);
        self.lost_at + window_ms + PROBE_MS + ANSWER_MS
    }

    /// A request starts at this pace that the ledger does not know.
    pub fn start_unknown(&mut self, share: Pace, now: f64) {
        self.unknown_window_ms = share.window_ms;
        self.unknown_at = now;
    }

    /// A request ends that the ledger does not know. Where that is back, it must: gives how long
    /// everybody has to pause.
    pub fn finish_unknown(&mut self, now: f64) -> Option<f64> {
        self.unknown_at = now;
        self.probe_at.is_none().then_some(self.unknown_window_ms)
    }

    /// How long everybody has to pause when the ledger is back: until the others are back, too, and what
    /// was started by shares is out of the window. `None` where this process started nothing.
    #[must_use]
    pub fn pause_ms(&self, now: f64) -> Option<f64> {
        let window_ms = self.unknown_window_ms;
        (now < self.unknown_at + window_ms).then_some(window_ms + PROBE_MS + ANSWER_MS)
    }
}
