//! Whole lists: how many requests they take, also with servers that break the contract.

use comfycontrol_decode::{Instant, Key};
use comfycontrol_runners::paging::{
    Checkpoint, Complete, Consistency, Enumeration, Report, State, Ticket, Why,
};

use super::support::{ALL, BASE, Reader, handed_over, ids, key, list, list_from, page_of, read};

#[test]
fn a_list_that_holds_still_costs_one_request_a_page() {
    let cases = [
        (0, 1),
        (1, 1),
        (9, 1),
        (10, 1),
        (11, 2),
        (100, 10),
        (101, 11),
    ];
    for consistency in ALL {
        for concurrency in 1..=8 {
            for (count, pages) in cases {
                let list = list(count);
                let mut machine = Enumeration::new(10, concurrency, consistency, None);
                let run = read(&mut machine, |page, _| page_of(&list, page, 10));
                assert_eq!(run.ids, ids(&list));
                assert_eq!(run.pages, (1..=pages).collect::<Vec<_>>());
                let expected = Report {
                    unique: count as u64,
                    duplicates: 0,
                    total_start: count as u64,
                    total_end: count as u64,
                    requests: pages.into(),
                    complete: if pages == 1 {
                        Complete::True
                    } else {
                        Complete::Unknown
                    },
                };
                assert_eq!(machine.report(), expected);
            }
        }
    }
}

#[test]
fn a_list_that_was_found_but_not_taken_is_not_complete() {
    for (count, complete) in [(10, Complete::True), (25, Complete::Unknown)] {
        let list = list(count);
        let mut machine = handed_over(&list, count as u32 - 1);
        // All pages were read.
        while let Some(request) = machine.next_request() {
            let (total, keys) = page_of(&list, request.page, 10);
            machine.answered(request.ticket, total, keys, 0);
        }
        assert_eq!(machine.state(), State::Done);
        assert_eq!(machine.report().complete, Complete::False);
        machine.consumed(1);
        assert_eq!(machine.report().complete, complete);
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
            let requests = run.pages.len() as u64;
            let most = (2 * u64::div_ceil(total, 10)).min(4) + 16 + 5 * u64::from(concurrency);
            assert!(requests <= most, "{requests} requests for {total}");
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
                let first = 1_000_000 - if fresh { u128::from(page) * 10 } else { 0 };
                let rows = (0..10).map(|row| key(first - row)).collect();
                (50 + 10 * nth as u64, rows)
            });
            assert_eq!(machine.state(), State::Failed(Why::ListChanged));
            let requests = run.pages.len() as u32;
            let most = 2 * 6 + 16 + 4 * concurrency;
            assert!(requests <= most, "{requests} requests");
        }
    }
}

#[test]
fn a_total_beyond_the_contract_is_taken_as_the_largest_one() {
    let largest = 9_007_199_254_740_991;
    let cases = [
        (largest - 1, largest - 1),
        (largest, largest),
        (largest + 1, largest),
        (u64::MAX, largest),
    ];
    for (answered, taken) in cases {
        let mut machine = Enumeration::new(1, 1, Consistency::Detect, None);
        let request = machine.next_request().expect("the first page");
        machine.answered(request.ticket, answered, list(1), 0);
        let report = machine.report();
        assert_eq!((report.total_start, report.total_end), (taken, taken));
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
            assert_eq!(machine.state(), State::Done, "{per_page} a page");
            assert_eq!(run.ids, ids(&list), "{per_page} a page");
            assert_eq!(machine.report().complete, Complete::Unknown);
        }
    }
}

#[test]
fn runners_created_together_are_all_found_although_their_order_changes() {
    for seed in 0..100_usize {
        let mut list: Vec<Key> = (1..=30).map(|id| Key { id, ..key(1) }).collect();
        let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, None);
        let run = read(&mut machine, |page, nth| {
            if nth == 2 {
                list.swap(seed % 10, 10 + seed / 10);
            }
            page_of(&list, page, 10)
        });
        assert_eq!((machine.state(), run.ids.len()), (State::Done, 30));
    }
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
    assert_eq!(machine.state(), State::Failed(Why::ListChanged));
    assert_eq!(run.ids, []);
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
    let report = machine.report();
    assert_eq!((report.unique, report.complete), (18, Complete::False));
}

#[test]
fn a_slow_consumer_slows_the_machine_down() {
    let list = list(1_000);
    let mut machine = Enumeration::new(10, 4, Consistency::Reconcile, None);
    let mut requests = 0;
    while let Some(request) = machine.next_request() {
        requests += 1;
        let (total, keys) = page_of(&list, request.page, 10);
        machine.answered(request.ticket, total, keys, 0);
    }
    assert_eq!(requests, 8);
    machine.consumed(9);
    assert_eq!(machine.next_request(), None);
    machine.consumed(1);
    assert!(machine.next_request().is_some());
}

