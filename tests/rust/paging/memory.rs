//! Which ids the machine keeps, and which it forgets.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use comfycontrol_decode::Key;
use comfycontrol_runners::paging::{Consistency, Enumeration, State};

use super::support::{BASE, Reader, ids, key, list, list_from, page_of, read};

/// At least this many ids are kept, with 100 rows a page and 2 requests at a time.
const KEPT: usize = 4_096 + 4 * 2 * 100;

/// A reader with consistency `none` that consumed this many rows. With `none` a repeated row counts as a
/// duplicate only if its id is known.
fn after(rows: usize, list: Vec<Key>) -> Reader {
    let mut reader = Reader::new(list, 100, 2, Consistency::None);
    reader.read(rows);
    reader
}

impl Reader {
    /// How many of these rows of the list are known. The next answer repeats them.
    fn known(&mut self, indices: &[usize]) -> u64 {
        let before = self.machine.report().duplicates;
        let waiting = self.waiting.len();
        self.request();
        let next = self.under_way.iter().map(|request| request.page).min();
        let rows = indices.iter().map(|index| self.list[*index]).collect();
        self.answer_with(next.expect("a request"), self.list.len() as u64, rows);
        // With `none` all rows are handed over.
        assert_eq!(self.waiting.len(), waiting + indices.len());
        self.machine.report().duplicates - before
    }
}

#[test]
fn ids_are_forgotten_when_twice_as_many_as_are_kept_were_consumed() {
    let list = list(20_000);
    assert_eq!(after(2 * KEPT - 1, list.clone()).known(&[0]), 1);
    let mut reader = after(2 * KEPT, list.clone());
    assert_eq!(reader.known(&[0, KEPT - 1]), 0);
    assert_eq!(reader.known(&[KEPT, KEPT + 1, 2 * KEPT - 1]), 3);
    // The next ones are forgotten when `KEPT` more were consumed, and not before.
    let mut reader = after(2 * KEPT, list.clone());
    reader.read(3 * KEPT - 1);
    assert_eq!(reader.known(&[KEPT]), 1);
    let mut reader = after(2 * KEPT, list);
    reader.read(3 * KEPT);
    assert_eq!(reader.known(&[KEPT, 2 * KEPT - 1]), 0);
    assert_eq!(reader.known(&[2 * KEPT]), 1);
}

/// 20,000 runners. Those in this range were created at the same time.
fn list_with_equal_times(range: Range<usize>) -> Vec<Key> {
    let mut list = list(20_000);
    let created_at = list[range.start].created_at;
    for row in &mut list[range] {
        row.created_at = created_at;
    }
    list
}

#[test]
fn ids_are_kept_where_the_time_does_not_say_enough() {
    let mut reader = after(2 * KEPT, list_with_equal_times(KEPT - 6..KEPT + 5));
    assert_eq!(reader.known(&[0, KEPT - 7]), 0);
    assert_eq!(reader.known(&[KEPT - 6, KEPT - 1, KEPT]), 3);
}

#[test]
fn if_nothing_could_be_forgotten_the_next_attempt_comes_much_later() {
    let list = list_with_equal_times(0..KEPT + 50);
    let mut reader = after(2 * KEPT, list.clone());
    reader.read(3 * KEPT - 1);
    assert_eq!(reader.known(&[0]), 1);
    let mut reader = after(2 * KEPT, list);
    reader.read(3 * KEPT);
    assert_eq!(reader.known(&[0, KEPT]), 0);
}

#[test]
fn forgotten_rows_are_not_handed_over_again() {
    let mut reader = Reader::new(list(20_000), 100, 2, Consistency::Reconcile);
    reader.read(2 * KEPT);
    reader.list.truncate(150);
    reader.read_all();
    assert_eq!(reader.machine.state(), State::Done);
    let mut all = reader.ids.clone();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), reader.ids.len());
}

#[test]
fn a_checkpoint_leads_back_although_ids_were_forgotten() {
    let list = list(10_500);
    let mut reader = Reader::new(list.clone(), 100, 2, Consistency::Reconcile);
    reader.read(2 * KEPT + 3);
    let text = reader.checkpoint();
    let mut reader = Reader::from(list.clone(), 100, 2, Consistency::Reconcile, Some(&text));
    reader.read_all();
    assert_eq!(reader.ids, ids(&list[2 * KEPT + 3..]));
}

#[test]
fn ids_far_behind_are_forgotten_and_yet_not_handed_over_again() {
    let mut list = list(60_000);
    let mut machine = Enumeration::new(100, 4, Consistency::Reconcile, None);
    let run = read(&mut machine, |page, nth| {
        if nth % 50 == 0 {
            let joining = list_from(100_000 * nth as u128, 30);
            list.splice(0..0, joining);
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
    assert!(machine.checkpoint(BASE, 100).len() <= 144);
}

/// One runner is missing at the end, and the consumer has not taken all rows. So reading begins anew.
/// Until a runner far behind is read again, its time does not say that it was handed over.
#[test]
fn nothing_is_forgotten_that_is_being_read_again() {
    let mut list = list(9_050);
    let mut machine = Enumeration::new(100, 1, Consistency::Reconcile, None);
    let mut rows: HashMap<u32, Vec<Key>> = HashMap::new();
    let mut handed_over = Vec::new();
    let mut unconsumed = VecDeque::new();
    let mut pages = Vec::new();
    while machine.state() == State::Reading {
        assert!(pages.len() < 1_000, "the reading does not end");
        while let Some(request) = machine.next_request() {
            pages.push(request.page);
            if pages.len() == 50 {
                // `total` stays, and the runner that joins is on a page that was read.
                list.retain(|key| key.id != 7);
                list.insert(0, key(10_000));
            }
            let (total, keys) = page_of(&list, request.page, 100);
            rows.insert(request.ticket.0, keys.clone());
            machine.answered(request.ticket, total, keys, 0);
        }
        while machine.discarded().is_some() {}
        while let Some(delivery) = machine.deliver() {
            let keys = &rows[&delivery.ticket.0];
            handed_over.extend(delivery.rows.iter().map(|row| keys[*row as usize].id));
            unconsumed.push_back(delivery.rows.len() as u32);
        }
        if let Some(rows) = unconsumed.pop_front() {
            machine.consumed(rows);
        }
    }
    assert_eq!(machine.state(), State::Done);
    let passes = pages.iter().filter(|page| **page == 1).count();
    assert_eq!(passes, 2);
    handed_over.sort_unstable();
    let mut expected = ids(&list);
    expected.sort_unstable();
    assert_eq!(handed_over, expected);
}

/// With a poor hash this would take minutes.
#[test]
fn ids_that_differ_in_one_half_only_are_found_fast() {
    let low = u128::from(u64::MAX);
    let list: Vec<Key> = (0..50_000)
        .rev()
        .map(|n| Key {
            id: n << 64 | low,
            ..key(n)
        })
        .collect();
    let mut reader = Reader::new(list, 100, 300, Consistency::Reconcile);
    // Nothing is consumed, so nothing is forgotten.
    while !reader.request().is_empty() {
        while let Some(call) = reader.under_way.first() {
            reader.answer(call.page);
        }
    }
    assert_eq!(reader.machine.report().unique, 50_000);
}
