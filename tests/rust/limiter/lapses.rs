//! Calls that end without running any more code, and calls that are late.

use comfycontrol_runners::limiter::{End, LATE_GRACE_MS, Limiter, Priority};

use super::{LEASE_MS, PACE, join, pace, start, start_another, wait};

#[test]
fn a_waiter_that_polls_too_late_lapses_and_those_behind_are_served() {
    let pace = pace(1, 10_000.0);
    let mut limiter = Limiter::default();
    let slot = start_another(&mut limiter, pace, 0.0);
    limiter.finish(slot, End::Answered, 0.0);
    let waiting = join(&mut limiter, 2, 0.0);
    assert_eq!(wait(&mut limiter, waiting[0], pace, 0.0).0, 10_000.0);
    wait(&mut limiter, waiting[1], pace, 0.0);
    // The first one never polls again. It is waited for, but not for long.
    let lapses_at = 10_000.0 + LATE_GRACE_MS;
    assert_eq!(
        wait(&mut limiter, waiting[1], pace, 10_000.0).0,
        lapses_at,
        "asks again when the one ahead has lapsed"
    );
    wait(&mut limiter, waiting[1], pace, lapses_at - 0.1);
    start(&mut limiter, waiting[1], pace, lapses_at);
}

#[test]
fn a_waiter_that_never_polls_lapses() {
    let pace = pace(1, 10_000.0);
    let mut limiter = Limiter::default();
    let waiting = join(&mut limiter, 2, 0.0);
    wait(&mut limiter, waiting[1], pace, LATE_GRACE_MS - 0.1);
    start(&mut limiter, waiting[1], pace, LATE_GRACE_MS);
}

#[test]
fn a_waiter_that_vanished_with_other_slots_free_delays_nobody() {
    let mut limiter = Limiter::default();
    let waiting = join(&mut limiter, 2, 0.0);
    start(&mut limiter, waiting[1], PACE, 0.0);
}

#[test]
fn a_waiter_that_was_late_gets_its_position_back() {
    let pace = pace(1, 10_000.0);
    let mut limiter = Limiter::default();
    let slot = start_another(&mut limiter, pace, 0.0);
    limiter.finish(slot, End::Answered, 0.0);
    let waiting = join(&mut limiter, 3, 0.0);
    for ticket in &waiting {
        wait(&mut limiter, *ticket, pace, 0.0);
    }
    // All three lapse, and the third is the first that polls.
    let late = 10_000.0 + LATE_GRACE_MS;
    assert_eq!(limiter.status(pace, late, 0.0).queued, 0);
    let slot = start(&mut limiter, waiting[2], pace, late);
    limiter.finish(slot, End::Answered, late);
    assert_eq!(
        wait(&mut limiter, waiting[1], pace, late).1,
        late + 10_000.0
    );
    assert_eq!(
        wait(&mut limiter, waiting[0], pace, late).1,
        late + 10_000.0,
        "ahead of the second again"
    );
    assert_eq!(
        wait(&mut limiter, waiting[1], pace, late).1,
        late + 20_000.0
    );
}

#[test]
fn a_request_that_outlives_its_lease_lapses_and_its_slot_comes_free_one_window_later() {
    let pace = pace(2, 10_000.0);
    let mut limiter = Limiter::default();
    start_another(&mut limiter, pace, 0.0);
    let alive = start_another(&mut limiter, pace, 0.0);
    limiter.finish(alive, End::Answered, LEASE_MS - 1.0);
    let ticket = limiter.join(Priority::Normal, LEASE_MS);
    // Of the two, the request that was answered ended first.
    assert_eq!(
        wait(&mut limiter, ticket, pace, LEASE_MS).1,
        LEASE_MS - 1.0 + 10_000.0
    );
    let now = LEASE_MS + 10_000.0;
    assert_eq!(limiter.status(pace, now - 0.1, 0.0).remaining, 1.0);
    assert_eq!(limiter.status(pace, now, 0.0).remaining, 2.0);
}

#[test]
fn leases_that_end_at_different_times_lapse_one_by_one() {
    let pace = pace(3, 1_000.0);
    let mut limiter = Limiter::default();
    for (now, lease_ms) in [(0.0, 5_000.0), (0.0, 7_000.0), (0.0, 6_000.0)] {
        limiter.record_start(lease_ms, now);
    }
    for (now, free) in [
        (5_999.0, 0.0),
        (6_000.0, 1.0),
        (7_000.0, 2.0),
        (7_999.0, 2.0),
        (8_000.0, 3.0),
    ] {
        assert_eq!(limiter.status(pace, now, 0.0).remaining, free, "{now}");
    }
}

/// The server can have counted it until then, whatever the lease was.
#[test]
fn a_request_that_ends_after_its_lease_counts_from_its_end() {
    let pace = pace(2, 1_000.0);
    let mut limiter = Limiter::default();
    let slot = limiter.record_start(100.0, 0.0);
    assert_eq!(limiter.status(pace, 900.0, 0.0).remaining, 1.0);
    limiter.finish(slot, End::Answered, 900.0);
    for (now, free) in [(1_100.0, 1.0), (1_899.0, 1.0), (1_900.0, 2.0)] {
        assert_eq!(limiter.status(pace, now, 0.0).remaining, free, "{now}");
    }
}
