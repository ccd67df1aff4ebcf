//! Enumerations that are interrupted and go on from a checkpoint.

use std::iter;

use comfycontrol_decode::Key;
use comfycontrol_runners::paging::{
    Checkpoint, Complete, Consistency, Enumeration, State, Ticket, Why,
};

use super::support::{BASE, Reader, handed_over, ids, key, list, list_from, page_of, read, spread};

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
    assert_eq!(machine.next_request(), None);
    let discarded: Vec<Ticket> = iter::from_fn(|| machine.discarded()).collect();
    assert_eq!(discarded, [second.ticket, third.ticket]);
    machine.answered(third.ticket, 50, page_of(&list, 3, 10).1, 0);
    // The accepted rows are still delivered.
    assert_eq!(machine.deliver().expect("rows").rows.len(), 10);
    machine.consumed(4);
    let checkpoint = Checkpoint::read(&machine.checkpoint(BASE, 10), BASE, 10).expect("reads");
    let mut machine = Enumeration::new(10, 2, Consistency::Reconcile, Some(checkpoint));
    let run = read(&mut machine, |page, _| page_of(&list, page, 10));
    assert_eq!(run.ids, ids(&list[4..]));
    let report = machine.report();
    assert_eq!((report.unique, report.requests), (50, 8));
    assert_eq!(report.complete, Complete::Unknown);
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
        assert_eq!(run.pages, pages, "{} runners", after.len());
        assert_eq!(run.ids, ids(rest), "{} runners", after.len());
    }
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
fn a_checkpoint_before_the_first_row_was_consumed_begins_anew() {
    let mut reader = Reader::new(list(20), 10, 1, Consistency::Reconcile);
    reader.request();
    reader.answer(1);
    let text = reader.checkpoint();
    // A runner that joined meanwhile is handed over as well.
    let more = [list_from(100, 1), list(20)].concat();
    let mut reader = Reader::from(more.clone(), 10, 1, Consistency::Reconcile, Some(&text));
    assert_eq!(reader.read_all(), [1, 2, 3]);
    assert_eq!(reader.ids, ids(&more));
}

#[test]
fn total_start_comes_from_the_first_answer_of_all_parts() {
    // The first answer contradicts its `total`, so its rows are not used.
    for (total, consumed) in [(30, 0), (0, 3)] {
        let mut reader = Reader::new(list(9), 10, 1, Consistency::Reconcile);
        reader.request();
        reader.answer_with(1, total, list(5));
        if consumed > 0 {
            reader.request();
            reader.answer(1);
            reader.consume(consumed);
        }
        let text = reader.checkpoint();
        let mut reader = Reader::from(list(9), 10, 1, Consistency::Reconcile, Some(&text));
        reader.read_all();
        assert_eq!(reader.ids, ids(&list(9)[consumed..]));
        let report = reader.machine.report();
        assert_eq!((report.unique, report.total_start), (9, total));
        assert_eq!(report.complete, Complete::Unknown);
    }
}

#[test]
fn a_change_before_an_interruption_is_reported_after_it() {
    for (leave, complete) in [(true, Complete::False), (false, Complete::Unknown)] {
        let mut reader = Reader::new(list(40), 10, 1, Consistency::Detect);
        reader.read(10);
        if leave {
            reader.list.pop();
        }
        reader.read(20);
        let (text, list) = (reader.checkpoint(), reader.list);
        let mut reader = Reader::from(list, 10, 1, Consistency::Detect, Some(&text));
        reader.read_all();
        assert_eq!(reader.machine.state(), State::Done);
        assert_eq!(reader.machine.report().complete, complete);
    }
}

#[test]
fn invalid_runners_left_out_before_an_interruption_are_reported_after_it() {
    let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, None);
    let request = machine.next_request().expect("page 1");
    let mut list = list(30);
    machine.answered(request.ticket, 30, list[1..10].to_vec(), 1);
    machine.deliver().expect("rows");
    machine.consumed(9);
    // The invalid runner leaves.
    list.remove(0);
    let mut text = machine.checkpoint(BASE, 10);
    for _ in 0..2 {
        let mut reader = Reader::from(list.clone(), 10, 1, Consistency::Reconcile, Some(&text));
        reader.read_all();
        let report = reader.machine.report();
        assert_eq!((report.unique, report.complete), (29, Complete::False));
        text = reader.checkpoint();
    }
}

#[test]
fn runners_that_joined_before_an_interruption_are_not_missing_after_it() {
    for interrupted_at in [11, 25, 40] {
        let mut reader = Reader::new(list(40), 10, 1, Consistency::Reconcile);
        reader.read(10);
        reader.list = [list_from(100, 5), list(40)].concat();
        reader.read(interrupted_at);
        let (text, list) = (reader.checkpoint(), reader.list);
        let mut reader = Reader::from(list, 10, 1, Consistency::Reconcile, Some(&text));
        reader.read_all();
        let report = reader.machine.report();
        assert_eq!((report.unique, report.total_end), (40, 45));
        assert_eq!(report.complete, Complete::Unknown, "{interrupted_at}");
    }
}

