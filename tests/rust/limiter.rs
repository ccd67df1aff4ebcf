use std::collections::BTreeMap;

use comfycontrol_runners::limiter::{Limiter, Pace, Reason, STRAGGLE, Ticket, Turn};
use proptest::prelude::*;

const PACE: Pace = Pace::DOCUMENTED;

/// Lets every waiter that may start at `now` start, and gives how many did.
fn start_all(limiter: &mut Limiter, waiting: &mut Vec<Ticket>, now: f64) -> usize {
    let before = waiting.len();
    while let Some(&ticket) = waiting.first() {
        if limiter.poll(ticket, PACE, now) != Turn::Start {
            break;
        }
        waiting.remove(0);
    }
    before - waiting.len()
}

fn join(limiter: &mut Limiter, count: usize) -> Vec<Ticket> {
    (0..count).map(|_| limiter.join()).collect()
}

#[test]
fn two_hundred_calls_take_the_limits_own_time() {
    for latency in [0.0, 20.0, 200.0] {
        let mut limiter = Limiter::default();
        let mut waiting = join(&mut limiter, 200);
        let (mut now, mut ends, mut last) = (0.0, Vec::new(), 0.0);
        let mut turns = 0..1_000;
        while !waiting.is_empty() {
            turns.next().expect("an end to the waiting");
            let started = start_all(&mut limiter, &mut waiting, now);
            if started > 0 {
                last = now;
                ends.extend(std::iter::repeat_n(now + latency, started));
            }
            // The next thing that happens: a request ends, or the head's time comes.
            let head = waiting.first().map(|&head| limiter.poll(head, PACE, now));
            let mut next = ends.first().copied().unwrap_or(f64::INFINITY);
            if let Some(Turn::At(time)) = head {
                next = next.min(time);
            }
            now = now.max(next.min(1e9));
            while ends.first().is_some_and(|end| *end <= now) {
                limiter.finished(ends.remove(0), true);
            }
        }
        // 40 at once, and 40 more after each of four windows.
        assert_eq!(last, 4.0 * (PACE.window + latency));
        assert!(
            last <= 1.02 * 4.0 * PACE.window,
            "{latency} ms away: {last} ms"
        );
    }
}

#[test]
fn a_place_comes_back_one_window_after_the_end_of_its_request() {
    let pace = Pace {
        requests: 1,
        window: 100.0,
    };
    let mut limiter = Limiter::default();
    let (a, b) = (limiter.join(), limiter.join());
    assert_eq!(limiter.poll(a, pace, 0.0), Turn::Start);
    assert_eq!(limiter.poll(b, pace, 0.0), Turn::Later, "the place is held");
    limiter.finished(30.0, true);
    assert_eq!(limiter.poll(b, pace, 30.0), Turn::At(130.0));
    assert_eq!(limiter.poll(b, pace, 129.9), Turn::At(130.0));
    assert_eq!(limiter.poll(b, pace, 130.0), Turn::Start);
}

#[test]
fn first_come_first_served() {
    let mut limiter = Limiter::default();
    let (a, b) = (limiter.join(), limiter.join());
    assert_eq!(limiter.poll(b, PACE, 0.0), Turn::Later, "somebody is ahead");
    assert_eq!(limiter.poll(a, PACE, 0.0), Turn::Start);
    assert_eq!(limiter.poll(b, PACE, 0.0), Turn::Start);
}

#[test]
fn one_who_leaves_gives_the_turn_away_and_never_starts() {
    let mut limiter = Limiter::default();
    let (a, b, c) = (limiter.join(), limiter.join(), limiter.join());
    assert!(!limiter.leave(b), "not the head: nobody need be woken");
    assert!(limiter.leave(a), "the head: wake the next");
    assert!(!limiter.leave(a), "gone already");
    assert_eq!(limiter.head(), Some(c));
    assert_eq!(limiter.poll(a, PACE, 0.0), Turn::Later);
    assert_eq!(limiter.poll(b, PACE, 0.0), Turn::Later);
    assert_eq!(limiter.poll(c, PACE, 0.0), Turn::Start);
}

#[test]
fn a_cooldown_freezes_every_waiter() {
    let mut limiter = Limiter::default();
    let a = limiter.join();
    limiter.freeze(5_000.0);
    limiter.freeze(1_000.0);
    assert_eq!(limiter.reason(0.0), Reason::Cooldown);
    assert_eq!(
        limiter.poll(a, PACE, 0.0),
        Turn::At(5_000.0),
        "an earlier end does not shorten it"
    );
    assert_eq!(limiter.status(PACE, 0.0), (0, Some(5_000.0), 1));
    assert_eq!(limiter.poll(a, PACE, 5_000.0), Turn::Start);
    assert_eq!(limiter.reason(5_000.0), Reason::Window);
}

