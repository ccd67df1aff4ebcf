//! Single steps: which answer arrives when, what is asked for next, and what is kept.

use std::collections::VecDeque;

use comfycontrol_decode::{Instant, Key};
use comfycontrol_runners::enumerate::{
    Checkpoint, Complete, Consistency, Enumeration, Request, State, Ticket, Why,
};

use crate::enumerate_cases::{BASE, ids, key, list, list_from, page_of};

/// A machine, the list that it reads, and who takes its rows. Nothing happens by itself.
struct Reader {
    machine: Enumeration,
    list: Vec<Key>,
    per_page: u32,
    calls: Vec<Request>,
    /// Of the answers that arrived and were neither delivered nor discarded.
    rows: Vec<(Ticket, Vec<Key>)>,
    /// Delivered, and not taken.
    waiting: VecDeque<u128>,
    /// Taken.
    ids: Vec<u128>,
}

impl Reader {
    fn new(list: Vec<Key>, per_page: u32, concurrency: u32, consistency: Consistency) -> Self {
        Self::from(list, per_page, concurrency, consistency, None)
    }

    fn from(
        list: Vec<Key>,
        per_page: u32,
        concurrency: u32,
        consistency: Consistency,
        checkpoint: Option<&str>,
    ) -> Self {
        let resume = checkpoint.map(|text| Checkpoint::read(text, BASE, per_page).expect("reads"));
        Self {
            machine: Enumeration::new(per_page, concurrency, consistency, resume),
            list,
            per_page,
            calls: Vec::new(),
            rows: Vec::new(),
            waiting: VecDeque::new(),
            ids: Vec::new(),
        }
    }

    fn checkpoint(&self) -> String {
        self.machine.checkpoint(BASE, self.per_page)
    }

    /// How many ids the checkpoint lists.
    fn listed(&self) -> usize {
        (self.checkpoint().len() - 102) / 22
    }

    /// Asks for all there is to ask for.
    fn ask(&mut self) -> Vec<u32> {
        let before = self.calls.len();
        while let Some(request) = self.machine.next_request() {
            self.calls.push(request);
        }
        self.discard();
        let asked = self.calls.get(before..).unwrap_or_default();
        asked.iter().map(|request| request.page).collect()
    }

    /// The answer for this page arrives: of the list as it is now.
    fn answer(&mut self, page: u32) {
        let (total, keys) = page_of(&self.list, page, self.per_page as usize);
        self.answer_with(page, total, keys);
    }

    fn answer_with(&mut self, page: u32, total: u64, keys: Vec<Key>) {
        let place = self.calls.iter().position(|call| call.page == page);
        let call = self.calls.remove(place.expect("a page that is under way"));
        self.rows.push((call.ticket, keys.clone()));
        self.machine.answered(call.ticket, total, keys, 0);
        while let Some(delivery) = self.machine.deliver() {
            let mut held = self.rows.iter();
            let place = held.position(|(ticket, _)| *ticket == delivery.ticket);
            let (_, keys) = self.rows.swap_remove(place.expect("kept"));
            let rows = delivery.rows.iter().map(|row| keys[*row as usize].id);
            self.waiting.extend(rows);
        }
        self.discard();
    }

    fn discard(&mut self) {
        while let Some(ticket) = self.machine.discarded() {
            self.calls.retain(|call| call.ticket != ticket);
            self.rows.retain(|(other, _)| *other != ticket);
        }
    }

    /// The consumer takes as many rows, if there are as many.
    fn take(&mut self, rows: usize) {
        let taken: Vec<u128> = self.waiting.drain(..rows.min(self.waiting.len())).collect();
        self.machine.consumed(taken.len() as u32);
        self.ids.extend(taken);
    }

    /// Answers in the order of the requests until the end, or until as many rows were taken. Gives
    /// the pages asked for.
    fn read(&mut self, rows: usize) -> Vec<u32> {
        let mut pages = Vec::new();
        loop {
            self.take(rows - self.ids.len());
            if self.ids.len() == rows {
                return pages;
            }
            pages.extend(self.ask());
            let Some(first) = self.calls.first() else {
                return pages;
            };
            self.answer(first.page);
        }
    }

    fn read_all(&mut self) -> Vec<u32> {
        self.read(usize::MAX)
    }
}

/// Runners `10 × count` down to 10, between which others can be.
fn spread(count: u128) -> Vec<Key> {
    (1..=count).rev().map(|n| key(10 * n)).collect()
}

