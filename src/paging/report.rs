//! What an enumeration can say about itself.

use serde::{Serialize, Serializer};
use tsify::Tsify;

/// Whether every runner was handed over. `pkg/js/reading.js` knows the words for it, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complete {
    /// The enumeration has not come to its end, runners were left out as invalid, `total` says that
    /// there are more than were found, or the list visibly changed and was not read again (`none`,
    /// `detect`).
    False,
    /// One answer held the whole list, and all of it was handed over.
    True,
    /// No loss was visible. The list took several answers, so a removal and an addition that
    /// cancelled out between two of them would not have been.
    Unknown,
}

/// As the double that JavaScript has for it.
fn as_double<S: Serializer>(integer: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(*integer as f64)
}

impl Serialize for Complete {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::False => serializer.serialize_bool(false),
            Self::True => serializer.serialize_bool(true),
            Self::Unknown => serializer.serialize_str("unknown"),
        }
    }
}

/// What was found, over all parts of a resumed enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Runners accepted for handing over; with `none`, rows, repeats included.
    #[serde(serialize_with = "as_double")]
    #[tsify(type = "number")]
    pub unique: u64,
    /// Rows that were met again, in answers that were used; with `none` they were handed over.
    #[serde(serialize_with = "as_double")]
    #[tsify(type = "number")]
    pub duplicates: u64,
    /// `total` in the first answer; 0 before it.
    #[serde(serialize_with = "as_double")]
    #[tsify(type = "number")]
    pub total_start: u64,
    /// `total` in the latest answer; 0 before the first.
    #[serde(serialize_with = "as_double")]
    #[tsify(type = "number")]
    pub total_end: u64,
    /// Requests asked for; retries of the layers below are not counted.
    #[serde(serialize_with = "as_double")]
    #[tsify(type = "number")]
    pub requests: u64,
    /// Whether every runner was handed over. `true`: one answer held the whole list. `false`: the
    /// enumeration has not come to its end, runners were left out as invalid, `total` says that
    /// there are more than were found, or the list visibly changed and was not read again. `"unknown"`: no loss was visible, but the list took several
    /// answers, and a removal and an addition that cancelled out between two of them would not
    /// have been.
    #[tsify(type = "boolean | \"unknown\"")]
    pub complete: Complete,
}

impl Report {
    /// Of an enumeration that has not begun.
    pub(super) const START: Self = Self {
        unique: 0,
        duplicates: 0,
        total_start: 0,
        total_end: 0,
        requests: 0,
        complete: Complete::False,
    };
}

/// How far an enumeration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Runners the consumer has taken, over all parts of a resumed enumeration.
    pub delivered: u64,
    /// `total` in the latest answer; `None` before the first.
    pub total: Option<u64>,
    /// Requests asked for, as in [`Report::requests`].
    pub requests: u64,
    /// Requests under way.
    pub under_way: u32,
    /// Pages still to be asked for, if the list holds still; 0 before the first answer.
    pub remaining: u64,
}

/// How long the requests that are left will take at least, in milliseconds: the larger of what
/// the rate limit and the latency allow, plus one latency for the last answer. 200 pages at 40
/// requests per 10 s: 40 s and a little.
///
/// `limit` requests may start per `window` milliseconds, `free` of them now; `limit` 0 means no
/// limit. `latency` is that of a typical request, in milliseconds.
#[must_use]
pub fn estimated_ms(
    progress: &Progress,
    concurrency: u32,
    limit: u32,
    window: f64,
    free: u32,
    latency: f64,
) -> f64 {
    let remaining = progress.remaining;
    if remaining == 0 {
        return if progress.under_way > 0 { latency } else { 0.0 };
    }
    let waiting = remaining.saturating_sub(u64::from(free));
    let windows = if limit == 0 {
        0
    } else {
        waiting.div_ceil(u64::from(limit))
    };
    let rounds =
        (remaining + u64::from(progress.under_way)).div_ceil(u64::from(concurrency.max(1)));
    (windows as f64 * window).max((rounds - 1) as f64 * latency) + latency
}
