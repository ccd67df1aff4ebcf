//! The progress of an enumeration, and how long the rest of it takes.

use crate::pace::Pace;

/// How far an enumeration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnumerationProgress {
    /// Runners the consumer has taken, over all parts of a resumed enumeration.
    pub delivered: u64,
    /// `total` in the latest answer; `None` before the first.
    pub total: Option<u64>,
    /// Pages requested, as in [`Report::requests`](super::Report::requests).
    pub requests: u64,
    /// Requests under way.
    pub under_way: u32,
    /// Pages still to be requested if the list does not change; 0 before the first answer.
    pub remaining: u64,
}

/// How fast pages can be requested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Throughput {
    /// How many requests may be under way at a time.
    pub concurrency: u32,
    /// How long a typical request takes, in milliseconds.
    pub latency_ms: f64,
    /// `None` if pacing is off.
    pub pace: Option<Pace>,
    /// Requests that may start right now, if there is a pace.
    pub free_slots: u32,
}

/// How long the rest of an enumeration takes at least, in milliseconds.
///
/// The rate limit and the latency each need some time; the longer of the two counts, plus one latency
/// for the last answer. 200 pages at 40 requests per 10 s take 40 s and one latency.
#[must_use]
pub fn estimated_ms(progress: &EnumerationProgress, throughput: &Throughput) -> f64 {
    let Throughput {
        concurrency,
        latency_ms,
        pace,
        free_slots,
    } = *throughput;
    if progress.remaining == 0 {
        return if progress.under_way > 0 {
            latency_ms
        } else {
            0.0
        };
    }
    let waiting_for_limit = pace.map_or(0.0, |pace| {
        let waiting = progress.remaining.saturating_sub(free_slots.into());
        let windows = waiting.div_ceil(pace.requests.max(1).into());
        windows as f64 * pace.window_ms
    });
    let requests = progress.remaining + u64::from(progress.under_way);
    let rounds = requests.div_ceil(concurrency.max(1).into());
    let waiting_for_answers = (rounds - 1) as f64 * latency_ms;
    waiting_for_limit.max(waiting_for_answers) + latency_ms
}