#[test]
fn no_more_can_be_consumed_than_there_is() {
    let mut machine = Enumeration::new(2, 1, Consistency::Reconcile, None);
    let request = machine.next_request().expect("the first page");
    machine.answered(request.ticket, 3, list_from(2, 2), 0);
    assert_eq!(machine.deliver().expect("rows").rows, [0, 1]);
    machine.consumed(u32::MAX);
    assert_eq!(machine.progress().delivered, 2);
    let checkpoint = machine.checkpoint(BASE, 2);
    assert!(Checkpoint::read(&checkpoint, BASE, 2).is_ok());
}

#[test]
fn the_last_page_is_requested_together_with_the_others() {
    let mut reader = Reader::new(list(30), 10, 4, Consistency::Reconcile);
    assert_eq!(reader.request(), [1]);
    reader.answer(1);
    assert_eq!(reader.request(), [2, 3]);
}

#[test]
fn waiting_answers_and_unconsumed_pages_share_one_bound() {
    let mut reader = Reader::new(list(100), 10, 2, Consistency::Reconcile);
    reader.request();
    reader.answer(1);
    assert_eq!(reader.request(), [2, 3]);
    reader.answer(3);
    assert_eq!(reader.request(), [4]);
    reader.answer(4);
    // Four pages: page 1 is not consumed, page 2 is under way, the answers for 3 and 4 wait.
    assert!(reader.request().is_empty());
    reader.consume(10);
    assert_eq!(reader.request(), [5]);
}

#[test]
fn reports_about_finished_requests_are_ignored() {
    let mut reader = Reader::new(list(50), 10, 2, Consistency::Reconcile);
    reader.request();
    reader.answer(1);
    assert_eq!(reader.request(), [2, 3]);
    let third = reader.under_way[1].ticket;
    // The answer for page 3 waits for page 2.
    reader.answer(3);
    let before = reader.machine.report();
    for ticket in [third, Ticket(0), Ticket(1_000)] {
        reader.machine.failed(ticket);
        reader.machine.answered(ticket, 7, list(7), 0);
    }
    assert_eq!(reader.machine.state(), State::Reading);
    assert_eq!(reader.machine.report(), before);
    assert_eq!(reader.read_all(), [4, 5]);
    assert_eq!(reader.ids, ids(&list(50)));
}

#[test]
fn wasted_requests_are_bounded() {
    // Answers with three rows instead of ten are not used. Allowed are 1, and 16 + 4 × concurrency, and
    // one for each page that the growth of `total` fills. One more ends the enumeration.
    for (concurrency, grown, requests) in [(1, 1_000, 22), (2, 1_000, 26), (1, 1_030, 25)] {
        let mut reader = Reader::new(Vec::new(), 10, concurrency, Consistency::Reconcile);
        for nth in 1..=requests {
            assert_eq!(reader.machine.state(), State::Reading);
            assert_eq!(reader.request(), [1]);
            reader.answer_with(1, if nth == 1 { 1_000 } else { grown }, list(3));
        }
        assert_eq!(reader.machine.state(), State::Failed(Why::ListChanged));
    }
}

#[test]
fn a_list_without_all_its_runners_is_read_again_only_if_that_can_help() {
    // The server keeps another order, so all ids are known. `total` is two more than there are.
    let pages: [Vec<Key>; 2] = [vec![key(1), key(2)], vec![key(2), key(1)]];
    let mut reader = Reader::new(Vec::new(), 2, 1, Consistency::Reconcile);
    reader.request();
    reader.answer_with(1, 4, pages[0].clone());
    reader.consume(2);
    let text = reader.checkpoint();
    let mut reader = Reader::from(Vec::new(), 2, 1, Consistency::Reconcile, Some(&text));
    let mut requested = Vec::new();
    while reader.machine.state() == State::Reading {
        let page = reader.request()[0];
        requested.push(page);
        reader.answer_with(page, 4, pages[page as usize - 1].clone());
    }
    // Reading began at page 1 and found nothing new: once more would not help.
    assert_eq!(requested, [1, 2, 2]);
    assert_eq!(reader.machine.state(), State::Failed(Why::ListChanged));
}

#[test]
fn parts_of_a_second_count_in_the_order() {
    let times = [
        (11, 0),
        (10, 999_999_999),
        (10, 500),
        (10, 0),
        (9, 999_999_999),
        (9, 1_000),
        (9, 0),
        (-1, 999_999_999),
    ];
    let key = |(id, (seconds, nanos))| {
        let created_at = Instant { seconds, nanos };
        Key { id, created_at }
    };
    let list: Vec<Key> = (1..).zip(times).map(key).collect();
    for taken in 1..7 {
        let mut reader = Reader::new(list.clone(), 2, 1, Consistency::Reconcile);
        reader.read(taken);
        // The time says which rows were taken.
        assert!(reader.listed_ids() <= 1, "{taken}: {}", reader.listed_ids());
        let text = reader.checkpoint();
        let mut reader = Reader::from(list.clone(), 2, 1, Consistency::Reconcile, Some(&text));
        reader.read_all();
        assert_eq!(reader.ids, ids(&list[taken..]));
    }
}
