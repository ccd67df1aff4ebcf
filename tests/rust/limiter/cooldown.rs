//! Cooldowns after a 429.

use comfycontrol_runners::event::WaitReason;
use comfycontrol_runners::limiter::{End, LONGEST_COOLDOWN_MS, Limiter, Priority, Turn};

use super::{LEASE_MS, PACE, join, pace, start, start_another, wait};

#[test]
fn a_cooldown_delays_every_waiter_until_it_ends() {
    let mut limiter = Limiter::default();
    let ticket = limiter.join(Priority::Normal, 0.0);
    limiter.cool_down(5_000.0, 0.0);
    limiter.cool_down(1_000.0, 0.0);
    let turn = limiter.poll(ticket, PACE, LEASE_MS, 0.0);
    let expected = Turn::Wait {
        poll_at: 5_000.0,
        start_at: 5_000.0,
        reason: WaitReason::Cooldown,
    };
    assert_eq!(turn, expected, "an earlier end does not shorten it");
    wait(&mut limiter, ticket, PACE, 4_999.9);
    start(&mut limiter, ticket, PACE, 5_000.0);
}

#[test]
fn a_waiter_that_asks_a_ledger_keeps_to_the_cooldown_too() {
    let mut limiter = Limiter::default();
    let ticket = limiter.join(Priority::Normal, 0.0);
    assert_eq!(limiter.poll_cooldown(ticket, 0.0), None);
    limiter.cool_down(5_000.0, 0.0);
    let wait = Turn::Wait {
        poll_at: 5_000.0,
        start_at: 5_000.0,
        reason: WaitReason::Cooldown,
    };
    assert_eq!(limiter.poll_cooldown(ticket, 0.0), Some(wait));
    // It keeps its position meanwhile.
    assert_eq!(limiter.status(PACE, 4_999.0, 0.0).queued, 1);
    assert_eq!(limiter.poll_cooldown(ticket, 5_000.0), None);
    let until = 5_000.0 + LONGEST_COOLDOWN_MS + 1.0;
    limiter.cool_down(until, 5_000.0);
    let refused = Some(Turn::Refused { until });
    assert_eq!(limiter.poll_cooldown(ticket, 5_000.0), refused);
    assert_eq!(limiter.status(PACE, 5_000.0, 0.0).queued, 0);
}

#[test]
fn waiters_get_the_reason_of_their_wait() {
    let pace = pace(1, 10_000.0);
    let mut limiter = Limiter::default();
    let slot = start_another(&mut limiter, pace, 0.0);
    limiter.finish(slot, End::Answered, 0.0);
    limiter.cool_down(5_000.0, 0.0);
    for (now, expected) in [
        (4_999.0, WaitReason::Cooldown),
        (5_000.0, WaitReason::RateLimit),
    ] {
        let ticket = limiter.join(Priority::Normal, now);
        match limiter.poll(ticket, pace, LEASE_MS, now) {
            Turn::Wait { reason, .. } => assert_eq!(reason, expected, "{now}"),
            turn => panic!("{turn:?}"),
        }
    }
}

#[test]
fn estimates_begin_at_the_end_of_the_cooldown() {
    let pace = pace(2, 10_000.0);
    // How many slots are held since 0, the end of the cooldown, and when each waiter starts.
    let cases: [(usize, f64, &[f64]); 4] = [
        (0, 5e3, &[5e3, 5e3, 15e3, 15e3, 25e3]),
        (2, 15e3, &[15e3, 15e3, 25e3]),
        (1, 5e3, &[5e3, 10e3, 15e3, 20e3]),
        (1, 12e3, &[12e3, 12e3, 22e3]),
    ];
    for (held, until, starts) in cases {
        let mut limiter = Limiter::default();
        for _ in 0..held {
            let slot = start_another(&mut limiter, pace, 0.0);
            limiter.finish(slot, End::Answered, 0.0);
        }
        limiter.cool_down(until, 0.0);
        let waiting = join(&mut limiter, starts.len(), 0.0);
        for (&ticket, &start_at) in waiting.iter().zip(starts) {
            let (poll_at, estimated) = wait(&mut limiter, ticket, pace, 0.0);
            assert_eq!(poll_at, until, "everybody asks at the end");
            assert_eq!(estimated, start_at, "{held} held, until {until}");
        }
    }
}

/// Not one window later: those requests end long before the cooldown does.
#[test]
fn the_slots_of_requests_under_way_are_expected_back_during_the_cooldown() {
    let pace = pace(2, 10_000.0);
    let mut limiter = Limiter::default();
    let slots = [0.0, 0.0].map(|now| start_another(&mut limiter, pace, now));
    let waiting = join(&mut limiter, 2, 0.0);
    limiter.finish(slots[0], End::Answered, 5.0);
    limiter.cool_down(10_005.0, 5.0);
    for ticket in waiting {
        assert_eq!(wait(&mut limiter, ticket, pace, 5.0).1, 10_005.0);
    }
}

#[test]
fn a_pause_longer_than_a_minute_refuses_every_call_paced_or_not() {
    for (pause_ms, is_refused) in [
        (LONGEST_COOLDOWN_MS, false),
        (LONGEST_COOLDOWN_MS + 1.0, true),
        (259_200_000.0, true),
    ] {
        let until = 100.0 + pause_ms;
        let mut limiter = Limiter::default();
        let waiting = join(&mut limiter, 2, 100.0);
        limiter.cool_down(until, 100.0);
        let expected = is_refused.then_some(until);
        assert_eq!(limiter.refuses_until(100.0), expected);
        for ticket in waiting {
            let turn = limiter.poll(ticket, PACE, LEASE_MS, 100.0);
            assert_eq!(turn == Turn::Refused { until }, is_refused, "{turn:?}");
        }
        let queued = limiter.status(PACE, 100.0, 0.0).queued;
        assert_eq!(queued, if is_refused { 0 } else { 2 });
    }
}

#[test]
fn calls_wait_again_once_the_pause_is_short_enough() {
    let mut limiter = Limiter::default();
    limiter.cool_down(100_000.0, 0.0);
    let ticket = limiter.join(Priority::Normal, 39_999.0);
    let refused = Turn::Refused { until: 100_000.0 };
    assert_eq!(limiter.poll(ticket, PACE, LEASE_MS, 39_999.0), refused);
    assert_eq!(limiter.refuses_until(40_000.0), None);
    let ticket = limiter.join(Priority::Normal, 40_000.0);
    assert_eq!(wait(&mut limiter, ticket, PACE, 40_000.0).1, 100_000.0);
}
