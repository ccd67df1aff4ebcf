//! Single cases, told by the pages that are asked for.

use std::collections::BTreeMap;

use comfycontrol_decode::{Instant, Key};
use comfycontrol_runners::enumerate::{
    Checkpoint, Complete, Consistency, Enumeration, Progress, Refused, State, Why, estimated_ms,
};

pub const BASE: &str = "https://api.comfycontrol.app";
const ALL: [Consistency; 3] = [
    Consistency::None,
    Consistency::Detect,
    Consistency::Reconcile,
];

pub fn key(id: u128) -> Key {
    Key {
        id,
        created_at: Instant {
            seconds: id as i64,
            nanos: 0,
        },
    }
}

/// Newest first, down to this one.
pub fn list_from(first: u128, count: u128) -> Vec<Key> {
    (first..first + count).rev().map(key).collect()
}

/// Runners `count` to 1.
pub fn list(count: u128) -> Vec<Key> {
    list_from(1, count)
}

pub fn page_of(list: &[Key], page: u32, per_page: usize) -> (u64, Vec<Key>) {
    let rows = list
        .iter()
        .skip((page as usize - 1) * per_page)
        .take(per_page);
    (list.len() as u64, rows.copied().collect())
}

/// What a run handed over and asked for.
#[derive(Debug, Default, PartialEq)]
struct Run {
    ids: Vec<u128>,
    pages: Vec<u32>,
}

/// Reads to the end, with answers in the order of the requests. `answer` is given the page and the
/// number of the request, from 1.
fn read(machine: &mut Enumeration, mut answer: impl FnMut(u32, usize) -> (u64, Vec<Key>)) -> Run {
    let mut run = Run::default();
    let mut calls = Vec::new();
    let mut rows = BTreeMap::new();
    let mut turns = 0..100_000;
    loop {
        turns.next().expect("an end to the reading");
        while let Some(request) = machine.next_request() {
            run.pages.push(request.page);
            calls.push((request.ticket, answer(request.page, run.pages.len())));
        }
        while let Some(ticket) = machine.discarded() {
            calls.retain(|(other, _)| *other != ticket);
        }
        while let Some(delivery) = machine.deliver() {
            let name = format!("{:?}", delivery.ticket);
            let keys: &Vec<Key> = &rows[&name];
            run.ids
                .extend(delivery.rows.iter().map(|row| keys[*row as usize].id));
            machine.consumed(delivery.rows.len() as u32);
        }
        if machine.state() != State::Reading {
            return run;
        }
        if calls.is_empty() {
            continue;
        }
        let (ticket, (total, keys)) = calls.remove(0);
        rows.insert(format!("{ticket:?}"), keys.clone());
        machine.answered(ticket, total, keys, 0);
    }
}

pub fn ids(list: &[Key]) -> Vec<u128> {
    list.iter().map(|key| key.id).collect()
}

#[test]
fn a_list_that_holds_still_costs_one_request_a_page() {
    for consistency in ALL {
        for concurrency in 1..=8 {
            for (count, requests) in [
                (0, 1),
                (1, 1),
                (9, 1),
                (10, 1),
                (11, 2),
                (100, 10),
                (101, 11),
            ] {
                let list = list(count);
                let mut machine = Enumeration::new(10, concurrency, consistency, None);
                let run = read(&mut machine, |page, _| page_of(&list, page, 10));
                assert_eq!(run.ids, ids(&list));
                assert_eq!(run.pages, (1..=requests).collect::<Vec<_>>());
                let report = machine.report();
                assert_eq!((report.unique, report.duplicates), (count as u64, 0));
                assert_eq!(
                    (report.total_start, report.total_end),
                    (count as u64, count as u64)
                );
                assert_eq!(report.requests, u64::from(requests));
                let complete = if requests == 1 {
                    Complete::True
                } else {
                    Complete::Unknown
                };
                assert_eq!(report.complete, complete);
            }
        }
    }
}

