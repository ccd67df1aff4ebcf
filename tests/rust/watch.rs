use comfycontrol_runners::watch::{
    DEFAULT_INTERVAL_MS, LONGEST_AFTER_ERRORS_MS, LONGEST_INTERVAL_MS, Reading,
    SHORTEST_INTERVAL_MS,
};
use proptest::prelude::*;

const ENDED_AT_MS: f64 = 5_000_000.0;

/// The wait right after a reading.
fn wait_ms(interval_ms: u32, errors: u32, random: f64, pause_ms: f64) -> f64 {
    reading(errors, random, pause_ms).wait_ms(interval_ms, ENDED_AT_MS)
}

fn reading(errors: u32, random: f64, pause_ms: f64) -> Reading {
    Reading {
        ended_at_ms: ENDED_AT_MS,
        errors,
        pause_ms,
        random,
    }
}

#[test]
fn the_interval_varies_by_a_tenth() {
    for (random, expected_ms) in [(0.0, 27_000.0), (0.5, 30_000.0), (1.0, 33_000.0)] {
        assert_eq!(wait_ms(DEFAULT_INTERVAL_MS, 0, random, 0.0), expected_ms);
    }
}

#[test]
fn errors_double_the_interval_up_to_five_minutes() {
    for (interval_ms, errors, expected_ms) in [
        (30_000, 0, 30_000.0),
        (30_000, 1, 60_000.0),
        (30_000, 2, 120_000.0),
        (30_000, 3, 240_000.0),
        (30_000, 4, 300_000.0),
        (30_000, 5, 300_000.0),
        (30_000, u32::MAX, 300_000.0),
        // Longer intervals than that stay as they are.
        (600_000, 1, 600_000.0),
        (600_000, 50, 600_000.0),
    ] {
        assert_eq!(
            wait_ms(interval_ms, errors, 0.5, 0.0),
            expected_ms,
            "{errors} errors"
        );
    }
}

#[test]
fn a_pause_that_the_server_asks_for_is_kept() {
    for (errors, pause_ms, expected_ms) in [
        (1, 90_000.0, 90_000.0),
        (2, 1.0, 4_000.0),
        // It ended while nobody asked.
        (1, -5.0, 2_000.0),
    ] {
        assert_eq!(wait_ms(1_000, errors, 0.5, pause_ms), expected_ms);
    }
}

#[test]
fn the_time_since_the_last_reading_counts() {
    for (pause_ms, passed_ms, expected_ms) in [
        (0.0, 400.0, 600.0),
        (0.0, 1_000.0, 0.0),
        (0.0, 3_000.0, 0.0),
        (5_000.0, 3_000.0, 2_000.0),
        // The clock went back.
        (0.0, -400.0, 1_000.0),
    ] {
        let reading = reading(0, 0.5, pause_ms);
        let wait_ms = reading.wait_ms(1_000, ENDED_AT_MS + passed_ms);
        assert_eq!(wait_ms, expected_ms, "{passed_ms} ms later");
    }
}

proptest! {
    /// The next reading is neither sooner than 0.9 intervals nor later than 1.1 of the longest wait,
    /// or than the pause that the server asked for.
    #[test]
    fn the_next_reading_is_neither_too_soon_nor_too_late(
        interval_ms in SHORTEST_INTERVAL_MS..=LONGEST_INTERVAL_MS,
        errors in 0..100_u32,
        random in 0.0..1.0,
        pause_ms in prop_oneof![Just(0.0), 0.0..1e9],
    ) {
        let wait_ms = wait_ms(interval_ms, errors, random, pause_ms);
        let shortest_ms = f64::from(interval_ms);
        let longest_ms = match errors {
            0 => shortest_ms,
            _ => shortest_ms.max(f64::from(LONGEST_AFTER_ERRORS_MS)),
        };
        prop_assert!(wait_ms >= 0.9 * shortest_ms - 1e-3 && wait_ms >= pause_ms);
        prop_assert!(wait_ms <= (1.1 * longest_ms + 1e-3).max(pause_ms));
    }
}
