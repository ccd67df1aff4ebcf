//! What a process does while it cannot reach the ledger of a shared rate limit.

use comfycontrol_runners::event::LedgerState;
use comfycontrol_runners::ledger::{ANSWER_MS, Link, PROBE_MS};
use comfycontrol_runners::limiter::{End, Limiter, Priority, Ticket, Turn};
use comfycontrol_runners::pace::Pace;

const PACE: Pace = Pace::DOCUMENTED;
const LEASE_MS: f64 = 11_000.0;
/// When a process that lost the ledger at 0 may start requests by its share.
const ALONE_AT: f64 = 10_000.0 + PROBE_MS + ANSWER_MS;

struct Process {
    limiter: Limiter,
    link: Link,
}

impl Process {
    fn poll(&mut self, ticket: Ticket, pace: Pace, now: f64) -> Turn {
        let limiter = &mut self.limiter;
        self.link.poll_alone(limiter, ticket, pace, LEASE_MS, now)
    }

    /// How many requests start in a row at this time.
    fn starts(&mut self, pace: Pace, now: f64) -> usize {
        let poll = |_: &usize| {
            let ticket = self.limiter.join(Priority::Normal, now);
            let turn = self.poll(ticket, pace, now);
            self.limiter.leave(ticket);
            matches!(turn, Turn::Start(_))
        };
        (0..1000).take_while(poll).count()
    }
}

/// A process that lost the ledger at 0.
fn lost(processes: f64) -> Process {
    let mut link = Link::default();
    assert!(link.asks(0.0));
    assert_eq!(link.note(true, processes, 0.0), Some(LedgerState::Lost));
    let limiter = Limiter::default();
    Process { limiter, link }
}

#[test]
fn a_ledger_that_answers_is_always_asked() {
    let mut link = Link::default();
    assert!(link.asks(0.0) && link.asks(0.0));
    assert_eq!(link.note(false, 0.0, 0.0), None);
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
    assert_eq!(link.note(true, 0.0, 1e9), Some(LedgerState::Lost));
    assert!(link.asks(0.0));
}

#[test]
fn lost_and_back_are_each_reported_once() {
    let mut link = Link::default();
    assert_eq!(link.note(true, 0.0, 0.0), Some(LedgerState::Lost));
    assert_eq!(link.note(true, 0.0, 1.0), None);
    assert_eq!(link.note(false, 0.0, 2.0), Some(LedgerState::Back));
    assert_eq!(link.note(false, 0.0, 3.0), None);
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
        let mut process = lost(processes);
        assert_eq!(process.starts(PACE, 0.0), 0);
        assert_eq!(process.starts(PACE, ALONE_AT - 1.0), 0);
        assert_eq!(process.starts(PACE, ALONE_AT), share, "{processes}");
    }
}

#[test]
fn a_share_of_less_than_one_request_is_one_in_several_windows() {
    let mut process = lost(100.0);
    let alone_at = 25_000.0 + PROBE_MS + ANSWER_MS;
    assert_eq!(process.starts(PACE, alone_at - 1.0), 0);
    let ticket = process.limiter.join(Priority::Normal, alone_at);
    let Turn::Start(slot) = process.poll(ticket, PACE, alone_at) else {
        panic!("it should start")
    };
    process.limiter.finish(slot, End::Answered, alone_at);
    assert_eq!(process.starts(PACE, alone_at + 24_999.0), 0);
    assert_eq!(process.starts(PACE, alone_at + 25_000.0), 1);
}

#[test]
fn a_short_window_pauses_as_long_as_the_documented_one() {
    let mut process = lost(1.0);
    let pace = Pace {
        requests: 40,
        window_ms: 500.0,
    };
    assert_eq!(process.starts(pace, ALONE_AT - 1.0), 0);
    assert_eq!(process.starts(pace, ALONE_AT), 40);
}

#[test]
fn requests_that_the_ledger_granted_count_against_the_share() {
    let mut process = lost(4.0);
    process.limiter.record_start(LEASE_MS, 9_000.0);
    assert_eq!(process.starts(PACE, ALONE_AT), 9);
}

#[test]
fn a_waiter_asks_again_when_the_ledger_is_asked_again() {
    let mut process = lost(0.0);
    let ticket = process.limiter.join(Priority::Normal, 600.0);
    let Turn::Wait {
        poll_at, start_at, ..
    } = process.poll(ticket, PACE, 600.0)
    else {
        panic!("it should wait")
    };
    assert_eq!((poll_at, start_at), (PROBE_MS, ALONE_AT));
}

#[test]
fn all_processes_pause_when_the_ledger_is_back_if_requests_started_by_a_share() {
    let mut process = lost(4.0);
    assert_eq!(process.link.pause_ms(5_000.0), None);
    assert_eq!(process.starts(PACE, ALONE_AT), 10);
    let pause = 10_000.0 + PROBE_MS + ANSWER_MS;
    assert_eq!(process.link.pause_ms(ALONE_AT + 9_999.0), Some(pause));
    assert_eq!(process.link.pause_ms(ALONE_AT + 10_000.0), None);
}

#[test]
fn all_processes_pause_for_one_window_more_if_such_a_request_ends_later() {
    let mut process = lost(4.0);
    assert_eq!(process.starts(PACE, ALONE_AT), 10);
    assert_eq!(process.link.finish_unknown(ALONE_AT + 1.0), None);
    process.link.note(false, 0.0, ALONE_AT + 2.0);
    assert_eq!(process.link.finish_unknown(ALONE_AT + 3.0), Some(10_000.0));
}

#[test]
fn a_process_uses_the_whole_limit_when_the_ledger_is_back() {
    let mut link = lost(4.0).link;
    assert_eq!(link.share(PACE), 10.0);
    link.note(false, 5.0, 1.0);
    assert_eq!((link.share(PACE), link.pace(PACE)), (40.0, PACE));
}