#[test]
fn a_server_that_repeats_one_page_for_ever_ends_in_list_changed() {
    for total in [11, 20, 30, 1_000, 1_000_000, (1 << 53) - 1] {
        for concurrency in [1, 4, 8] {
            let first = page_of(&list(10), 1, 10).1;
            let mut machine = Enumeration::new(10, concurrency, Consistency::Reconcile, None);
            let run = read(&mut machine, |_, _| (total, first.clone()));
            assert_eq!(machine.state(), State::Failed(Why::ListChanged));
            assert_eq!(run.ids, ids(&first));
            let most = (2 * u64::div_ceil(total, 10)).min(4) + 16 + 5 * u64::from(concurrency);
            assert!(
                run.pages.len() as u64 <= most,
                "{} requests for {total}",
                run.pages.len()
            );
            assert_eq!(machine.report().complete, Complete::False);
        }
    }
}

#[test]
fn a_total_that_only_grows_ends_in_list_changed() {
    for consistency in ALL {
        for (fresh, concurrency) in [(true, 1), (false, 1), (true, 4), (false, 8)] {
            let mut machine = Enumeration::new(10, concurrency, consistency, None);
            let run = read(&mut machine, |page, nth| {
                let first = if fresh { u128::from(page) * 10 } else { 0 };
                (
                    50 + 10 * nth as u64,
                    (0..10).map(|row| key(1_000_000 - first - row)).collect(),
                )
            });
            assert_eq!(machine.state(), State::Failed(Why::ListChanged));
            // 2 × 6 pages, 16, and 4 × concurrency.
            assert!(
                run.pages.len() as u32 <= 12 + 16 + 4 * concurrency,
                "{}",
                run.pages.len()
            );
        }
    }
}

/// What changes at which request, and which pages are asked for then, one at a time.
#[test]
fn a_change_costs_as_little_as_it_can() {
    type Change = fn(&mut Vec<Key>);
    let cases: [(&str, Change, &[u32]); 6] = [
        (
            "one joins at the top",
            |list| list.insert(0, key(1_000)),
            &[1, 2, 3, 4, 5],
        ),
        (
            "a page joins at the top",
            |list| *list = [list_from(100, 10), list.clone()].concat(),
            &[1, 2, 3, 4, 5, 6],
        ),
        (
            "one leaves from what was read",
            |list| list.retain(|row| row.id != 46),
            &[1, 2, 3, 2, 4, 5],
        ),
        (
            "two pages leave",
            |list| list.retain(|row| row.id <= 29),
            &[1, 2, 3, 1, 2],
        ),
        (
            "one leaves from what is to come",
            |list| list.retain(|row| row.id != 4),
            &[1, 2, 3, 2, 4, 5],
        ),
        ("all leave", Vec::clear, &[1, 2, 3, 1]),
    ];
    for (what, change, pages) in cases {
        let mut list = list(49);
        let always = list.clone();
        let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, None);
        let run = read(&mut machine, |page, nth| {
            if nth == 3 {
                change(&mut list);
            }
            page_of(&list, page, 10)
        });
        assert_eq!(machine.state(), State::Done, "{what}");
        assert_eq!(run.pages, pages, "{what}");
        for key in always.iter().filter(|key| list.contains(key)) {
            assert_eq!(
                run.ids.iter().filter(|id| **id == key.id).count(),
                1,
                "{what}: {key:?}"
            );
        }
    }
}

#[test]
fn a_loss_that_cannot_be_seen_is_not_denied() {
    for consistency in ALL {
        let mut list = list(49);
        let mut machine = Enumeration::new(10, 1, consistency, None);
        let run = read(&mut machine, |page, nth| {
            if nth == 3 {
                // The first of page 3 moves to page 2, and another one takes its place in `total`.
                list.remove(3);
                list.push(key(0));
            }
            page_of(&list, page, 10)
        });
        assert!(!run.ids.contains(&29));
        assert_eq!(run.pages.len(), 5);
        assert_eq!(machine.report().complete, Complete::Unknown);
    }
}

