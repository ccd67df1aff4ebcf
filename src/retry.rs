//! Decides what to do after a failed attempt: retry, and when, or give up.

use crate::limiter::LONGEST_COOLDOWN_MS;

/// The longest backoff, in milliseconds.
const LONGEST_BACKOFF_MS: f64 = 8_000.0;
/// The upper bound of the first backoff, in milliseconds.
const FIRST_BACKOFF_MS: f64 = 500.0;
/// How long to cool down after a 429 without `Retry-After`, in milliseconds (`api/contract.md`, "Rate
/// limit").
pub const COOLDOWN_MS: f64 = 10_000.0;

/// Why an attempt failed, if a retry may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No answer, or the connection broke off.
    Connection,
    /// No complete answer in time.
    Timeout,
    /// An answer with this status.
    Status(u16),
    /// A body that ends in the middle of the document.
    Truncated,
}

/// What the retry policy needs to know of a failed attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FailedAttempt {
    /// `None` if a retry cannot help.
    pub cause: Option<Cause>,
    /// The pause that the server asked for, in milliseconds from now.
    pub retry_after_ms: Option<f64>,
}

impl From<Cause> for FailedAttempt {
    fn from(cause: Cause) -> Self {
        Self {
            cause: Some(cause),
            retry_after_ms: None,
        }
    }
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryDecision {
    /// What the call does.
    pub next: Next,
    /// How long no call to this origin may start a request, in milliseconds.
    pub cooldown_ms: Option<f64>,
}

/// What a call does after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// It makes another attempt. A 401 gets one at once, with a fresh token.
    Retry {
        /// After so many milliseconds. A cooldown lasts no longer.
        wait_ms: f64,
        /// Whether the retry counts against `maxRetries`.
        charged: bool,
    },
    /// The failure is final.
    GiveUp {
        /// How long the pause lasts that the server asked for, if it did, in milliseconds.
        pause_ms: Option<f64>,
    },
}

/// The retries of one call.
#[derive(Debug)]
pub struct RetryState {
    left: u32,
    charged: u32,
    /// A token function exists, and was not yet asked for another token.
    can_refresh_token: bool,
    /// The first 429 is not charged, because another client used up the window.
    next_429_is_free: bool,
}

impl RetryState {
    /// The state before the first attempt. With `max_retries` 0, a 429 is not retried either.
    #[must_use]
    pub fn new(max_retries: u32, can_refresh_token: bool) -> Self {
        Self {
            left: max_retries,
            charged: 0,
            can_refresh_token,
            next_429_is_free: max_retries > 0,
        }
    }

    /// Decides after a failed attempt. `random` is uniform in `0.0..1.0`.
    pub fn after_failure(&mut self, attempt: FailedAttempt, random: f64) -> RetryDecision {
        let Some(cause) = attempt.cause else {
            return GIVE_UP;
        };
        if cause == Cause::Status(401) {
            return if std::mem::take(&mut self.can_refresh_token) {
                AT_ONCE
            } else {
                GIVE_UP
            };
        }
        let is_429 = cause == Cause::Status(429);
        // `Retry-After: 0` counts as absent, so that it does not shorten the backoff.
        let asked_ms = attempt.retry_after_ms.filter(|pause| *pause > 0.0);
        let pause_ms = asked_ms.or(is_429.then_some(COOLDOWN_MS));
        let is_too_long = pause_ms.is_some_and(|pause| pause > LONGEST_COOLDOWN_MS);
        let cooldown_ms = pause_ms.filter(|_| is_429 || is_too_long);
        let is_free = is_429 && !is_too_long && std::mem::take(&mut self.next_429_is_free);
        if is_too_long || (self.left == 0 && !is_free) {
            return RetryDecision {
                next: Next::GiveUp { pause_ms },
                cooldown_ms,
            };
        }
        if !is_free {
            self.left -= 1;
            self.charged += 1;
        }
        let backoff_ms = if is_free {
            0.0
        } else {
            backoff_ms(self.charged, random)
        };
        let wait_ms = cooldown_ms.or(asked_ms).unwrap_or(0.0).max(backoff_ms);
        RetryDecision {
            next: Next::Retry {
                wait_ms,
                charged: !is_free,
            },
            cooldown_ms,
        }
    }
}

const GIVE_UP: RetryDecision = RetryDecision {
    next: Next::GiveUp { pause_ms: None },
    cooldown_ms: None,
};

const AT_ONCE: RetryDecision = RetryDecision {
    next: Next::Retry {
        wait_ms: 0.0,
        charged: false,
    },
    cooldown_ms: None,
};

/// Exponential backoff with full jitter: uniform from 0 to 0.5 s, 1 s, 2 s, … 8 s.
fn backoff_ms(retry: u32, random: f64) -> f64 {
    let doubled = FIRST_BACKOFF_MS * f64::from(1_u32 << (retry - 1).min(8));
    doubled.min(LONGEST_BACKOFF_MS) * random
}

/// The cause, if the status is worth a retry. A 401 is worth one, with a fresh token.
#[must_use]
pub fn cause_of(status: u16) -> Option<Cause> {
    matches!(status, 401 | 408 | 429 | 500 | 502 | 503 | 504).then_some(Cause::Status(status))
}
