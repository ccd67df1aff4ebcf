//! What to do after a failed attempt: try again, and when, or give up.

use crate::limiter::LONGEST_COOLDOWN_MS;
use crate::text::concat;

/// The longest backoff, in milliseconds.
const LONGEST_BACKOFF_MS: f64 = 8_000.0;
/// The upper bound of the first backoff, in milliseconds.
const FIRST_BACKOFF_MS: f64 = 500.0;
/// The cooldown after a 429 without `Retry-After`, in milliseconds (`api/contract.md`, "Rate limit").
pub const COOLDOWN_MS: f64 = 10_000.0;

/// Why a call may try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No answer.
    Connection,
    /// No complete answer in time.
    Timeout,
    /// An answer with this status.
    Status(u16),
    /// A body that ends in the middle of the document.
    Truncated,
}

/// A failed attempt, as far as the decision needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FailedAttempt {
    /// `None`: trying again would not help.
    pub cause: Option<Cause>,
    /// What the server asked for, in milliseconds from now.
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

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryDecision {
    /// Again, after this many milliseconds.
    Retry {
        /// In milliseconds.
        wait_ms: f64,
    },
    /// Again, when the cooldown of the whole window is over, which ends in this many milliseconds.
    Cooldown {
        /// In milliseconds.
        wait_ms: f64,
    },
    /// Again at once, with a fresh token.
    RefreshToken,
    /// The failure is final. Where the server asked for a pause, it ends in so many milliseconds.
    GiveUp {
        /// In milliseconds.
        pause_ms: Option<f64>,
    },
}

/// The retries of one call.
#[derive(Debug)]
pub struct RetryState {
    left: u32,
    charged: u32,
    /// Another token can be had, and was not asked for yet.
    can_refresh_token: bool,
    /// The first 429 is not charged: somebody else used the window up.
    next_429_is_free: bool,
}

impl RetryState {
    /// `max_retries` 0 means one attempt, whatever happens.
    #[must_use]
    pub fn new(max_retries: u32, can_refresh_token: bool) -> Self {
        Self {
            left: max_retries,
            charged: 0,
            can_refresh_token,
            next_429_is_free: max_retries > 0,
        }
    }

    /// Retries that were charged against `maxRetries` so far.
    #[must_use]
    pub fn charged(&self) -> u32 {
        self.charged
    }

    /// Decides after a failed attempt. `random` is uniform in `0.0..1.0`.
    pub fn after_failure(&mut self, attempt: FailedAttempt, random: f64) -> RetryDecision {
        let Some(cause) = attempt.cause else {
            return RetryDecision::GiveUp { pause_ms: None };
        };
        if cause == Cause::Status(401) {
            return if std::mem::take(&mut self.can_refresh_token) {
                RetryDecision::RefreshToken
            } else {
                RetryDecision::GiveUp { pause_ms: None }
            };
        }
        let is_429 = cause == Cause::Status(429);
        // A pause of nothing says nothing.
        let asked_ms = attempt.retry_after_ms.filter(|pause| *pause > 0.0);
        let pause_ms = asked_ms.or(is_429.then_some(COOLDOWN_MS));
        if pause_ms.is_some_and(|pause| pause > LONGEST_COOLDOWN_MS) {
            return RetryDecision::GiveUp { pause_ms };
        }
        if !is_429 || !std::mem::take(&mut self.next_429_is_free) {
            if self.left == 0 {
                return RetryDecision::GiveUp { pause_ms };
            }
            self.left -= 1;
            self.charged += 1;
        }
        if let (true, Some(wait_ms)) = (is_429, pause_ms) {
            return RetryDecision::Cooldown { wait_ms };
        }
        let backoff_ms = backoff_ms(self.charged, random);
        RetryDecision::Retry {
            wait_ms: asked_ms.unwrap_or(0.0).max(backoff_ms),
        }
    }
}

/// Exponential backoff with full jitter: uniform between nothing and 0.5 s, 1 s, 2 s, … 8 s.
fn backoff_ms(retry: u32, random: f64) -> f64 {
    let doubled = FIRST_BACKOFF_MS * f64::from(1_u32 << (retry - 1).min(8));
    doubled.min(LONGEST_BACKOFF_MS) * random
}

/// Which statuses are worth another try. A 401 is, once, with a fresh token.
#[must_use]
pub fn cause_of(status: u16) -> Option<Cause> {
    matches!(status, 401 | 408 | 429 | 500 | 502 | 503 | 504).then_some(Cause::Status(status))
}

/// Reads `Retry-After` (RFC 9110 §10.2.3), in milliseconds from now: seconds, or a date.
///
/// A date is taken against the answer's own `Date` where it has one, so that a wrong clock here does
/// no harm. Of a doubled header (`3, 3`) the longest counts, and fractions (`3.0`) are read, too. An
/// unreadable value counts as absent, a date that is past as 0. `now` is in milliseconds since 1970;
/// `parse_date` is the platform's `Date.parse`.
#[must_use]
pub fn retry_after_ms(
    retry_after: &str,
    date: &str,
    now: f64,
    parse_date: fn(&str) -> f64,
) -> Option<f64> {
    if let Some(until) = http_date(retry_after, parse_date) {
        let now = http_date(date, parse_date).unwrap_or(now);
        return Some((until - now).max(0.0));
    }
    let mut longest: Option<f64> = None;
    for part in retry_after.as_bytes().split(|byte| *byte == b',') {
        longest = Some(longest.unwrap_or(0.0).max(seconds(part.trim_ascii())?));
    }
    // Beyond every date, and still a number that can be added to one.
    longest.map(|seconds| (seconds * 1_000.0).min(1e15))
}

/// Seconds in decimal digits, perhaps with a fraction, which is rounded up.
fn seconds(text: &[u8]) -> Option<f64> {
    let point = text.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = text.split_at(point.unwrap_or(text.len()));
    let fraction = fraction.get(1..).unwrap_or_default();
    if whole.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return None;
    }
    let value = |sum: f64, byte: &u8| sum * 10.0 + f64::from(*byte - b'0');
    let begun = fraction.iter().any(|byte| *byte != b'0');
    Some(whole.iter().fold(0.0, value) + if begun { 1.0 } else { 0.0 })
}

/// An HTTP date (RFC 9110 §5.6.7) in milliseconds since 1970. All three forms begin with the name of
/// a day and mean GMT, which the oldest one does not say.
fn http_date(text: &str, parse_date: fn(&str) -> f64) -> Option<f64> {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let text = text.trim_ascii();
    // Of a doubled header, the first date: its only comma follows the day.
    let mut commas = (0..).zip(text.bytes()).filter(|(_, byte)| *byte == b',');
    let end = commas.nth(1).map_or(text.len(), |(index, _)| index);
    let text = text.get(..end).unwrap_or_default().trim_ascii();
    if !DAYS.iter().any(|day| text.starts_with(day)) {
        return None;
    }
    let time = if text.ends_with("GMT") {
        parse_date(text)
    } else {
        parse_date(&concat(&[text, " GMT"]))
    };
    time.is_finite().then_some(time)
}
