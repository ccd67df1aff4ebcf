use comfycontrol_runners::watch::{
    DEFAULT_INTERVAL, LONGEST_AFTER_ERRORS, LONGEST_INTERVAL, SHORTEST_INTERVAL, next, wait,
};
use proptest::prelude::*;

const NEVER: f64 = f64::NEG_INFINITY;

#[test]
fn a_reading_waits_for_its_time_and_for_the_page() {
    let cases = [
        (NEVER, true, 0.0, 0.0),
        (NEVER, false, 0.0, f64::INFINITY),
        (30_000.0, true, 10_000.0, 20_000.0),
        (30_000.0, true, 29_999.5, 1.0),
        (30_000.0, true, 30_000.0, 0.0),
        (30_000.0, true, 40_000.0, 0.0),
        (30_000.0, false, 40_000.0, f64::INFINITY),
    ];
    for (due, visible, now, ms) in cases {
        assert_eq!(wait(due, visible, now), ms, "{due} {visible} {now}");
    }
}

#[test]
fn the_interval_varies_by_a_tenth() {
    for (random, due) in [(0.0, 27_000.0), (0.5, 30_000.0), (1.0, 33_000.0)] {
        assert_eq!(next(DEFAULT_INTERVAL, 0, 0.0, random, NEVER), due);
    }
}

#[test]
fn errors_double_the_interval_up_to_five_minutes() {
    let waits = [
        30_000.0, 60_000.0, 120_000.0, 240_000.0, 300_000.0, 300_000.0,
    ];
    for (errors, due) in (0..).zip(waits) {
        assert_eq!(next(30_000, errors, 0.0, 0.5, NEVER), due);
    }
    assert_eq!(next(30_000, u32::MAX, 0.0, 0.5, NEVER), 300_000.0);
    // Longer intervals than that stay as they are.
    assert_eq!(next(600_000, 50, 0.0, 0.5, NEVER), 600_000.0);
}

#[test]
fn a_pause_the_server_asks_for_is_kept() {
    assert_eq!(next(1_000, 1, 0.0, 0.5, 90_000.0), 90_000.0);
    assert_eq!(next(1_000, 2, 0.0, 0.5, 1.0), 4_000.0);
}

proptest! {
    /// The next reading is neither sooner than 0.9 intervals nor later than 1.1 of the longest wait
    /// or the moment the server asked for.
    #[test]
    fn the_next_reading_is_neither_too_soon_nor_too_late(
        interval in SHORTEST_INTERVAL..=LONGEST_INTERVAL,
        errors in 0..100_u32,
        now in 0.0..1e12,
        random in 0.0..1.0,
        pause in prop::option::of(0.0..1e9),
    ) {
        let retry_at = pause.map_or(NEVER, |pause| now + pause);
        let due = next(interval, errors, now, random, retry_at);
        let shortest = f64::from(interval);
        let longest = if errors == 0 { shortest } else { shortest.max(f64::from(LONGEST_AFTER_ERRORS)) };
        prop_assert!(due >= now + 0.9 * shortest - 1e-3 && due >= retry_at);
        prop_assert!(due <= (now + 1.1 * longest + 1e-3).max(retry_at));
    }
}