/// Pages 2 and 3 are under way together, and the server reads page 3 first. In between the list
/// changes without a change of `total`, so that the pages do not join.
#[test]
fn a_move_that_total_does_not_show_is_seen_by_a_repeat_or_by_the_order() {
    let before: Vec<Key> = (1..=50).rev().map(|n| key(10 * n)).collect();
    let mut repeat = before.clone();
    repeat.insert(0, key(1_000));
    repeat.remove(45);
    let mut order = before.clone();
    order.splice(9..10, [key(419), key(418), key(417)]);
    order.drain(45..47);
    for after in [repeat, order] {
        let mut machine = Enumeration::new(10, 2, Consistency::Reconcile, None);
        let run = read(&mut machine, |page, nth| {
            page_of(
                if matches!(nth, 1 | 3) {
                    &before
                } else {
                    &after
                },
                page,
                10,
            )
        });
        assert_eq!(machine.state(), State::Done);
        for key in before.iter().filter(|key| after.contains(key)) {
            assert_eq!(
                run.ids.iter().filter(|id| **id == key.id).count(),
                1,
                "{key:?}"
            );
        }
    }
}

#[test]
fn detect_removes_repeats_and_tells_of_the_change() {
    for (consistency, unique) in [(Consistency::None, 51), (Consistency::Detect, 49)] {
        let mut list = list(49);
        let mut machine = Enumeration::new(10, 2, consistency, None);
        let run = read(&mut machine, |page, nth| {
            if nth == 3 {
                list.splice(0..0, [key(101), key(100)]);
            }
            page_of(&list, page, 10)
        });
        assert_eq!(run.pages, [1, 2, 3, 4, 5, 6]);
        let report = machine.report();
        assert_eq!(
            (run.ids.len() as u64, report.unique, report.duplicates),
            (unique, unique, 2)
        );
        assert_eq!(report.complete, Complete::False);
    }
}

#[test]
fn a_server_of_another_order_is_read_all_the_same() {
    for per_page in [1, 2, 10] {
        for concurrency in [1, 4] {
            let list: Vec<Key> = (1..=40).map(key).collect();
            let mut machine = Enumeration::new(per_page, concurrency, Consistency::Reconcile, None);
            let run = read(&mut machine, |page, _| {
                page_of(&list, page, per_page as usize)
            });
            assert_eq!(
                (machine.state(), run.ids),
                (State::Done, ids(&list)),
                "{per_page} a page"
            );
            assert_eq!(machine.report().complete, Complete::Unknown);
        }
    }
}

#[test]
fn runners_of_one_moment_in_an_unstable_order_are_all_found_or_the_list_changed() {
    let mut found = 0;
    for seed in 0..100_usize {
        let mut list: Vec<Key> = (1..=30).map(|id| Key { id, ..key(1) }).collect();
        let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, None);
        let run = read(&mut machine, |page, nth| {
            if nth == 2 {
                list.swap(seed % 10, 10 + seed / 10);
            }
            page_of(&list, page, 10)
        });
        found += usize::from(machine.state() == State::Done && run.ids.len() == 30);
    }
    assert_eq!(found, 100);
}

#[test]
fn an_answer_that_contradicts_its_total_is_not_trusted() {
    let list = list(30);
    let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, None);
    let run = read(&mut machine, |page, nth| {
        let (total, mut keys) = page_of(&list, page, 10);
        keys.truncate(if nth == 2 { 5 } else { 10 });
        (total, keys)
    });
    assert_eq!((machine.state(), run.ids), (State::Done, ids(&list)));
    // A server that never gives more than five rows.
    let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, None);
    let run = read(&mut machine, |page, _| (30, page_of(&list, page, 5).1));
    assert_eq!(
        (machine.state(), run.ids.len()),
        (State::Failed(Why::ListChanged), 0)
    );
    for consistency in [Consistency::None, Consistency::Detect] {
        let mut machine = Enumeration::new(10, 1, consistency, None);
        let run = read(&mut machine, |page, _| (30, page_of(&list, page, 5).1));
        assert_eq!((machine.state(), run.ids.len()), (State::Done, 15));
        assert_eq!(machine.report().complete, Complete::False);
    }
}