/// 5 runners join, and the answer that shows it is discarded. During the pause, 3 of the others are replaced.
#[test]
fn runners_that_joined_before_an_interruption_count_once() {
    let mut reader = Reader::new(list(40), 10, 2, Consistency::Reconcile);
    reader.read(10);
    assert_eq!(reader.request(), [2, 3]);
    reader.list = [list_from(100, 5), list(40)].concat();
    reader.answer(2);
    let text = reader.checkpoint();
    let replaced = [list_from(100, 8), list_from(4, 37)].concat();
    let mut reader = Reader::from(replaced, 10, 2, Consistency::Reconcile, Some(&text));
    assert_eq!(reader.machine.report().total_end, 45);
    reader.read_all();
    assert_eq!(reader.ids, ids(&list_from(4, 27)));
    assert_eq!(reader.machine.report().complete, Complete::False);
}

#[test]
fn an_interrupted_enumeration_in_another_order_knows_what_it_handed_over() {
    // Rows with known ids overlap. With one row a page the order looks like a change, so all pages are
    // read again.
    let cases: [(u32, &[u32]); 3] = [
        (10, &[1, 2, 3, 4]),
        (2, &[3, 4, 5, 6, 7]),
        (1, &[5, 4, 3, 2, 1, 2, 3, 4, 6]),
    ];
    for (per_page, pages) in cases {
        let list: Vec<Key> = (1..=40).map(key).collect();
        let reconcile = Consistency::Reconcile;
        let mut reader = Reader::new(list.clone(), per_page, 1, reconcile);
        reader.read(5);
        assert_eq!(reader.listed_ids(), 5);
        let text = reader.checkpoint();
        let mut reader = Reader::from(list.clone(), per_page, 1, reconcile, Some(&text));
        assert_eq!(reader.read_all()[..pages.len()], *pages);
        assert_eq!(reader.ids, ids(&list[5..]));
        assert_eq!(reader.machine.report().complete, Complete::Unknown);
    }
}

/// Runners were created 10 at a time, and the server lists them oldest first. The first page cannot show that.
#[test]
fn an_order_that_shows_only_after_an_interruption_loses_nothing() {
    let list: Vec<Key> = (10..50).map(|id| Key { id, ..key(id / 10) }).collect();
    for part in [4, 10] {
        let mut found = Vec::new();
        let mut text: Option<String> = None;
        while found.len() < list.len() {
            let reconcile = Consistency::Reconcile;
            let mut reader = Reader::from(list.clone(), 10, 1, reconcile, text.as_deref());
            reader.read(part);
            assert_ne!(reader.ids, [], "lost behind {}", found.len());
            text = Some(reader.checkpoint());
            found.extend(reader.ids);
        }
        assert_eq!(found, ids(&list), "{part} at a time");
    }
}

/// 20 of 50 rows were consumed before the interruption. After it page 3 is read, then 25 runners join and
/// 25 leave. Page 4 has no row of page 3, but begins with a newer one.
#[test]
fn a_row_from_before_the_interruption_does_not_mean_another_order() {
    let before = key(450);
    // Created together with the last row consumed, but not known.
    let unknown = Key { id: 7, ..key(310) };
    for (first, pages) in [(before, [3, 4, 5]), (unknown, [3, 2, 1])] {
        let mut reader = Reader::new(spread(50), 10, 1, Consistency::Reconcile);
        reader.read(20);
        let text = reader.checkpoint();
        let mut reader = Reader::from(spread(50), 10, 1, Consistency::Reconcile, Some(&text));
        assert_eq!(reader.read(5), [2, 3]);
        reader.list = [list_from(1_001, 25), spread(50)[..25].to_vec()].concat();
        assert_eq!(reader.request(), [4]);
        let (total, mut keys) = page_of(&reader.list, 4, 10);
        keys[0] = first;
        reader.answer_with(4, total, keys);
        // The time of a row proves something only in the documented order.
        assert_eq!(reader.read_all()[..3], pages, "{first:?}");
    }
}

#[test]
fn with_none_only_rows_from_before_the_interruption_are_held_back() {
    let mut list: Vec<Key> = (1..=8).map(key).collect();
    let mut reader = Reader::new(list.clone(), 2, 1, Consistency::None);
    reader.read(3);
    let text = reader.checkpoint();
    let mut reader = Reader::from(list.clone(), 2, 1, Consistency::None, Some(&text));
    assert_eq!(reader.request(), [2]);
    reader.answer(2);
    // A runner joins at the top, so 4 comes again.
    list.insert(0, key(9));
    reader.list = list;
    assert_eq!(reader.read_all(), [3, 4, 5]);
    assert_eq!(reader.ids, [4, 4, 5, 6, 7, 8]);
}
