//! What `rateLimit` shows.

use comfycontrol_runners::limiter::{End, Limiter, RateLimit};

use super::{LEASE_MS, PACE, join, pace, start, start_another};

fn status(remaining: f64, reset_at: Option<f64>, queued: u32) -> RateLimit {
    RateLimit {
        limit: 40.0,
        remaining,
        reset_at,
        queued,
    }
}

#[test]
fn the_status_says_what_is_free_and_when_the_next_slot_is() {
    let mut limiter = Limiter::default();
    assert_eq!(limiter.status(PACE, 7.0, 7.0), status(40.0, None, 0));
    let waiting = join(&mut limiter, 41, 10.0);
    let slots: Vec<_> = waiting[..40]
        .iter()
        .map(|ticket| start(&mut limiter, *ticket, PACE, 10.0))
        .collect();
    assert_eq!(
        limiter.status(PACE, 10.0, 10.0),
        status(0.0, Some(10_010.0), 1),
        "of requests under way: one window from now at the earliest"
    );
    for slot in slots {
        limiter.finish(slot, End::Answered, 20.0);
    }
    assert_eq!(
        limiter.status(PACE, 30.0, 30.0),
        status(0.0, Some(10_020.0), 1)
    );
    assert_eq!(limiter.status(PACE, 10_020.0, 0.0).remaining, 40.0);
}

#[test]
fn times_are_in_milliseconds_since_1970_rounded_up() {
    let mut limiter = Limiter::default();
    let slot = start_another(&mut limiter, PACE, 0.25);
    limiter.finish(slot, End::Answered, 0.25);
    let epoch = 1_795_500_000_000.0;
    let shown = limiter.status(PACE, 100.0, epoch).reset_at;
    assert_eq!(shown, Some(epoch + 9_901.0));
}

#[test]
fn nothing_is_free_during_a_cooldown_and_everything_at_its_very_end() {
    let mut limiter = Limiter::default();
    limiter.cool_down(5_000.0, 0.0);
    for (now, expected) in [
        (0.0, status(0.0, Some(5_000.0), 0)),
        (4_999.5, status(0.0, Some(5_000.0), 0)),
        (5_000.0, status(40.0, None, 0)),
    ] {
        assert_eq!(limiter.status(PACE, now, now), expected);
    }
}

#[test]
fn slots_that_others_hold_beyond_this_limit_must_come_free_first() {
    let mut limiter = Limiter::default();
    for end in [0.0, 10.0, 20.0] {
        let slot = limiter.record_start(LEASE_MS, end);
        limiter.finish(slot, End::Answered, end);
    }
    let shown = limiter.status(pace(1, 100.0), 30.0, 30.0);
    assert_eq!((shown.remaining, shown.reset_at), (0.0, Some(120.0)));
}

#[test]
fn without_pacing_everything_is_free() {
    assert_eq!(RateLimit::UNLIMITED.limit, f64::INFINITY);
    assert_eq!(RateLimit::UNLIMITED.remaining, f64::INFINITY);
    assert_eq!(RateLimit::UNLIMITED.reset_at, None);
}