#[test]
fn runners_left_out_as_invalid_are_counted() {
    let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, None);
    for _ in 0..2 {
        let request = machine.next_request().expect("a request");
        let keys = page_of(&list(20), request.page, 10).1;
        machine.answered(request.ticket, 20, keys[1..].to_vec(), 1);
    }
    assert_eq!(machine.state(), State::Done);
    assert_eq!(
        (machine.report().unique, machine.report().complete),
        (18, Complete::False)
    );
}

#[test]
fn a_failed_request_ends_it_and_the_checkpoint_goes_on() {
    let list = list(50);
    let mut machine = Enumeration::new(10, 2, Consistency::Reconcile, None);
    let first = machine.next_request().expect("page 1");
    machine.answered(first.ticket, 50, page_of(&list, 1, 10).1, 0);
    let second = machine.next_request().expect("page 2");
    let third = machine.next_request().expect("page 3");
    machine.failed(second.ticket);
    assert_eq!(machine.state(), State::Failed(Why::Request));
    assert_eq!(
        (machine.next_request(), machine.discarded()),
        (None, Some(third.ticket))
    );
    machine.answered(third.ticket, 50, page_of(&list, 3, 10).1, 0);
    // What was accepted is still there.
    assert_eq!(
        machine.deliver().map(|delivery| delivery.rows.len()),
        Some(10)
    );
    machine.consumed(4);
    let checkpoint = Checkpoint::read(&machine.checkpoint(BASE, 10), BASE, 10).expect("reads");
    let mut machine = Enumeration::new(10, 2, Consistency::Reconcile, Some(checkpoint));
    let run = read(&mut machine, |page, _| page_of(&list, page, 10));
    assert_eq!(run.ids, ids(&list[4..]));
    let report = machine.report();
    assert_eq!(
        (report.unique, report.requests, report.complete),
        (50, 8, Complete::Unknown)
    );
}

/// A machine that has handed over this many of 50 runners, one page at a time.
fn handed_over(list: &[Key], rows: u32) -> Enumeration {
    let mut machine = Enumeration::new(10, 8, Consistency::Reconcile, None);
    for _ in 0..rows.div_ceil(10) {
        let request = machine.next_request().expect("a request");
        let (total, keys) = page_of(list, request.page, 10);
        machine.answered(request.ticket, total, keys, 0);
    }
    while machine.deliver().is_some() {}
    machine.consumed(rows);
    machine
}

#[test]
fn a_checkpoint_is_short_url_safe_and_leads_back_to_its_place() {
    let list = list(50);
    for (rows, pages) in [
        (0, vec![1, 2, 3, 4, 5]),
        (14, vec![2, 3, 4, 5]),
        (20, vec![2, 3, 4, 5]),
        (50, vec![5]),
    ] {
        let text = handed_over(&list, rows).checkpoint(BASE, 10);
        assert!(text.len() <= 124, "{} characters", text.len());
        assert!(
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
        let checkpoint = Checkpoint::read(&text, BASE, 10).expect("reads");
        let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, Some(checkpoint));
        let run = read(&mut machine, |page, _| page_of(&list, page, 10));
        assert_eq!(
            run,
            Run {
                ids: ids(&list[rows as usize..]),
                pages
            },
            "after {rows}"
        );
    }
}

#[test]
fn a_list_that_changed_during_the_pause_costs_the_pages_it_moved() {
    let before = list(50);
    let text = handed_over(&before, 25).checkpoint(BASE, 10);
    let grown = [list_from(100, 30), before.clone()].concat();
    let cases: [(&[Key], &[u32], &[Key]); 4] = [
        (&before[20..], &[3, 1, 2], &before[25..]),
        (&before[30..], &[3, 2, 1], &before[30..]),
        (&grown, &[3, 4, 5, 6, 7, 8], &before[25..]),
        (&[], &[3, 1], &[]),
    ];
    for (after, pages, rest) in cases {
        let checkpoint = Checkpoint::read(&text, BASE, 10).expect("reads");
        let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, Some(checkpoint));
        let run = read(&mut machine, |page, _| page_of(after, page, 10));
        assert_eq!(
            (&*run.pages, run.ids),
            (pages, ids(rest)),
            "{} left",
            after.len()
        );
    }
}

