//! When slots come free.

use comfycontrol_runners::limiter::{ABORTED_GRACE_MS, End, Limiter, Priority};

use super::{LEASE_MS, PACE, join, pace, start, start_another, wait};

#[test]
fn a_slot_comes_free_one_window_after_the_end_of_its_request() {
    let pace = pace(1, 100.0);
    let mut limiter = Limiter::default();
    let slot = start_another(&mut limiter, pace, 0.0);
    let next = limiter.join(Priority::Normal, 0.0);
    assert_eq!(wait(&mut limiter, next, pace, 0.0), (100.0, 100.0));
    assert_eq!(
        wait(&mut limiter, next, pace, 20.0),
        (120.0, 120.0),
        "a request under way ends now at the earliest"
    );
    limiter.finish(slot, End::Answered, 30.0);
    assert_eq!(wait(&mut limiter, next, pace, 30.0), (130.0, 130.0));
    assert_eq!(wait(&mut limiter, next, pace, 129.9), (130.0, 130.0));
    start(&mut limiter, next, pace, 130.0);
}

#[test]
fn the_server_may_count_a_request_without_an_answer_a_moment_after_its_end() {
    let pace = pace(2, 10_000.0);
    let mut limiter = Limiter::default();
    let slots = [0.0, 0.0].map(|now| start_another(&mut limiter, pace, now));
    let waiting = join(&mut limiter, 2, 0.0);
    limiter.finish(slots[0], End::Unanswered, 10.0);
    limiter.finish(slots[1], End::Answered, 20.0);
    // The request with an answer ended last, and gives its slot back first.
    let first = 20.0 + pace.window_ms;
    let second = 10.0 + ABORTED_GRACE_MS + pace.window_ms;
    assert_eq!(wait(&mut limiter, waiting[0], pace, 30.0), (first, first));
    assert_eq!(wait(&mut limiter, waiting[1], pace, 30.0).1, second);
    start(&mut limiter, waiting[0], pace, first);
    assert_eq!(wait(&mut limiter, waiting[1], pace, first).1, second);
    start(&mut limiter, waiting[1], pace, second);
}

#[test]
fn a_request_under_way_may_end_before_one_without_an_answer_counts_as_ended() {
    let pace = pace(2, 100.0);
    let mut limiter = Limiter::default();
    let slots = [0.0, 0.0].map(|now| start_another(&mut limiter, pace, now));
    let waiting = join(&mut limiter, 2, 0.0);
    limiter.finish(slots[0], End::Unanswered, 10.0);
    assert_eq!(
        wait(&mut limiter, waiting[0], pace, 10.0),
        (110.0, 110.0),
        "as soon as the slot of the request under way can be free"
    );
    limiter.finish(slots[1], End::Answered, 20.0);
    start(&mut limiter, waiting[0], pace, 120.0);
}

#[test]
fn a_free_slot_comes_back_before_that_of_a_request_without_an_answer() {
    let pace = pace(2, 100.0);
    let mut limiter = Limiter::default();
    let slot = start_another(&mut limiter, pace, 0.0);
    limiter.finish(slot, End::Unanswered, 0.0);
    let waiting = join(&mut limiter, 3, 0.0);
    // If the first one starts now, its slot comes free at 100 again.
    assert_eq!(wait(&mut limiter, waiting[1], pace, 0.0), (100.0, 100.0));
    let last = ABORTED_GRACE_MS + 100.0;
    assert_eq!(wait(&mut limiter, waiting[2], pace, 0.0), (100.0, last));
}

#[test]
fn clients_of_one_origin_may_have_paces_of_their_own() {
    let slow = pace(1, 50_000.0);
    let mut limiter = Limiter::default();
    let slot = start_another(&mut limiter, slow, 0.0);
    limiter.finish(slot, End::Answered, 0.0);
    let slow_one = limiter.join(Priority::Normal, 20_000.0);
    assert_eq!(
        wait(&mut limiter, slow_one, slow, 20_000.0),
        (50_000.0, 50_000.0),
        "a longer window looks back farther"
    );
    let quick_one = limiter.join(Priority::Normal, 20_000.0);
    start(&mut limiter, quick_one, PACE, 20_000.0);
}

#[test]
fn a_client_that_may_start_fewer_requests_waits_until_enough_slots_are_free() {
    let [three, one] = [3, 1].map(|requests| pace(requests, 100.0));
    let mut limiter = Limiter::default();
    for now in [0.0, 10.0, 20.0] {
        let slot = start_another(&mut limiter, three, now);
        limiter.finish(slot, End::Answered, now);
    }
    let ticket = limiter.join(Priority::Normal, 95.0);
    assert_eq!(wait(&mut limiter, ticket, one, 95.0), (120.0, 120.0));
    assert_eq!(wait(&mut limiter, ticket, one, 105.0), (120.0, 120.0));
    start(&mut limiter, ticket, one, 120.0);
}

#[test]
fn requests_that_are_not_paced_take_slots_from_those_that_are() {
    let pace = pace(2, 100.0);
    let mut limiter = Limiter::default();
    let slots = [0.0, 0.0, 0.0].map(|now| limiter.record_start(LEASE_MS, now));
    let ticket = limiter.join(Priority::Normal, 0.0);
    wait(&mut limiter, ticket, pace, 0.0);
    for (slot, now) in slots.into_iter().zip([10.0, 20.0, 30.0]) {
        limiter.finish(slot, End::Answered, now);
    }
    assert_eq!(wait(&mut limiter, ticket, pace, 30.0), (120.0, 120.0));
    start(&mut limiter, ticket, pace, 120.0);
}

#[test]
fn ends_that_are_out_of_every_window_are_forgotten() {
    let mut limiter = Limiter::default();
    for now in (0..100_000).map(|request| f64::from(request) * 100.0) {
        let slot = limiter.record_start(LEASE_MS, now);
        limiter.finish(slot, End::Answered, now);
    }
    let printed = format!("{limiter:?}").len();
    assert!(printed < 10_000, "{printed} characters to print it");
}