#[test]
fn the_state_tells_what_is_free_and_when_the_next_place_is() {
    let mut limiter = Limiter::default();
    assert_eq!(limiter.status(PACE, 7.0), (40, None, 0));
    let mut waiting = join(&mut limiter, 41);
    start_all(&mut limiter, &mut waiting, 0.0);
    assert_eq!(
        limiter.status(PACE, 10.0),
        (0, Some(10_010.0), 1),
        "under way: at the earliest then"
    );
    for _ in 0..40 {
        limiter.finished(20.0, true);
    }
    assert_eq!(limiter.status(PACE, 30.0), (0, Some(10_020.0), 1));
    assert_eq!(limiter.status(PACE, 10_020.0), (40, None, 1));
}

#[test]
fn estimates_count_the_waiters_ahead() {
    let mut limiter = Limiter::default();
    let mut waiting = join(&mut limiter, 200);
    let last = waiting[199];
    start_all(&mut limiter, &mut waiting, 0.0);
    for _ in 0..40 {
        limiter.finished(0.0, true);
    }
    assert_eq!(limiter.estimate(waiting[0], PACE, 0.0), 10_000.0);
    assert_eq!(limiter.estimate(waiting[40], PACE, 0.0), 20_000.0);
    assert_eq!(limiter.estimate(last, PACE, 0.0), 40_000.0);
    limiter.freeze(15_000.0);
    assert_eq!(limiter.estimate(waiting[0], PACE, 0.0), 15_000.0);
}

#[test]
fn clients_of_one_origin_may_have_paces_of_their_own() {
    let slow = Pace {
        requests: 1,
        window: 50_000.0,
    };
    let mut limiter = Limiter::default();
    let (a, b, c) = (limiter.join(), limiter.join(), limiter.join());
    assert_eq!(limiter.poll(a, PACE, 0.0), Turn::Start);
    limiter.finished(0.0, true);
    assert_eq!(
        limiter.poll(b, slow, 20_000.0),
        Turn::At(50_000.0),
        "longer windows look back farther"
    );
    limiter.leave(b);
    assert_eq!(limiter.poll(c, PACE, 20_000.0), Turn::Start);
}

#[test]
fn one_who_is_gone_cannot_leave_again() {
    let mut limiter = Limiter::default();
    let (a, b, c) = (limiter.join(), limiter.join(), limiter.join());
    assert_eq!(limiter.poll(a, PACE, 0.0), Turn::Start);
    assert!(!limiter.leave(a), "it has started");
    assert!(limiter.leave(b));
    assert!(!limiter.leave(b), "it has left");
    assert_eq!(limiter.status(PACE, 0.0).2, 1);
    assert_eq!(limiter.head(), Some(c));
}

#[test]
fn those_who_left_are_forgotten_once_they_are_more_than_those_who_wait() {
    let mut limiter = Limiter::default();
    let waiting = join(&mut limiter, 100);
    // The head last, so that it has to pass all the others at once.
    for ticket in waiting[..81].iter().rev() {
        limiter.leave(*ticket);
    }
    let gone = format!("{limiter:?}").matches("false").count();
    assert!(gone <= 19, "{gone} are remembered");
    assert_eq!(limiter.head(), Some(waiting[81]));
}

#[test]
fn who_may_start_fewer_waits_for_the_places_of_those_who_may_start_more() {
    let [many, one] = [3, 1].map(|requests| Pace {
        requests,
        window: 100.0,
    });
    let mut limiter = Limiter::default();
    for end in [0.0, 10.0, 20.0] {
        let ticket = limiter.join();
        assert_eq!(limiter.poll(ticket, many, end), Turn::Start);
        limiter.finished(end, true);
    }
    let ticket = limiter.join();
    // At 105 the first place is given back, and the one that may be taken is the last one's.
    assert_eq!(limiter.poll(ticket, one, 105.0), Turn::At(120.0));
    assert_eq!(limiter.poll(ticket, one, 120.0), Turn::Start);
}

#[test]
fn estimates_go_round_by_round_over_the_places_that_come_back() {
    let pace = Pace {
        requests: 2,
        window: 100.0,
    };
    let mut limiter = Limiter::default();
    for end in [0.0, 50.0, 60.0] {
        limiter.uninvited();
        limiter.finished(end, true);
    }
    let waiting = join(&mut limiter, 6);
    let estimates = |limiter: &Limiter, now| {
        waiting
            .iter()
            .map(|ticket| limiter.estimate(*ticket, pace, now))
            .collect::<Vec<_>>()
    };
    // At 110 the first end is past; the places of the others come back at 150 and 160, again and again.
    assert_eq!(
        estimates(&limiter, 110.0),
        [150.0, 160.0, 250.0, 260.0, 350.0, 360.0]
    );
    // One is free at once when its end is past, too.
    assert_eq!(estimates(&limiter, 155.0)[..3], [155.0, 160.0, 255.0]);
}

