//! Clocks that go back, because a test faked them, and limiters that were lost.

use comfycontrol_runners::limiter::{End, LATE_GRACE_MS, Limiter, Priority, Turn};

use super::{LEASE_MS, PACE, join, pace, start, start_another, wait};

/// What the other clock counted delays no call: a fake hour of a test must not become a real one.
#[test]
fn everything_is_forgotten_when_the_clock_goes_back() {
    const THEN: f64 = 1_000_000.0;
    for back in [1.0, 999_000.0, 5_000_000.0] {
        let now = THEN - back;
        let pace = pace(2, 10_000.0);
        let mut limiter = Limiter::default();
        let ended = start_another(&mut limiter, pace, THEN);
        limiter.finish(ended, End::Answered, THEN);
        let running = limiter.record_start(500.0, THEN);
        limiter.cool_down(THEN + 3_000.0, THEN);

        let status = limiter.status(pace, now, 0.0);
        assert_eq!((status.remaining, status.reset_at), (2.0, None), "{back}");
        // A request that was under way counts when it ends.
        limiter.finish(running, End::Answered, now);
        assert_eq!(limiter.status(pace, now, 0.0).remaining, 1.0);
    }
}

#[test]
fn waiters_keep_their_order_when_the_clock_goes_back() {
    let pace = pace(1, 10_000.0);
    let mut limiter = Limiter::default();
    let slot = start_another(&mut limiter, pace, 50_000.0);
    limiter.finish(slot, End::Answered, 50_000.0);
    let waiting = join(&mut limiter, 2, 50_000.0);
    for ticket in &waiting {
        wait(&mut limiter, *ticket, pace, 50_000.0);
    }
    assert_eq!(limiter.status(pace, 3.0, 0.0).queued, 2);
    assert!(matches!(
        limiter.poll(waiting[1], pace, LEASE_MS, 3.0),
        Turn::Wait { .. }
    ));
    start(&mut limiter, waiting[0], pace, 3.0);
    // The timers of the other clock may never fire.
    let lapsed = 3.0 + 10_000.0 + LATE_GRACE_MS;
    assert_eq!(limiter.status(pace, lapsed, 0.0).queued, 0);
}

#[test]
fn no_cooldown_outlasts_a_clock_that_goes_back() {
    for until in [105_000.0, 200_000.0] {
        let mut limiter = Limiter::default();
        limiter.cool_down(until, 100_000.0);
        assert_eq!(limiter.refuses_until(20_000.0), None);
        let ticket = limiter.join(Priority::Normal, 20_000.0);
        start(&mut limiter, ticket, PACE, 20_000.0);
    }
}

#[test]
fn a_limiter_that_was_lost_may_have_started_a_whole_window_just_before() {
    let mut limiter = Limiter::after_loss(500.0);
    let ticket = limiter.join(Priority::Normal, 600.0);
    assert_eq!(
        wait(&mut limiter, ticket, PACE, 600.0),
        (10_500.0, 10_500.0)
    );
    let status = limiter.status(PACE, 600.0, 600.0);
    assert_eq!((status.remaining, status.reset_at), (0.0, Some(10_500.0)));
    start(&mut limiter, ticket, PACE, 10_500.0);
}

/// The clock was a fake one when the limiter was lost, and is the real one now.
#[test]
fn a_limiter_cannot_have_been_lost_in_the_future() {
    let mut limiter = Limiter::after_loss(1e12);
    limiter.cool_down(f64::NEG_INFINITY, 600.0);
    let ticket = limiter.join(Priority::Normal, 700.0);
    assert_eq!(wait(&mut limiter, ticket, PACE, 700.0).1, 10_600.0);
}

#[test]
fn a_clock_that_stands_still_forgets_nothing() {
    let mut limiter = Limiter::default();
    let waiting = join(&mut limiter, 41, 7.0);
    for ticket in &waiting[..40] {
        let slot = start(&mut limiter, *ticket, PACE, 7.0);
        limiter.finish(slot, End::Answered, 7.0);
    }
    for _ in 0..3 {
        assert_eq!(wait(&mut limiter, waiting[40], PACE, 7.0).1, 10_007.0);
    }
    let turn = limiter.poll(waiting[40], PACE, LEASE_MS, 10_007.0);
    assert!(matches!(turn, Turn::Start(_)));
}
