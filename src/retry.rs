//! What to do after a failed attempt: try again, and when, or give up.

use crate::error::{ErrorCode, Failure};
use crate::http_date;

/// Waits never grow beyond this, in milliseconds.
const LONGEST_BACKOFF: f64 = 8_000.0;
const FIRST_BACKOFF: f64 = 500.0;
/// A pause the server asks for beyond this fails the call at once, in milliseconds.
pub const LONGEST_PAUSE: f64 = 60_000.0;
/// A 429 without `Retry-After`: the documented cooldown, in milliseconds.
pub const COOLDOWN: f64 = 10_000.0;

/// Why a call tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Connection,
    Timeout,
    /// An answer with this status.
    Status(u16),
    /// A body that broke off or ends in the middle of the document.
    Truncated,
}

/// A failed attempt, as far as the decision needs it.
#[derive(Debug)]
pub struct Attempt {
    /// `None`: trying again would not help.
    pub cause: Option<Cause>,
    /// What the server asked for, in milliseconds from now.
    pub retry_after: Option<f64>,
}

impl Attempt {
    /// An attempt after which trying again would not help.
    pub const FINAL: Self = Self {
        cause: None,
        retry_after: None,
    };
}

/// What comes next.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    /// Again, after this many milliseconds.
    Retry { wait: f64 },
    /// Again, when the cooldown of the whole window (milliseconds from now) is over.
    Cooldown { wait: f64 },
    /// Again at once, with a fresh token.
    RefreshToken,
    /// The failure is final. Where the server asked for a pause: that many milliseconds from now.
    GiveUp { pause: Option<f64> },
}

/// The tries of one call.
#[derive(Debug)]
pub struct Tries {
    left: u32,
    charged: u32,
    /// Another token can be had, and was not asked for yet.
    refreshable: bool,
    /// The first 429 is free: somebody else used the window up.
    pardoned: bool,
}

impl Tries {
    /// `max_retries` 0 means one attempt, whatever happens.
    #[must_use]
    pub fn new(max_retries: u32, refreshable: bool) -> Self {
        Self {
            left: max_retries,
            charged: 0,
            refreshable,
            pardoned: max_retries == 0,
        }
    }

    /// All of it in one number, for who keeps it between attempts.
    #[must_use]
    pub fn pack(&self) -> u32 {
        let flags = u32::from(self.refreshable) + (u32::from(self.pardoned) << 1);
        flags + (self.left << 2) + (self.charged << 16)
    }

    /// What was packed.
    #[must_use]
    pub fn unpack(number: u32) -> Self {
        Self {
            left: number >> 2 & 0x3fff,
            charged: number >> 16,
            refreshable: number & 1 != 0,
            pardoned: number & 2 != 0,
        }
    }

    /// Retries that were counted so far.
    #[must_use]
    pub fn charged(&self) -> u32 {
        self.charged
    }

    /// Decides. `random` is uniform in `0.0..1.0`.
    pub fn after(&mut self, attempt: &Attempt, random: f64) -> Verdict {
        let Some(cause) = attempt.cause else {
            return Verdict::GiveUp { pause: None };
        };
        if cause == Cause::Status(401) {
            return if std::mem::take(&mut self.refreshable) {
                Verdict::RefreshToken
            } else {
                Verdict::GiveUp { pause: None }
            };
        }
        let limited = cause == Cause::Status(429);
        let pause = (attempt.retry_after).or(limited.then_some(COOLDOWN));
        if pause.is_some_and(|pause| pause > LONGEST_PAUSE) {
            return Verdict::GiveUp { pause };
        }
        if !limited || std::mem::replace(&mut self.pardoned, true) {
            if self.left == 0 {
                return Verdict::GiveUp { pause };
            }
            self.left -= 1;
            self.charged += 1;
        }
        if limited {
            return Verdict::Cooldown {
                wait: pause.unwrap_or(COOLDOWN),
            };
        }
        Verdict::Retry {
            wait: pause.unwrap_or_else(|| backoff(self.charged, random)),
        }
    }
}

/// Exponential backoff with full jitter: uniform between nothing and 0.5 s, 1 s, 2 s, … 8 s.
fn backoff(retry: u32, random: f64) -> f64 {
    let doubled = FIRST_BACKOFF * f64::from(1_u32 << (retry - 1).min(8));
    doubled.min(LONGEST_BACKOFF) * random
}

/// Which failed answers are worth another try (`design`: 408, 429, 500, 502, 503, 504), and 401
/// once with a fresh token.
#[must_use]
pub fn cause_of(failure: &Failure) -> Option<Cause> {
    match (failure.code, failure.status) {
        (ErrorCode::ConnectionFailed, _) => Some(Cause::Connection),
        (ErrorCode::Timeout, _) => Some(Cause::Timeout),
        (_, Some(status @ (401 | 408 | 429 | 500 | 502 | 503 | 504))) => {
            Some(Cause::Status(status))
        }
        _ => None,
    }
}

/// `Retry-After` (RFC 9110 §10.2.3) in milliseconds from now: whole seconds, or a date, taken
/// against the answer's own `Date` where it has one (it may be empty), so that a wrong clock here does no harm.
/// `now` is in milliseconds since 1970. An unreadable value counts as absent, a past one as 0.
#[must_use]
pub fn retry_after(value: &str, date: &str, now: f64) -> Option<f64> {
    let mut seconds = value.as_bytes();
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = seconds {
        seconds = rest;
    }
    if !seconds.is_empty() && seconds.iter().all(u8::is_ascii_digit) {
        let mut sum = 0.0;
        for byte in seconds {
            sum = sum * 10.0 + f64::from(byte - b'0');
        }
        return Some((sum * 1_000.0).min(1e15));
    }
    let until = http_date::parse(value)?;
    let now = http_date::parse(date).unwrap_or(now);
    Some((until - now).max(0.0))
}
