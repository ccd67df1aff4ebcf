//! The order of waiters, and when they poll.

use comfycontrol_runners::limiter::{End, LATE_GRACE_MS, Limiter};

use super::{LEASE_MS, PACE, join, pace, start, start_another, wait};

#[test]
fn a_waiter_starts_only_when_all_ahead_have_a_free_slot_too() {
    for (free, starts) in [(1, false), (2, false), (3, true), (40, true)] {
        let pace = pace(free, 10_000.0);
        let mut limiter = Limiter::default();
        let waiting = join(&mut limiter, 3, 0.0);
        if starts {
            start(&mut limiter, waiting[2], pace, 0.0);
        } else {
            wait(&mut limiter, waiting[2], pace, 0.0);
        }
        start(&mut limiter, waiting[0], pace, 0.0);
    }
}

#[test]
fn a_waiter_that_leaves_gives_its_position_up() {
    let pace = pace(1, 100.0);
    let mut limiter = Limiter::default();
    let slot = start_another(&mut limiter, pace, 0.0);
    limiter.finish(slot, End::Answered, 0.0);
    let waiting = join(&mut limiter, 3, 0.0);
    assert_eq!(wait(&mut limiter, waiting[2], pace, 0.0).1, 300.0);
    limiter.leave(waiting[1]);
    limiter.leave(waiting[1]);
    assert_eq!(wait(&mut limiter, waiting[2], pace, 0.0).1, 200.0);
    limiter.leave(waiting[0]);
    start(&mut limiter, waiting[2], pace, 100.0);
    limiter.leave(waiting[2]);
    assert_eq!(limiter.status(pace, 100.0, 0.0).queued, 0);
}

#[test]
fn estimates_count_the_waiters_ahead() {
    let mut limiter = Limiter::default();
    for _ in 0..40 {
        let slot = start_another(&mut limiter, PACE, 0.0);
        limiter.finish(slot, End::Answered, 0.0);
    }
    let waiting = join(&mut limiter, 160, 0.0);
    let starts = [(0, 1e4), (39, 1e4), (40, 2e4), (79, 2e4), (159, 4e4)];
    for (index, start_at) in starts {
        let (_, estimated) = wait(&mut limiter, waiting[index], PACE, 0.0);
        assert_eq!(estimated, start_at, "waiter {index}");
    }
}

#[test]
fn estimates_go_round_by_round_over_the_slots_that_come_free() {
    let cases: [(u32, f64, &[f64]); 4] = [
        // At 110 the first end is past. The other slots come free at 150 and 160, again and again.
        (2, 110.0, &[150.0, 160.0, 250.0, 260.0, 350.0, 360.0]),
        // One more is free: the second waiter is the first that finds none.
        (3, 110.0, &[f64::NAN, 150.0, 160.0, 210.0, 250.0]),
        // All are held: two by requests that ended, one by the request that ended last.
        (3, 90.0, &[100.0, 150.0, 160.0, 200.0, 250.0]),
        // More than one client may hold: all but one have to come free.
        (1, 90.0, &[160.0, 260.0, 360.0]),
    ];
    for (requests, now, starts) in cases {
        let pace = pace(requests, 100.0);
        let mut limiter = Limiter::default();
        for end in [0.0, 50.0, 60.0] {
            let slot = limiter.record_start(LEASE_MS, end);
            limiter.finish(slot, End::Answered, end);
        }
        let waiting = join(&mut limiter, starts.len(), now);
        for (&ticket, &start_at) in waiting.iter().zip(starts) {
            if start_at.is_finite() {
                let (_, estimated) = wait(&mut limiter, ticket, pace, now);
                assert_eq!(estimated, start_at, "{requests} at {now}");
            }
        }
    }
}

#[test]
fn waiters_poll_when_half_of_those_ahead_have_started_and_once_per_window() {
    let pace = pace(4, 1_000.0);
    let mut limiter = Limiter::default();
    for end in [0.0, 100.0, 200.0, 300.0] {
        let slot = start_another(&mut limiter, pace, end);
        limiter.finish(slot, End::Answered, end);
    }
    let waiting = join(&mut limiter, 12, 400.0);
    // 0, 1, 1, 2 … have had their turn; the last slot of the round comes free at 1300.
    let polls = [0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0];
    for (ticket, turns) in waiting.into_iter().zip(polls) {
        let (poll_at, _) = wait(&mut limiter, ticket, pace, 400.0);
        assert_eq!(poll_at, 1_000.0 + 100.0 * turns);
    }
}

#[test]
fn a_waiter_moves_up_before_its_turn_when_one_ahead_leaves() {
    let pace = pace(2, 10_000.0);
    let mut limiter = Limiter::default();
    for end in [0.0, 9_000.0] {
        let slot = start_another(&mut limiter, pace, end);
        limiter.finish(slot, End::Answered, end);
    }
    let waiting = join(&mut limiter, 2, 9_000.0);
    wait(&mut limiter, waiting[0], pace, 9_000.0);
    assert_eq!(
        wait(&mut limiter, waiting[1], pace, 9_000.0),
        (10_000.0, 19_000.0)
    );
    limiter.leave(waiting[0]);
    start(&mut limiter, waiting[1], pace, 10_000.0);
}

/// Otherwise all of them would poll every millisecond.
#[test]
fn waiters_behind_others_with_a_free_slot_give_them_time_to_take_it() {
    for (requests, window_ms, poll_at) in [
        (1, 10_000.0, LATE_GRACE_MS),
        (2, 10_000.0, LATE_GRACE_MS),
        // The next slot comes free before those ahead would lapse.
        (2, 300.0, 300.0),
    ] {
        let pace = pace(requests, window_ms);
        let mut limiter = Limiter::default();
        let waiting = join(&mut limiter, 3, 0.0);
        for ticket in &waiting[requests as usize..] {
            assert_eq!(wait(&mut limiter, *ticket, pace, 0.0).0, poll_at);
        }
    }
}

#[test]
fn a_waiter_costs_little_however_many_wait() {
    let mut limiter = Limiter::default();
    let waiting = join(&mut limiter, 20_000, 0.0);
    for ticket in waiting.iter().rev() {
        limiter.poll(*ticket, PACE, LEASE_MS, 0.0);
    }
    let started = std::time::Instant::now();
    for ticket in waiting.iter().rev() {
        limiter.poll(*ticket, PACE, LEASE_MS, 0.0);
    }
    // Looking at each waiter for each waiter would take minutes.
    let took = started.elapsed();
    assert!(took.as_secs() < 10, "{took:?}");
}