#[test]
fn the_last_page_is_asked_for_together_with_the_others() {
    let mut reader = Reader::new(list(30), 10, 4, Consistency::Reconcile);
    assert_eq!(reader.ask(), [1]);
    reader.answer(1);
    assert_eq!(reader.ask(), [2, 3]);
}

#[test]
fn answers_that_wait_for_one_before_them_and_rows_not_taken_are_bounded_together() {
    let mut reader = Reader::new(list(100), 10, 2, Consistency::Reconcile);
    reader.ask();
    reader.answer(1);
    assert_eq!(reader.ask(), [2, 3]);
    reader.answer(3);
    assert_eq!(reader.ask(), [4]);
    reader.answer(4);
    // The rows of page 1, page 2 under way, and the answers for 3 and 4.
    assert!(reader.ask().is_empty());
    reader.take(10);
    assert_eq!(reader.ask(), [5]);
}

#[test]
fn what_is_said_of_a_request_that_is_over_is_ignored() {
    let mut reader = Reader::new(list(50), 10, 2, Consistency::Reconcile);
    reader.ask();
    reader.answer(1);
    assert_eq!(reader.ask(), [2, 3]);
    let third = reader.calls[1].ticket;
    // It waits for page 2.
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

/// Pages 2 and 3 are read after a runner of page 1 left and another one joined at the end, which
/// moves the first of page 2 to page 1, and which nothing shows. Page 4 tells of a later change.
#[test]
fn all_pages_that_a_change_can_have_come_between_are_read_again() {
    let mut reader = Reader::new(spread(50), 10, 3, Consistency::Reconcile);
    reader.ask();
    reader.answer(1);
    assert_eq!(reader.ask(), [2, 3, 4]);
    reader.list.retain(|row| row.id != 450);
    reader.list.push(key(5));
    reader.answer(2);
    reader.answer(3);
    reader.list.push(key(4));
    reader.answer(4);
    // There is nothing in common with page 1, so that there may be a gap.
    assert_eq!(reader.ask(), [2]);
    reader.answer(2);
    assert_eq!(reader.ask(), [1]);
    // The first of them waits for room, and page 3 has an answer that is in doubt.
    assert_eq!(reader.read_all(), [3, 4, 5, 6]);
    let mut expected = spread(50);
    expected.extend([key(5), key(4)]);
    reader.ids.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(reader.ids, ids(&expected));
}

/// Reads pages 1 to 3, and is told of a change by page 4, while pages 2 to 4 were under way together.
fn told_by_page_4(change: impl Fn(&mut Vec<Key>)) -> Reader {
    let mut reader = Reader::new(spread(50), 10, 3, Consistency::Reconcile);
    reader.ask();
    reader.answer(1);
    reader.ask();
    reader.answer(2);
    reader.answer(3);
    change(&mut reader.list);
    reader.answer(4);
    reader
}

#[test]
fn an_answer_that_begins_with_a_covered_row_or_before_it_joins() {
    // The last of page 1 is the first of page 2 now.
    let mut overlap = told_by_page_4(|list| list.insert(0, key(1_000)));
    // It left, and what begins page 2 was created before it.
    let mut time = told_by_page_4(|list| {
        list[9] = key(415);
        list.insert(0, key(1_000));
    });
    for (reader, first) in [(&mut overlap, 410), (&mut time, 415)] {
        assert_eq!(page_of(&reader.list, 2, 10).1[0], key(first));
        assert_eq!(reader.ask(), [2]);
        reader.answer(2);
        assert_eq!(reader.ask(), [3]);
        assert_eq!(reader.read_all(), [4, 5, 6]);
    }
}

#[test]
fn after_a_change_one_page_is_asked_for_at_a_time_and_then_more_again() {
    let mut reader = Reader::new(spread(100), 10, 3, Consistency::Reconcile);
    reader.ask();
    reader.answer(1);
    assert_eq!(reader.ask(), [2, 3, 4]);
    reader.list.insert(0, key(10_000));
    // This one was asked for last, and alone it would do, but others were under way meanwhile.
    reader.answer(4);
    assert_eq!(reader.ask(), [2]);
    reader.answer(2);
    assert_eq!(reader.ask(), [3]);
    reader.answer(3);
    assert_eq!(reader.ask(), [4, 5]);
    reader.answer(4);
    reader.take(100);
    assert_eq!(reader.ask(), [6, 7]);
}

#[test]
fn a_repeat_and_an_earlier_row_are_changes_even_where_total_stays() {
    let first = spread(20)[..10].to_vec();
    let mut repeat = spread(10);
    repeat.insert(0, key(110));
    // Who stands before it on page 2 joined: nothing is repeated.
    let mut earlier = spread(10);
    earlier.insert(0, key(115));
    for mut second in [repeat, earlier] {
        second.truncate(10);
        for consistency in [Consistency::None, Consistency::Detect] {
            let mut reader = Reader::new(Vec::new(), 10, 1, consistency);
            reader.ask();
            reader.answer_with(1, 20, first.clone());
            reader.ask();
            reader.answer_with(2, 20, second.clone());
            assert_eq!(reader.machine.state(), State::Done);
            assert_eq!(reader.machine.report().complete, Complete::False);
        }
    }
}

#[test]
fn the_number_of_requests_without_a_use_is_bounded() {
    // Answers of three rows instead of ten: none is used. 1, and 16 + 4 × concurrency, and one for
    // each page that the growth of `total` fills; the next one is too many.
    for (concurrency, grown, requests) in [(1, 1_000, 22), (2, 1_000, 26), (1, 1_030, 25)] {
        let mut reader = Reader::new(Vec::new(), 10, concurrency, Consistency::Reconcile);
        for nth in 1..=requests {
            assert_eq!(reader.machine.state(), State::Reading);
            assert_eq!(reader.ask(), [1]);
            reader.answer_with(1, if nth == 1 { 1_000 } else { grown }, list(3));
        }
        assert_eq!(reader.machine.state(), State::Failed(Why::ListChanged));
    }
}

#[test]
fn as_many_answers_as_requests_at_a_time_wait_while_reading_steps_back() {
    for (concurrency, pages) in [(1, vec![3, 2, 1, 2, 4, 5]), (2, vec![3, 2, 1, 4, 5])] {
        let mut reader = Reader::new(spread(50), 10, 1, Consistency::Reconcile);
        reader.read(25);
        let text = reader.checkpoint();
        // `total` stays, but all that was read is gone.
        let mut list = spread(50).split_off(25);
        list.extend(list_from(1, 9).iter().rev().map(|row| key(row.id)));
        list.sort_by_key(|row| std::cmp::Reverse(row.id));
        list.extend((0..16).map(|n| Key {
            id: 10_000 + n,
            ..key(0)
        }));
        let mut reader = Reader::from(
            list.clone(),
            10,
            concurrency,
            Consistency::Reconcile,
            Some(&text),
        );
        assert_eq!(reader.read_all(), pages);
        assert_eq!(reader.ids, ids(&list));
    }
}

#[test]
fn an_enumeration_of_which_nothing_was_taken_begins_anew() {
    let mut reader = Reader::new(list(20), 10, 1, Consistency::Reconcile);
    reader.ask();
    reader.answer(1);
    let text = reader.checkpoint();
    // One that joined meanwhile is handed over as well.
    let more = [list_from(100, 1), list(20)].concat();
    let mut reader = Reader::from(more.clone(), 10, 1, Consistency::Reconcile, Some(&text));
    assert_eq!(reader.read_all(), [1, 2, 3]);
    assert_eq!(reader.ids, ids(&more));
}

#[test]
fn total_at_the_start_is_that_of_the_first_answer_of_all_parts() {
    // The first answer has not the rows that its total promises, and is not used.
    for (told, taken) in [(30, 0), (0, 3)] {
        let mut reader = Reader::new(list(9), 10, 1, Consistency::Reconcile);
        reader.ask();
        reader.answer_with(1, told, list(5));
        if taken > 0 {
            reader.ask();
            reader.answer(1);
            reader.take(taken);
        }
        let text = reader.checkpoint();
        let mut reader = Reader::from(list(9), 10, 1, Consistency::Reconcile, Some(&text));
        reader.read_all();
        assert_eq!(reader.ids, ids(&list(9)[taken..]));
        let report = reader.machine.report();
        assert_eq!((report.unique, report.total_start), (9, told));
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
fn an_interrupted_enumeration_in_another_order_knows_what_it_handed_over() {
    // Who is known overlaps. With one a page the order looks like a change, and so all is read again.
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
        assert_eq!(reader.listed(), 5);
        let text = reader.checkpoint();
        let mut reader = Reader::from(list.clone(), per_page, 1, reconcile, Some(&text));
        assert_eq!(reader.read_all()[..pages.len()], *pages);
        assert_eq!(reader.ids, ids(&list[5..]));
        assert_eq!(reader.machine.report().complete, Complete::Unknown);
    }
}

#[test]
fn a_list_that_lacks_runners_is_read_again_from_page_1_only_if_that_can_help() {
    // In another order, so that the ids of all are known; total says two more than there are.
    let pages: [Vec<Key>; 2] = [vec![key(1), key(2)], vec![key(2), key(1)]];
    let mut reader = Reader::new(Vec::new(), 2, 1, Consistency::Reconcile);
    reader.ask();
    reader.answer_with(1, 4, pages[0].clone());
    reader.take(2);
    let text = reader.checkpoint();
    let mut reader = Reader::from(Vec::new(), 2, 1, Consistency::Reconcile, Some(&text));
    let mut asked = Vec::new();
    while reader.machine.state() == State::Reading {
        let page = reader.ask()[0];
        asked.push(page);
        reader.answer_with(page, 4, pages[page as usize - 1].clone());
    }
    // It began with page 1, and nothing was new.
    assert_eq!(asked, [1, 2, 2]);
    assert_eq!(reader.machine.state(), State::Failed(Why::ListChanged));
}

#[test]
fn a_checkpoint_keeps_all_bits_of_an_id() {
    let id = |n: u128| n << 96 | (7 - n) << 64 | n << 32 | 5;
    let list: Vec<Key> = (1..=6)
        .map(|n| Key {
            id: id(n),
            ..key(1)
        })
        .collect();
    let mut reader = Reader::new(list.clone(), 2, 1, Consistency::Reconcile);
    reader.read(3);
    assert_eq!(reader.listed(), 3);
    let text = reader.checkpoint();
    let mut reader = Reader::from(list.clone(), 2, 1, Consistency::Reconcile, Some(&text));
    assert_eq!(reader.read_all(), [2, 3]);
    assert_eq!(reader.ids, ids(&list[3..]));
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
    let at = |(id, (seconds, nanos)): (u128, (i64, u32))| Key {
        id,
        created_at: Instant { seconds, nanos },
    };
    let list: Vec<Key> = (1..).zip(times).map(at).collect();
    for taken in 1..7 {
        let mut reader = Reader::new(list.clone(), 2, 1, Consistency::Reconcile);
        reader.read(taken);
        // Time says it all.
        assert!(reader.listed() <= 1, "{taken}: {}", reader.listed());
        let text = reader.checkpoint();
        let mut reader = Reader::from(list.clone(), 2, 1, Consistency::Reconcile, Some(&text));
        reader.read_all();
        assert_eq!(reader.ids, ids(&list[taken..]));
    }
}

/// 20 of 50 were taken before an interruption. After it page 3 is read, 25 join and 25 leave, and page 4
/// has no row of page 3, but begins with one that was created before them all.
#[test]
fn rows_of_before_an_interruption_are_no_other_order() {
    let before = key(450);
    // It joined, and was created together with the last row taken.
    let stranger = Key { id: 7, ..key(310) };
    for (first, pages) in [(before, [3, 4, 5]), (stranger, [3, 2, 1])] {
        let mut reader = Reader::new(spread(50), 10, 1, Consistency::Reconcile);
        reader.read(20);
        let text = reader.checkpoint();
        let mut reader = Reader::from(spread(50), 10, 1, Consistency::Reconcile, Some(&text));
        assert_eq!(reader.read(5), [2, 3]);
        reader.list = [list_from(1_001, 25), spread(50)[..25].to_vec()].concat();
        assert_eq!(reader.ask(), [4]);
        let (total, mut keys) = page_of(&reader.list, 4, 10);
        keys[0] = first;
        reader.answer_with(4, total, keys);
        // Only in the documented order the time of a row proves anything.
        assert_eq!(reader.read_all()[..3], pages, "{first:?}");
    }
}

#[test]
fn with_none_rows_are_held_back_only_if_they_were_handed_over_before_the_interruption() {
    let mut list: Vec<Key> = (1..=8).map(key).collect();
    let mut reader = Reader::new(list.clone(), 2, 1, Consistency::None);
    reader.read(3);
    let text = reader.checkpoint();
    let mut reader = Reader::from(list.clone(), 2, 1, Consistency::None, Some(&text));
    assert_eq!(reader.ask(), [2]);
    reader.answer(2);
    // One joins at the top, so that 4 comes again.
    list.insert(0, key(9));
    reader.list = list;
    assert_eq!(reader.read_all(), [3, 4, 5]);
    assert_eq!(reader.ids, [4, 4, 5, 6, 7, 8]);
}

/// With 100 a page and 2 at a time, ids of as many are kept at least.
const KEPT: usize = 4_096 + 4 * 2 * 100;

/// A reader with `none` that has taken as many rows. With `none` a repeat shows whether its id is
/// known: it counts as a duplicate.
fn after(rows: usize, list: Vec<Key>) -> Reader {
    let mut reader = Reader::new(list, 100, 2, Consistency::None);
    reader.read(rows);
    reader
}

impl Reader {
    /// How many of the rows at these places of the list are known: the next answer repeats them.
    fn known(&mut self, places: &[usize]) -> u64 {
        let before = self.machine.report().duplicates;
        // What was delivered before is not taken.
        let waiting = self.waiting.len();
        self.ask();
        let next = self.calls.iter().map(|call| call.page).min();
        let rows = places.iter().map(|place| self.list[*place]).collect();
        self.answer_with(next.expect("a request"), self.list.len() as u64, rows);
        assert_eq!(
            self.waiting.len(),
            waiting + places.len(),
            "rows as they come"
        );
        self.machine.report().duplicates - before
    }
}

#[test]
fn ids_are_forgotten_when_twice_as_many_as_are_to_be_kept_were_taken() {
    let list = list(20_000);
    assert_eq!(after(2 * KEPT - 1, list.clone()).known(&[0]), 1);
    let mut reader = after(2 * KEPT, list.clone());
    assert_eq!(reader.known(&[0, KEPT - 1]), 0);
    assert_eq!(reader.known(&[KEPT, KEPT + 1, 2 * KEPT - 1]), 3);
    // The next ones, when as many more were taken, and not before.
    let mut reader = after(2 * KEPT, list.clone());
    reader.read(3 * KEPT - 1);
    assert_eq!(reader.known(&[KEPT]), 1);
    let mut reader = after(2 * KEPT, list);
    reader.read(3 * KEPT);
    assert_eq!(reader.known(&[KEPT, 2 * KEPT - 1]), 0);
    assert_eq!(reader.known(&[2 * KEPT]), 1);
}

/// Runners as in [`list`], those at these places of one moment.
fn list_with_one_moment(places: std::ops::Range<usize>) -> Vec<Key> {
    let mut list = list(20_000);
    let moment = list[places.start].created_at;
    for row in &mut list[places] {
        row.created_at = moment;
    }
    list
}

#[test]
fn ids_are_kept_where_the_time_does_not_say_enough() {
    let mut reader = after(2 * KEPT, list_with_one_moment(KEPT - 6..KEPT + 5));
    assert_eq!(reader.known(&[0, KEPT - 7]), 0);
    assert_eq!(reader.known(&[KEPT - 6, KEPT - 1, KEPT]), 3);
}

#[test]
fn where_nothing_could_be_forgotten_it_is_tried_again_much_later() {
    let list = list_with_one_moment(0..KEPT + 50);
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
fn a_checkpoint_after_some_were_forgotten_leads_back_to_its_place() {
    let list = list(10_500);
    let mut reader = Reader::new(list.clone(), 100, 2, Consistency::Reconcile);
    reader.read(2 * KEPT + 3);
    let text = reader.checkpoint();
    let mut reader = Reader::from(list.clone(), 100, 2, Consistency::Reconcile, Some(&text));
    reader.read_all();
    assert_eq!(reader.ids, ids(&list[2 * KEPT + 3..]));
}

/// Otherwise this would take minutes.
#[test]
fn ids_that_differ_in_one_half_only_are_found_as_fast() {
    let low = u128::from(u64::MAX);
    let list: Vec<Key> = (0..50_000)
        .rev()
        .map(|n| Key {
            id: n << 64 | low,
            ..key(n)
        })
        .collect();
    let mut reader = Reader::new(list, 100, 300, Consistency::Reconcile);
    // Nothing is taken, so that nothing is forgotten.
    while !reader.ask().is_empty() {
        while let Some(call) = reader.calls.first() {
            reader.answer(call.page);
        }
    }
    assert_eq!(reader.machine.report().unique, 50_000);
}

/// `Debug` shows all that is kept.
#[test]
fn pairs_of_pages_that_nothing_can_put_in_doubt_any_more_are_forgotten() {
    let mut reader = Reader::new(list(1_000), 10, 2, Consistency::Reconcile);
    let mut most = 0;
    for page in 1..=100 {
        reader.read(10 * page);
        let shown = format!("{:?}", reader.machine);
        most = most.max(shown.matches("Link {").count());
    }
    assert!((1..=4).contains(&most), "{most} pairs");
}