#[test]
fn an_estimate_counts_from_the_first_who_finds_no_place_free() {
    let pace = Pace {
        requests: 3,
        window: 100.0,
    };
    let mut limiter = Limiter::default();
    for end in [0.0, 50.0, 60.0] {
        limiter.uninvited();
        limiter.finished(end, true);
    }
    let estimates = join(&mut limiter, 4).into_iter();
    let estimates: Vec<f64> = estimates
        .map(|ticket| limiter.estimate(ticket, pace, 105.0))
        .collect();
    assert_eq!(estimates, [105.0, 150.0, 160.0, 205.0]);
}

#[test]
fn places_are_free_from_the_very_end_of_a_cooldown() {
    let mut limiter = Limiter::default();
    limiter.freeze(5_000.0);
    assert_eq!(limiter.status(PACE, 4_999.9), (0, Some(5_000.0), 0));
    assert_eq!(limiter.status(PACE, 5_000.0), (40, None, 0));
}

#[test]
fn a_request_without_an_answer_may_reach_the_server_a_moment_later() {
    let pace = Pace {
        requests: 2,
        window: 10_000.0,
    };
    let mut limiter = Limiter::default();
    let waiting: Vec<Ticket> = (0..4).map(|_| limiter.join()).collect();
    for ticket in &waiting[..2] {
        assert_eq!(limiter.poll(*ticket, pace, 0.0), Turn::Start);
    }
    limiter.finished(10.0, false);
    limiter.finished(20.0, true);
    // The one with an answer comes back first, although it ended last.
    assert_eq!(limiter.poll(waiting[2], pace, 30.0), Turn::At(10_020.0));
    assert_eq!(limiter.poll(waiting[2], pace, 10_020.0), Turn::Start);
    let end = 10.0 + STRAGGLE + 10_000.0;
    assert_eq!(limiter.poll(waiting[3], pace, 10_020.0), Turn::At(end));
    assert_eq!(limiter.poll(waiting[3], pace, end), Turn::Start);
}

#[test]
fn an_answer_counts_before_all_that_had_none() {
    let pace = Pace {
        requests: 3,
        window: 10_000.0,
    };
    let mut limiter = Limiter::default();
    let waiting = join(&mut limiter, 4);
    for ticket in &waiting[..3] {
        assert_eq!(limiter.poll(*ticket, pace, 0.0), Turn::Start);
    }
    limiter.finished(10.0, false);
    limiter.finished(20.0, false);
    limiter.finished(30.0, true);
    // Two that had none are in front of it, and the places come back in the order of their moments.
    assert_eq!(limiter.poll(waiting[3], pace, 40.0), Turn::At(10_030.0));
    assert_eq!(limiter.poll(waiting[3], pace, 10_030.0), Turn::Start);
    limiter.finished(10_030.0, true);
    let next = limiter.join();
    let first = 10.0 + STRAGGLE + 10_000.0;
    assert_eq!(limiter.poll(next, pace, 10_030.0), Turn::At(first));
}

/// If each cost time in proportion to those that wait, this would take more than a minute.
#[test]
fn a_waiter_costs_the_same_however_many_wait() {
    let count = 400_000;
    let pace = Pace {
        requests: u32::MAX,
        window: 1.0,
    };
    let started = std::time::Instant::now();
    let mut limiter = Limiter::default();
    let waiting: Vec<Ticket> = (0..count).map(|_| limiter.join()).collect();
    assert_eq!(limiter.estimate(waiting[count - 1], PACE, 0.0), 1e8 - 1e4);
    for place in (0..count).filter(|place| place % 4 == 3).rev() {
        assert!(!limiter.leave(waiting[place]));
    }
    for place in (0..count).filter(|place| place % 4 != 3) {
        assert_eq!(limiter.head(), Some(waiting[place]));
        assert_eq!(limiter.poll(waiting[place], pace, 0.0), Turn::Start);
        limiter.finished(place as f64, true);
    }
    assert_eq!(limiter.head(), None);
    let took = started.elapsed();
    assert!(took.as_secs() < 20, "{took:?}");
}

#[test]
fn those_who_had_their_turn_are_forgotten_although_somebody_always_waits() {
    let mut limiter = Limiter::default();
    let mut next = limiter.join();
    for now in 0..100_000 {
        let ticket = std::mem::replace(&mut next, limiter.join());
        assert_eq!(
            limiter.poll(ticket, PACE, f64::from(now) * 1e3),
            Turn::Start
        );
        limiter.finished(f64::from(now) * 1e3, true);
    }
    let held = format!("{limiter:?}").len();
    assert!(held < 1_000, "{held} characters to print it");
}

