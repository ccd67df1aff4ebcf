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

/// A reading of the list that has ended.
#[derive(Clone, Copy)]
pub struct Reading {
    /// When it ended, in milliseconds of a clock.
    pub ended_at_ms: f64,
    /// How many readings in a row failed, up to this one.
    pub errors: u32,
    /// The pause that the server asked for, in milliseconds.
    pub pause_ms: f64,
    /// Varies the interval: uniform in `0.0..1.0`.
    pub random: f64,
}

impl Reading {
    /// How long to wait for the next reading at the time `now_ms`, in milliseconds.
    ///
    /// From the end of this reading, it is the interval, doubled for each of the `errors`, up to
    /// [`LONGEST_AFTER_ERRORS_MS`], ± 10 %, and at least `pause_ms`. If the clock went back, all of it is
    /// left.
    #[must_use]
    pub fn wait_ms(&self, interval_ms: u32, now_ms: f64) -> f64 {
        let interval_ms = f64::from(interval_ms);
        let longest_ms = interval_ms.max(f64::from(LONGEST_AFTER_ERRORS_MS));
        let doubled_ms = interval_ms * f64::from(1_u32 << self.errors.min(16));
        let varied_ms = doubled_ms.min(longest_ms) * (0.9 + 0.2 * self.random);
        let passed_ms = (now_ms - self.ended_at_ms).max(0.0);
        (varied_ms.max(self.pause_ms) - passed_ms).max(0.0)
    }
}
