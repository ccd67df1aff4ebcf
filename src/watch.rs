//! Watching: when to read the list next.

/// The default time from the end of one reading to the start of the next, in milliseconds. A list of
/// one page then takes 1 of the 40 requests per 10 s (`api/contract.md`, "Rate limit") in every third
/// window.
pub const DEFAULT_INTERVAL_MS: u32 = 30_000;
/// The shortest interval, in milliseconds.
pub const SHORTEST_INTERVAL_MS: u32 = 1_000;
/// The longest interval, in milliseconds: a day.
pub const LONGEST_INTERVAL_MS: u32 = 86_400_000;
/// The longest interval after errors, in milliseconds. A longer interval option stays as it is.
pub const LONGEST_AFTER_ERRORS_MS: u32 = 300_000;

/// How long to wait after a reading that has just ended, in milliseconds.
///
/// This is the interval, doubled for each of the `errors` failures in a row, up to
/// [`LONGEST_AFTER_ERRORS_MS`], ± 10 %. It is at least `pause_ms`, the pause that the server asked for.
/// `random` is uniform in `0.0..1.0`.
#[must_use]
pub fn next_wait_ms(interval_ms: u32, errors: u32, random: f64, pause_ms: f64) -> f64 {
    let interval_ms = f64::from(interval_ms);
    let longest_ms = interval_ms.max(f64::from(LONGEST_AFTER_ERRORS_MS));
    let doubled_ms = interval_ms * f64::from(1_u32 << errors.min(16));
    (doubled_ms.min(longest_ms) * (0.9 + 0.2 * random)).max(pause_ms)
}