/// What happens next in a random run.
#[derive(Clone, Debug)]
enum Event {
    Join,
    Leave(prop::sample::Index),
    Finish(prop::sample::Index),
    Pass(f64),
    Freeze(f64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Join),
        1 => any::<prop::sample::Index>().prop_map(Event::Leave),
        4 => any::<prop::sample::Index>().prop_map(Event::Finish),
        3 => (0.0..400.0).prop_map(Event::Pass),
        1 => (0.0..500.0).prop_map(Event::Freeze),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whenever the server counts a request, between its start and its end: no window holds more
    /// than the limit. Nobody overtakes, nobody who left starts, nobody starts during a cooldown,
    /// and when all requests have ended everybody gets a turn.
    #[test]
    fn no_window_is_ever_too_full(
        requests in 1..6_u32,
        events in prop::collection::vec(event(), 1..200),
        arrival in 0.0..=1.0_f64,
    ) {
        let pace = Pace { requests, window: 1_000.0 };
        let mut limiter = Limiter::default();
        let (mut now, mut frozen) = (0.0, 0.0_f64);
        let mut waiting: Vec<Ticket> = Vec::new();
        let mut left = Vec::new();
        let mut running = Vec::new();
        // Start and end of every request.
        let mut spans: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        let drain = |n: usize| std::iter::repeat_n(Event::Pass(250.0), n);
        for event in events.into_iter().chain(drain(4)) {
            match event {
                Event::Join => waiting.push(limiter.join()),
                Event::Leave(who) if !waiting.is_empty() => {
                    let ticket = waiting.remove(who.index(waiting.len()));
                    limiter.leave(ticket);
                    left.push(ticket);
                }
                Event::Finish(which) if !running.is_empty() => {
                    let id = running.swap_remove(which.index(running.len()));
                    limiter.finished(now, true);
                    spans.entry(id).and_modify(|span: &mut (f64, f64)| span.1 = now);
                }
                Event::Pass(time) => now += time,
                Event::Freeze(time) => {
                    limiter.freeze(now + time);
                    frozen = frozen.max(now + time);
                }
                _ => {}
            }
            for &ticket in left.iter().chain(waiting.iter().skip(1)) {
                prop_assert_ne!(limiter.poll(ticket, pace, now), Turn::Start);
            }
            while let Some(&head) = waiting.first() {
                match limiter.poll(head, pace, now) {
                    Turn::Start => {
                        prop_assert!(now >= frozen);
                        running.push(spans.len());
                        spans.insert(spans.len(), (now, f64::INFINITY));
                        waiting.remove(0);
                    }
                    Turn::At(time) => {
                        prop_assert!(time > now);
                        break;
                    }
                    Turn::Later => {
                        prop_assert!(!running.is_empty(), "only a request under way can hold the head up");
                        break;
                    }
                }
            }
        }
        let counted: Vec<f64> = spans.values()
            .map(|(start, end)| start + (end.min(now) - start) * arrival)
            .collect();
        for &from in &counted {
            let held = counted.iter().filter(|at| **at >= from && **at < from + pace.window).count();
            prop_assert!(held <= requests as usize, "{} in the window from {}", held, from);
        }
        // Nobody starves.
        for _ in running {
            limiter.finished(now, true);
        }
        let mut turns = 0..1_000;
        while let Some(&head) = waiting.first() {
            prop_assert!(turns.next().is_some(), "no end to the waiting");
            match limiter.poll(head, pace, now) {
                Turn::Start => {
                    limiter.finished(now, true);
                    waiting.remove(0);
                }
                Turn::At(time) => now = time,
                Turn::Later => prop_assert!(false, "nothing is under way, yet the head is held up"),
            }
        }
    }
}

#[test]
fn ends_are_forgotten_where_nobody_ever_waits_for_a_turn() {
    let mut limiter = Limiter::default();
    for request in 0..100_000 {
        limiter.uninvited();
        limiter.finished(f64::from(request) * 100.0, true);
    }
    let (remaining, back, _) = limiter.status(PACE, 9_999_900.0);
    assert_eq!((remaining, back), (0, Some(10_000_000.0)));
    let held = format!("{limiter:?}").len();
    assert!(held < 10_000, "{held} characters to print it");
}

#[test]
fn a_limiter_that_was_lost_may_have_started_a_whole_window_just_before() {
    let mut limiter = Limiter::after(500.0);
    let ticket = limiter.join();
    assert_eq!(limiter.poll(ticket, PACE, 600.0), Turn::At(10_500.0));
    assert_eq!(limiter.status(PACE, 600.0), (0, Some(10_500.0), 1));
    assert_eq!(limiter.poll(ticket, PACE, 10_500.0), Turn::Start);
}
