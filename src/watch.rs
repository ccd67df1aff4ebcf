//! Watching: when to read the list next. All times are in milliseconds of one clock.
//!
//! The list is read as an enumeration with `reconcile`, one reading at a time, however many pages it
//! has.

/// Milliseconds from the end of one reading to the start of the next, if nothing else is asked for:
/// 1 of the 40 requests per 10 s (`api/contract.md`, "Rate limit") in every third window.
pub const DEFAULT_INTERVAL_MS: u32 = 30_000;
/// The shortest interval, in milliseconds.
pub const SHORTEST_INTERVAL_MS: u32 = 1_000;
/// The longest interval, in milliseconds: a day.
pub const LONGEST_INTERVAL_MS: u32 = 86_400_000;
/// Errors lengthen the interval up to this, in milliseconds; a longer one stays as it is.
pub const LONGEST_AFTER_ERRORS_MS: u32 = 300_000;

/// How long to wait after a reading that has just ended: the interval, twice that after the first
/// failure in a row, four times after the second and so on up to [`LONGEST_AFTER_ERRORS_MS`], ± 10 %,
/// and not less than `pause_ms`, which the server asked for. `errors` counts the failures in a row;
/// `random` is uniform in `0.0..1.0`.
#[must_use]
pub fn next_wait_ms(interval_ms: u32, errors: u32, random: f64, pause_ms: f64) -> f64 {
    let interval_ms = f64::from(interval_ms);
    let longest_ms = interval_ms.max(f64::from(LONGEST_AFTER_ERRORS_MS));
    let doubled_ms = interval_ms * f64::from(1_u32 << errors.min(16));
    (doubled_ms.min(longest_ms) * (0.9 + 0.2 * random)).max(pause_ms)
}
