//! Priorities: which of several waiters starts first.

use comfycontrol_runners::limiter::{End, HEAD_START, Limiter, Priority, Ticket, Turn};
use comfycontrol_runners::pace::Pace;
use proptest::prelude::*;

use super::{LEASE_MS, join, pace, start, start_another, wait};

const ALL: [Priority; 3] = [Priority::High, Priority::Normal, Priority::Low];
const ONE_AT_A_TIME: Pace = pace(1, 100.0);

#[test]
fn a_click_does_not_wait_behind_the_pages_of_a_list() {
    let mut limiter = Limiter::default();
    let slot = start_another(&mut limiter, ONE_AT_A_TIME, 0.0);
    limiter.finish(slot, End::Answered, 0.0);
    let pages: Vec<_> = (0..16).map(|_| limiter.join(Priority::Low, 0.0)).collect();
    assert_eq!(wait(&mut limiter, pages[0], ONE_AT_A_TIME, 0.0).1, 100.0);
    let click = limiter.join(Priority::Normal, 0.0);
    let urgent = limiter.join(Priority::High, 0.0);
    assert_eq!(wait(&mut limiter, urgent, ONE_AT_A_TIME, 0.0).1, 100.0);
    assert_eq!(wait(&mut limiter, click, ONE_AT_A_TIME, 0.0).1, 200.0);
    assert_eq!(wait(&mut limiter, pages[0], ONE_AT_A_TIME, 0.0).1, 300.0);
    start(&mut limiter, urgent, ONE_AT_A_TIME, 100.0);
}

#[test]
fn there_are_three_priorities() {
    let named = ["high", "normal", "low"].map(|name| Priority::named(name).unwrap());
    assert_eq!(named, ALL);
    assert_eq!(Priority::named("urgent"), None);
    assert_eq!(Priority::default(), Priority::Normal);
}

/// Serves all arrivals, one at a time. `at_once` of them arrive at the start, then one per window. Returns
/// their numbers in the order in which they start.
fn serve(arrivals: &[Priority], at_once: usize) -> Vec<usize> {
    let mut limiter = Limiter::default();
    let mut waiting: Vec<(usize, Ticket)> = Vec::new();
    let mut arrivals = arrivals.iter().enumerate();
    let mut started = Vec::new();
    let mut now = 0.0;
    loop {
        for (number, priority) in arrivals.by_ref().take(if now == 0.0 { at_once } else { 1 }) {
            waiting.push((number, limiter.join(*priority, now)));
        }
        if waiting.is_empty() {
            return started;
        }
        waiting.retain(|(number, ticket)| {
            match limiter.poll(*ticket, ONE_AT_A_TIME, LEASE_MS, now) {
                Turn::Start(slot) => {
                    limiter.finish(slot, End::Answered, now);
                    started.push(*number);
                    false
                }
                _ => true,
            }
        });
        now += 100.0;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn nobody_is_overtaken_by_more_than_a_head_start_for_each_level(
        arrivals in prop::collection::vec(prop::sample::select(&ALL[..]), 1..600),
        at_once in 1_usize..300,
    ) {
        let started = serve(&arrivals, at_once);
        prop_assert_eq!(started.len(), arrivals.len());
        let mut turns = vec![0; arrivals.len()];
        for (turn, number) in started.iter().enumerate() {
            turns[*number] = turn;
        }
        for (number, own) in arrivals.iter().enumerate() {
            let mut overtaken_by = 0;
            for later in number + 1..arrivals.len() {
                if turns[later] > turns[number] {
                    continue;
                }
                prop_assert!((arrivals[later] as u64) < *own as u64, "the same priority keeps its order");
                overtaken_by += 1;
            }
            prop_assert!(overtaken_by <= HEAD_START * *own as u64);
        }
    }
}

#[test]
fn a_low_waiter_starts_although_urgent_ones_keep_coming() {
    let mut arrivals = vec![Priority::High; 1_000];
    arrivals[0] = Priority::Low;
    let started = serve(&arrivals, 2);
    assert_eq!(
        started.iter().position(|number| *number == 0),
        Some(2 * HEAD_START as usize - 1)
    );
}

#[test]
fn waiters_of_one_priority_start_in_the_order_in_which_they_came() {
    let mut limiter = Limiter::default();
    let waiting = join(&mut limiter, 40, 0.0);
    for ticket in waiting {
        start(&mut limiter, ticket, Pace::DOCUMENTED, 0.0);
    }
}
