use comfycontrol_runners::watch::{
    DEFAULT_INTERVAL_MS, LONGEST_AFTER_ERRORS_MS, LONGEST_INTERVAL_MS, SHORTEST_INTERVAL_MS,
    next_wait_ms,
};
use proptest::prelude::*;

#[test]
fn the_interval_varies_by_a_tenth() {
    for (random, wait_ms) in [(0.0, 27_000.0), (0.5, 30_000.0), (1.0, 33_000.0)] {
        assert_eq!(next_wait_ms(DEFAULT_INTERVAL_MS, 0, random, 0.0), wait_ms);
    }
}

#[test]
fn errors_double_the_interval_up_to_five_minutes() {
    for (interval_ms, errors, wait_ms) in [
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
            next_wait_ms(interval_ms, errors, 0.5, 0.0),
            wait_ms,
            "{errors} errors"
        );
    }
}

#[test]
fn a_pause_that_the_server_asks_for_is_kept() {
    for (errors, pause_ms, wait_ms) in [
        (1, 90_000.0, 90_000.0),
        (2, 1.0, 4_000.0),
        // It ended while nobody asked.
        (1, -5.0, 2_000.0),
    ] {
        assert_eq!(next_wait_ms(1_000, errors, 0.5, pause_ms), wait_ms);
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
        let wait_ms = next_wait_ms(interval_ms, errors, random, pause_ms);
        let shortest_ms = f64::from(interval_ms);
        let longest_ms = match errors {
            0 => shortest_ms,
            _ => shortest_ms.max(f64::from(LONGEST_AFTER_ERRORS_MS)),
        };
        prop_assert!(wait_ms >= 0.9 * shortest_ms - 1e-3 && wait_ms >= pause_ms);
        prop_assert!(wait_ms <= (1.1 * longest_ms + 1e-3).max(pause_ms));
    }
}
