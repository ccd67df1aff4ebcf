//! Watching: when to read the list next. All times are in milliseconds of one clock.
//!
//! The list is read as an enumeration with `reconcile`, one reading at a time, however many pages it
//! has.

/// Milliseconds from the end of one reading to the start of the next, if nothing else is asked for:
/// 1 of the 40 requests per 10 s (`api/contract.md`, "Rate limit") in every third window.
pub const DEFAULT_INTERVAL: u32 = 30_000;
/// The shortest interval, in milliseconds.
pub const SHORTEST_INTERVAL: u32 = 1_000;
/// The longest interval, in milliseconds: a day.
pub const LONGEST_INTERVAL: u32 = 86_400_000;
/// Errors lengthen the interval up to this, in milliseconds; a longer one stays as it is.
pub const LONGEST_AFTER_ERRORS: u32 = 300_000;

/// How long to wait before reading the list that is due at `due`; 0 to read it now. While the page is
/// hidden nothing is read: until it is visible.
#[must_use]
pub fn wait(due: f64, visible: bool, now: f64) -> f64 {
    if visible {
        (due - now).ceil().max(0.0)
    } else {
        f64::INFINITY
    }
}

/// When the next reading is due, after one that has just ended and `errors` failed ones in a row, it
/// included: after the interval, twice that after the first failure, four times after the second and
/// so on up to [`LONGEST_AFTER_ERRORS`], ± 10 %, and not before `retry_at`. `random` is uniform in
/// `0.0..1.0`.
#[must_use]
pub fn next(interval: u32, errors: u32, now: f64, random: f64, retry_at: f64) -> f64 {
    let interval = f64::from(interval);
    let longest = interval.max(f64::from(LONGEST_AFTER_ERRORS));
    let doubled = interval * f64::from(1_u32 << errors.min(16));
    (now + doubled.min(longest) * (0.9 + 0.2 * random)).max(retry_at)
}