#[test]
fn a_checkpoint_that_does_not_fit_is_refused_with_the_reason() {
    let text = handed_over(&list(50), 25).checkpoint(BASE, 10);
    assert!(Checkpoint::read(&text, BASE, 10).is_ok());
    assert_eq!(
        Checkpoint::read(&text, "https://example.com", 10),
        Err(Refused::BaseUrl)
    );
    assert_eq!(
        Checkpoint::read(&text, BASE, 20),
        Err(Refused::PageSize(10))
    );
    for damaged in [
        "",
        "A",
        "AAAA",
        "!",
        "é",
        "QUJD QUJD",
        &text[1..],
        &text[..text.len() - 1],
        &format!("{text}A"),
    ] {
        assert_eq!(
            Checkpoint::read(damaged, BASE, 10),
            Err(Refused::Damaged),
            "{damaged}"
        );
    }
    for place in 0..text.len() {
        for other in ["A", "b", "7", "_"] {
            let mut changed = text.clone();
            changed.replace_range(place..=place, other);
            if changed != text {
                assert_eq!(Checkpoint::read(&changed, BASE, 10), Err(Refused::Damaged));
            }
        }
    }
}

#[test]
fn checkpoints_of_this_version_stay_readable_and_others_are_told() {
    let this = "CO0wpZrFi0VAKAAAAABAAAAAaAAAAAADAAAAAAAAAZAAAAAAAAAAAAAAAAAAAyAAAAAAAAAyAAAAAAAAAFAAAAAAAAAAAAAAAAAAAAaAAAAAAAAAAHXV6lwGmZ4A";
    let checkpoint = Checkpoint::read(this, BASE, 10).expect("reads");
    let list = list(50);
    let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, Some(checkpoint));
    let run = read(&mut machine, |page, _| page_of(&list, page, 10));
    assert_eq!((run.ids, run.pages), (ids(&list[25..]), vec![3, 4, 5]));
    let other = "DO0wpZrFi0VAKAAAAABAAAAAaAAAAAADAAAAAAAAAZAAAAAAAAAAAAAAAAAAAyAAAAAAAAAyAAAAAAAAAFAAAAAAAAAAAAAAAAAAAAaAAAAAAAAAAOTMN6ymz4ZA";
    assert_eq!(Checkpoint::read(other, BASE, 10), Err(Refused::Version(3)));
}

#[test]
fn the_estimate_takes_the_rate_limit_into_account() {
    let progress = |remaining, under_way| Progress {
        delivered: 0,
        total: None,
        requests: 0,
        under_way,
        remaining,
    };
    let cases = [
        // 200 pages: at least 40 s.
        (progress(200, 0), 4, 40, 40, 50.0, 40_050.0),
        (progress(200, 0), 4, 40, 0, 50.0, 50_050.0),
        (progress(40, 0), 4, 40, 40, 50.0, 500.0),
        (progress(41, 0), 4, 40, 40, 50.0, 10_050.0),
        (progress(200, 0), 4, 0, 0, 50.0, 2_500.0),
        (progress(0, 2), 4, 40, 40, 50.0, 50.0),
        (progress(0, 0), 4, 40, 40, 50.0, 0.0),
        (progress(1, 0), 4, 40, 0, 50.0, 10_050.0),
        // What is under way comes before what is to be asked for.
        (progress(5, 4), 4, 0, 0, 50.0, 150.0),
    ];
    for (progress, concurrency, limit, free, latency, expected) in cases {
        let estimate = estimated_ms(&progress, concurrency, limit, 10_000.0, free, latency);
        assert_eq!(estimate, expected, "{progress:?}");
    }
}

