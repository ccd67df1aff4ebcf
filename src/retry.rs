//! Decides what to do after a failed attempt: retry, and when, or give up.

use crate::limiter::LONGEST_COOLDOWN_MS;
use crate::text::concat;

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
pub enum RetryDecision {
    /// Retry after a wait of this call alone.
    Retry {
        /// In milliseconds.
        wait_ms: f64,
    },
    /// Start a cooldown of the whole window, and retry when it ends.
    Cooldown {
        /// How long the cooldown lasts, in milliseconds.
        wait_ms: f64,
    },
    /// Retry at once, with a fresh token.
    RefreshToken,
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
        // `Retry-After: 0` counts as absent, so that it does not shorten the backoff.
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

/// Reads `Retry-After` (RFC 9110 §10.2.3), in milliseconds from now: seconds, or a date.
///
/// A date is relative to the answer's own `Date`, if there is one, so that a wrong local clock does no
/// harm. If the header is doubled (`3, 3`), the longest pause counts. Fractions (`3.0`) are rounded up. An
/// unreadable value counts as absent, and a past date as 0. `now` is in milliseconds since 1970;
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
    // The limit is later than every date, and small enough to be added to one exactly.
    longest.map(|seconds| (seconds * 1_000.0).min(1e15))
}

/// Reads decimal seconds. A fraction is rounded up.
fn seconds(text: &[u8]) -> Option<f64> {
    let point = text.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = text.split_at(point.unwrap_or(text.len()));
    let fraction = fraction.get(1..).unwrap_or_default();
    if whole.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return None;
    }
    let value = |sum: f64, byte: &u8| sum * 10.0 + f64::from(*byte - b'0');
    let has_fraction = fraction.iter().any(|byte| *byte != b'0');
    Some(whole.iter().fold(0.0, value) + if has_fraction { 1.0 } else { 0.0 })
}

/// An HTTP date (RFC 9110 §5.6.7) in milliseconds since 1970. All three formats begin with the name of
/// a weekday and mean GMT, which the oldest format does not say.
fn http_date(text: &str, parse_date: fn(&str) -> f64) -> Option<f64> {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let text = text.trim_ascii();
    // If the header is doubled, take the first date: its only comma follows the weekday.
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
