//! What a process does while it cannot reach the ledger of a shared rate limit.

use comfycontrol_runners::ledger::{ANSWER_MS, Link, PROBE_MS};
use comfycontrol_runners::limiter::{End, Limiter, Pace, Priority, Turn};

const PACE: Pace = Pace::DOCUMENTED;
const LEASE_MS: f64 = 11_000.0;
/// When a process that lost the ledger at 0 may start requests by its share.
const ALONE_AT: f64 = 10_000.0 + PROBE_MS + ANSWER_MS;

fn lost(processes: f64) -> Limiter {
    let mut limiter = Limiter::default();
    assert!(limiter.link.asks(0.0));
    assert!(limiter.link.note(true, processes, 0.0));
    limiter
}

/// How many requests start in a row at this time.
fn starts(limiter: &mut Limiter, pace: Pace, now: f64) -> usize {
    let poll = |_: &usize| {
        let ticket = limiter.join(Priority::Normal, now);
        let turn = limiter.poll_alone(ticket, pace, LEASE_MS, now);
        limiter.leave(ticket);
        matches!(turn, Turn::Start(_))
    };
    (0..1000).take_while(poll).count()
}

#[test]
fn a_ledger_that_answers_is_always_asked() {
    let mut link = Link::default();
    assert!(link.asks(0.0) && link.asks(0.0));
    assert!(!link.note(false, 0.0, 0.0));
    assert!(link.asks(1.0) && link.asks(1.0));
    assert_eq!(link.asks_at(1.0), f64::INFINITY);
}

#[test]
fn one_waiter_asks_a_lost_ledger_every_two_seconds() {
    let mut link = lost(0.0).link;
    assert!(!link.asks(1.0));
    assert!(!link.asks(PROBE_MS - 1.0));
    assert!(link.asks(PROBE_MS));
    assert!(!link.asks(PROBE_MS));
    assert!(link.asks(2.0 * PROBE_MS));
}

#[test]
fn the_other_waiters_check_again_when_the_question_is_answered() {
    let mut link = lost(0.0).link;
    assert!(link.asks(PROBE_MS));
    assert_eq!(link.asks_at(PROBE_MS), PROBE_MS + ANSWER_MS);
    assert_eq!(link.asks_at(PROBE_MS + ANSWER_MS), 2.0 * PROBE_MS);
}

#[test]
fn a_lost_ledger_is_asked_again_although_the_clock_went_back() {
    let mut link = Link::default();
    assert!(link.note(true, 0.0, 1e9));
    assert!(link.asks(0.0));
}

#[test]
fn lost_and_back_are_each_reported_once() {
    let mut link = Link::default();
    assert!(link.note(true, 0.0, 0.0));
    assert!(!link.note(true, 0.0, 1.0));
    assert!(link.note(false, 0.0, 2.0));
    assert!(!link.note(false, 0.0, 3.0));
}

#[test]
fn a_process_pauses_for_a_window_and_then_keeps_to_its_share() {
    for (processes, share) in [
        (1.0, 40),
        (2.0, 20),
        (5.0, 8),
        (10.0, 4),
        (40.0, 1),
        (0.0, 5),
    ] {
        let mut limiter = lost(processes);
        assert_eq!(starts(&mut limiter, PACE, 0.0), 0);
        assert_eq!(starts(&mut limiter, PACE, ALONE_AT - 1.0), 0);
        assert_eq!(starts(&mut limiter, PACE, ALONE_AT), share, "{processes}");
    }
}

#[test]
fn a_share_of_less_than_one_request_is_one_in_several_windows() {
    let mut limiter = lost(100.0);
    let alone_at = 25_000.0 + PROBE_MS + ANSWER_MS;
    assert_eq!(starts(&mut limiter, PACE, alone_at - 1.0), 0);
    let ticket = limiter.join(Priority::Normal, alone_at);
    let Turn::Start(slot) = limiter.poll_alone(ticket, PACE, LEASE_MS, alone_at) else {
        panic!("it should start")
    };
    limiter.finish(slot, End::Answered, alone_at);
    assert_eq!(starts(&mut limiter, PACE, alone_at + 24_999.0), 0);
    assert_eq!(starts(&mut limiter, PACE, alone_at + 25_000.0), 1);
}

#[test]
fn a_short_window_pauses_as_long_as_the_documented_one() {
    let mut limiter = lost(1.0);
    let pace = Pace {
        requests: 40,
        window_ms: 500.0,
    };
    assert_eq!(starts(&mut limiter, pace, ALONE_AT - 1.0), 0);
    assert_eq!(starts(&mut limiter, pace, ALONE_AT), 40);
}

#[test]
fn requests_that_the_ledger_granted_count_against_the_share() {
    let mut limiter = lost(4.0);
    limiter.record_unpaced(LEASE_MS, 9_000.0);
    assert_eq!(starts(&mut limiter, PACE, ALONE_AT), 9);
}

#[test]
fn a_waiter_asks_again_when_the_ledger_is_asked_again() {
    let mut limiter = lost(0.0);
    let ticket = limiter.join(Priority::Normal, 600.0);
    let Turn::Wait {
        poll_at, start_at, ..
    } = limiter.poll_alone(ticket, PACE, LEASE_MS, 600.0)
    else {
        panic!("it should wait")
    };
    assert_eq!((poll_at, start_at), (PROBE_MS, ALONE_AT));
}

#[test]
fn all_processes_pause_when_the_ledger_is_back_if_requests_started_by_a_share() {
    let mut limiter = lost(4.0);
    assert_eq!(limiter.link.pause_ms(5_000.0), None);
    assert_eq!(starts(&mut limiter, PACE, ALONE_AT), 10);
    let pause = 10_000.0 + PROBE_MS + ANSWER_MS;
    assert_eq!(limiter.link.pause_ms(ALONE_AT + 9_999.0), Some(pause));
    assert_eq!(limiter.link.pause_ms(ALONE_AT + 10_000.0), None);
}

#[test]
fn all_processes_pause_for_one_window_more_if_such_a_request_ends_later() {
    let mut limiter = lost(4.0);
    assert_eq!(starts(&mut limiter, PACE, ALONE_AT), 10);
    assert_eq!(limiter.link.finish_unknown(ALONE_AT + 1.0), None);
    limiter.link.note(false, 0.0, ALONE_AT + 2.0);
    assert_eq!(limiter.link.finish_unknown(ALONE_AT + 3.0), Some(10_000.0));
}

#[test]
fn a_process_uses_the_whole_limit_when_the_ledger_is_back() {
    let mut link = lost(4.0).link;
    assert_eq!(link.share(PACE), 10.0);
    link.note(false, 5.0, 1.0);
    assert_eq!((link.share(PACE), link.pace(PACE)), (40.0, PACE));
}