#[test]
fn progress_counts_what_is_left_to_ask_for() {
    let mut machine = Enumeration::new(10, 4, Consistency::Reconcile, None);
    assert_eq!(
        (machine.progress().total, machine.progress().remaining),
        (None, 0)
    );
    let request = machine.next_request().expect("page 1");
    machine.answered(request.ticket, 95, page_of(&list(95), 1, 10).1, 0);
    assert_eq!(machine.progress().remaining, 9);
    while machine.next_request().is_some() {}
    machine.consumed(3);
    let expected = Progress {
        delivered: 3,
        total: Some(95),
        requests: 5,
        under_way: 4,
        remaining: 5,
    };
    assert_eq!(machine.progress(), expected);
}

#[test]
fn a_consistency_is_called_by_its_name() {
    assert_eq!(Consistency::named("none"), Some(Consistency::None));
    assert_eq!(Consistency::named("detect"), Some(Consistency::Detect));
    assert_eq!(
        Consistency::named("reconcile"),
        Some(Consistency::Reconcile)
    );
    assert_eq!(Consistency::named("Reconcile"), None);
}

#[test]
fn nothing_is_left_to_ask_for_at_the_end() {
    let mut done = Enumeration::new(10, 4, Consistency::Reconcile, None);
    read(&mut done, |page, _| page_of(&list(95), page, 10));
    let mut failed = Enumeration::new(10, 4, Consistency::Reconcile, None);
    let first = failed.next_request().expect("page 1");
    failed.answered(first.ticket, 95, page_of(&list(95), 1, 10).1, 0);
    let second = failed.next_request().expect("page 2");
    failed.failed(second.ticket);
    for machine in [done, failed] {
        let progress = machine.progress();
        assert_eq!((progress.remaining, progress.under_way), (0, 0));
        assert_eq!(progress.total, Some(95));
    }
}

#[test]
fn a_slow_consumer_holds_the_machine_back() {
    let list = list(1_000);
    let mut machine = Enumeration::new(10, 4, Consistency::Reconcile, None);
    let mut asked = 0;
    while let Some(request) = machine.next_request() {
        asked += 1;
        let (total, keys) = page_of(&list, request.page, 10);
        machine.answered(request.ticket, total, keys, 0);
    }
    assert_eq!(asked, 8);
    machine.consumed(9);
    assert_eq!(machine.next_request(), None);
    machine.consumed(1);
    assert!(machine.next_request().is_some());
}

#[test]
fn ids_far_behind_are_forgotten_and_yet_not_handed_over_again() {
    let mut list = list(60_000);
    let mut machine = Enumeration::new(100, 4, Consistency::Reconcile, None);
    let run = read(&mut machine, |page, nth| {
        if nth % 50 == 0 {
            list.splice(
                0..0,
                (0..30).rev().map(|row| key(100_000 * nth as u128 + row)),
            );
        }
        if nth % 50 == 25 {
            list.drain(5_000..5_200);
        }
        page_of(&list, page, 100)
    });
    assert_eq!(machine.state(), State::Done);
    let mut sorted = run.ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), run.ids.len());
    for key in list.iter().filter(|key| key.id <= 60_000) {
        assert!(sorted.binary_search(&key.id).is_ok());
    }
    assert!(run.pages.len() < 900, "{} requests", run.pages.len());
    assert!(machine.checkpoint(BASE, 100).len() <= 124);
}

/// One runner too few was found when the consumer has not taken all: reading begins anew, and the
/// runners far behind cannot be told by their time as long as they were not read again.
#[test]
fn nothing_is_forgotten_that_is_being_read_again() {
    let mut list = list(9_050);
    let mut machine = Enumeration::new(100, 1, Consistency::Reconcile, None);
    let mut rows = BTreeMap::new();
    let mut handed = Vec::new();
    let mut waiting = Vec::new();
    let mut pages = Vec::new();
    let mut turns = 0..100_000;
    while machine.state() == State::Reading {
        turns.next().expect("an end to the reading");
        while let Some(request) = machine.next_request() {
            pages.push(request.page);
            if pages.len() == 50 {
                // `total` stays, and what joined is on a page that was read.
                list.retain(|key| key.id != 7);
                list.insert(0, key(10_000));
            }
            let (total, keys) = page_of(&list, request.page, 100);
            rows.insert(format!("{:?}", request.ticket), keys.clone());
            machine.answered(request.ticket, total, keys, 0);
        }
        while machine.discarded().is_some() {}
        while let Some(delivery) = machine.deliver() {
            let keys = &rows[&format!("{:?}", delivery.ticket)];
            handed.extend(delivery.rows.iter().map(|row| keys[*row as usize].id));
            waiting.push(delivery.rows.len() as u32);
        }
        if !waiting.is_empty() {
            machine.consumed(waiting.remove(0));
        }
    }
    assert_eq!(machine.state(), State::Done);
    let again = pages.iter().filter(|page| **page == 1).count();
    assert_eq!(again, 2, "it began anew");
    handed.sort_unstable();
    let mut expected = ids(&list);
    expected.sort_unstable();
    assert_eq!(handed, expected);
}

#[test]
fn a_checkpoint_from_before_the_first_answer_is_a_fresh_start() {
    let mut failed = Enumeration::new(10, 4, Consistency::Reconcile, None);
    let request = failed.next_request().unwrap();
    failed.failed(request.ticket);
    let text = failed.checkpoint(BASE, 10);
    let resume = Checkpoint::read(&text, BASE, 10).unwrap();
    let mut machine = Enumeration::new(10, 4, Consistency::Reconcile, Some(resume));
    let list = list(7);
    let run = read(&mut machine, |page, _| page_of(&list, page, 10));
    assert_eq!((run.ids.len(), run.pages), (7, vec![1]));
    let report = machine.report();
    assert_eq!((report.total_start, report.requests), (7, 2));
    assert_eq!(report.complete, Complete::True);
}

#[test]
fn what_to_do_about_changes_is_named_by_one_of_three_words() {
    let cases = [
        ("none", Some(Consistency::None)),
        ("detect", Some(Consistency::Detect)),
        ("reconcile", Some(Consistency::Reconcile)),
        ("None", None),
        ("", None),
    ];
    for (name, expected) in cases {
        assert_eq!(Consistency::named(name), expected, "{name:?}");
    }
}

#[test]
fn a_total_beyond_the_contract_is_taken_for_the_largest_there_is() {
    for (told, taken) in [
        (9_007_199_254_740_990, 9_007_199_254_740_990),
        (9_007_199_254_740_991, 9_007_199_254_740_991),
        (9_007_199_254_740_992, 9_007_199_254_740_991),
        (u64::MAX, 9_007_199_254_740_991),
    ] {
        let mut machine = Enumeration::new(1, 1, Consistency::Detect, None);
        let request = machine.next_request().expect("the first page");
        machine.answered(request.ticket, told, list(1), 0);
        let report = machine.report();
        assert_eq!((report.total_start, report.total_end), (taken, taken));
    }
}

#[test]
fn no_more_can_be_consumed_than_there_is() {
    let mut machine = Enumeration::new(2, 1, Consistency::Reconcile, None);
    let request = machine.next_request().expect("the first page");
    machine.answered(request.ticket, 3, list_from(2, 2), 0);
    assert_eq!(
        machine.deliver().map(|delivery| delivery.rows.len()),
        Some(2)
    );
    machine.consumed(u32::MAX);
    assert_eq!(machine.progress().delivered, 2);
    let checkpoint = machine.checkpoint(BASE, 2);
    assert!(Checkpoint::read(&checkpoint, BASE, 2).is_ok());
}

/// A checksum can be made for any text: one of other characters is read all the same, and does no harm.
#[test]
fn a_forged_checkpoint_of_other_characters_is_no_panic() {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let start = Enumeration::new(10, 1, Consistency::Reconcile, None).checkpoint(BASE, 10);
    let digits = &start[..start.len() - 11];
    for place in 18..digits.len() {
        let mut text = digits.to_owned();
        text.replace_range(place..=place, "!");
        let step = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let mut sum = text.bytes().fold(0xcbf2_9ce4_8422_2325, step) >> 4;
        for _ in 0..11 {
            text.push(char::from(DIGITS[(sum & 63) as usize]));
            sum >>= 6;
        }
        assert!(Checkpoint::read(&text, BASE, 10).is_ok(), "{text}");
    }
}
