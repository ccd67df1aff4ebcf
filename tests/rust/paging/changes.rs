//! Changes of the list: what shows them, and which pages are read again.

use comfycontrol_decode::Key;
use comfycontrol_runners::paging::{Complete, Consistency, Enumeration, State};

use super::support::{ALL, Reader, Run, ids, key, list, list_from, page_of, read, spread};

fn times_handed_over(run: &Run, key: &Key) -> usize {
    run.ids.iter().filter(|id| **id == key.id).count()
}

/// The list changes before the third request is answered. One page is requested at a time.
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
            "one leaves that was read",
            |list| list.retain(|row| row.id != 46),
            &[1, 2, 3, 2, 4, 5],
        ),
        (
            "two pages leave",
            |list| list.retain(|row| row.id <= 29),
            &[1, 2, 3, 1, 2],
        ),
        (
            "one leaves that is still to be read",
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
            assert_eq!(times_handed_over(&run, key), 1, "{what}: {key:?}");
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
                // The first row of page 3 moves to page 2. A runner joins at the end, so `total` stays.
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

/// Pages 2 and 3 are under way together, and the server reads page 3 first. Then the list changes, but
/// `total` stays. So the pages do not join.
#[test]
fn a_move_that_total_does_not_show_is_seen_by_a_repeat_or_by_the_order() {
    let before = spread(50);
    let mut repeat = before.clone();
    repeat.insert(0, key(1_000));
    repeat.remove(45);
    let mut order = before.clone();
    order.splice(9..10, [key(419), key(418), key(417)]);
    order.drain(45..47);
    for after in [repeat, order] {
        let mut machine = Enumeration::new(10, 2, Consistency::Reconcile, None);
        let run = read(&mut machine, |page, nth| {
            let list = match nth {
                1 | 3 => &before,
                _ => &after,
            };
            page_of(list, page, 10)
        });
        assert_eq!(machine.state(), State::Done);
        for key in before.iter().filter(|key| after.contains(key)) {
            assert_eq!(times_handed_over(&run, key), 1, "{key:?}");
        }
    }
}

#[test]
fn detect_removes_repeats_and_reports_the_change() {
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
        assert_eq!(run.ids.len() as u64, unique);
        assert_eq!((report.unique, report.duplicates), (unique, 2));
        assert_eq!(report.complete, Complete::False);
    }
}

/// After page 1 was read, a runner leaves it and another one joins at the end: the first row of page 2
/// moves to page 1, and nothing shows it. Pages 2 and 3 are read. Page 4 shows a later change.
#[test]
fn all_pages_that_a_change_can_have_separated_are_read_again() {
    let mut reader = Reader::new(spread(50), 10, 3, Consistency::Reconcile);
    reader.request();
    reader.answer(1);
    assert_eq!(reader.request(), [2, 3, 4]);
    reader.list.retain(|row| row.id != 450);
    reader.list.push(key(5));
    reader.answer(2);
    reader.answer(3);
    reader.list.push(key(4));
    reader.answer(4);
    // Page 2 has nothing in common with page 1, so there may be a gap between them.
    assert_eq!(reader.request(), [2]);
    reader.answer(2);
    assert_eq!(reader.request(), [1]);
    // The answer for page 2 waited. The one for page 3 was in doubt and is requested again.
    assert_eq!(reader.read_all(), [3, 4, 5, 6]);
    let mut expected = spread(50);
    expected.extend([key(5), key(4)]);
    reader.ids.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(reader.ids, ids(&expected));
}

/// Pages 2 to 4 are under way together. Pages 1 to 3 are read, then the list changes, and page 4 shows it.
fn change_shown_by_page_4(change: impl Fn(&mut Vec<Key>)) -> Reader {
    let mut reader = Reader::new(spread(50), 10, 3, Consistency::Reconcile);
    reader.request();
    reader.answer(1);
    reader.request();
    reader.answer(2);
    reader.answer(3);
    change(&mut reader.list);
    reader.answer(4);
    reader
}

#[test]
fn an_answer_that_begins_with_a_covered_row_or_before_it_joins() {
    // The last row of page 1 is now the first one of page 2.
    let mut overlap = change_shown_by_page_4(|list| list.insert(0, key(1_000)));
    // That row left, and page 2 begins with a newer one.
    let mut time = change_shown_by_page_4(|list| {
        list[9] = key(415);
        list.insert(0, key(1_000));
    });
    for (reader, first) in [(&mut overlap, 410), (&mut time, 415)] {
        assert_eq!(page_of(&reader.list, 2, 10).1[0], key(first));
        assert_eq!(reader.request(), [2]);
        reader.answer(2);
        assert_eq!(reader.request(), [3]);
        assert_eq!(reader.read_all(), [4, 5, 6]);
    }
}

#[test]
fn after_a_change_one_page_is_requested_at_a_time_and_then_more_again() {
    let mut reader = Reader::new(spread(100), 10, 3, Consistency::Reconcile);
    reader.request();
    reader.answer(1);
    assert_eq!(reader.request(), [2, 3, 4]);
    reader.list.insert(0, key(10_000));
    // Page 4 is not used: others were under way, and may have been read after another change.
    reader.answer(4);
    assert_eq!(reader.request(), [2]);
    reader.answer(2);
    assert_eq!(reader.request(), [3]);
    reader.answer(3);
    assert_eq!(reader.request(), [4, 5]);
    reader.answer(4);
    reader.consume(100);
    assert_eq!(reader.request(), [6, 7]);
}

#[test]
fn a_repeat_or_a_newer_row_is_a_change_even_if_total_stays() {
    let first = spread(20)[..10].to_vec();
    let mut repeat = spread(10);
    repeat.insert(0, key(110));
    // No repeat, but the first row of page 2 is newer than the last one of page 1.
    let mut newer = spread(10);
    newer.insert(0, key(115));
    for mut second in [repeat, newer] {
        second.truncate(10);
        for consistency in [Consistency::None, Consistency::Detect] {
            let mut reader = Reader::new(Vec::new(), 10, 1, consistency);
            reader.request();
            reader.answer_with(1, 20, first.clone());
            reader.request();
            reader.answer_with(2, 20, second.clone());
            assert_eq!(reader.machine.state(), State::Done);
            assert_eq!(reader.machine.report().complete, Complete::False);
        }
    }
}

#[test]
fn as_many_answers_wait_as_requests_may_run_while_reading_steps_back() {
    for (concurrency, pages) in [(1, vec![3, 2, 1, 2, 4, 5]), (2, vec![3, 2, 1, 4, 5])] {
        let mut reader = Reader::new(spread(50), 10, 1, Consistency::Reconcile);
        reader.read(25);
        let text = reader.checkpoint();
        // All runners that were read left; as many joined, so `total` stays.
        let mut list = spread(50).split_off(25);
        list.extend(list_from(1, 9).iter().rev().map(|row| key(row.id)));
        list.sort_by_key(|row| std::cmp::Reverse(row.id));
        list.extend((0..16).map(|n| Key {
            id: 10_000 + n,
            ..key(0)
        }));
        let reconcile = Consistency::Reconcile;
        let mut reader = Reader::from(list.clone(), 10, concurrency, reconcile, Some(&text));
        assert_eq!(reader.read_all(), pages);
        assert_eq!(reader.ids, ids(&list));
    }
}

/// `Debug` shows all links that the machine keeps.
#[test]
fn links_that_nothing_can_put_in_doubt_are_forgotten() {
    let mut reader = Reader::new(list(1_000), 10, 2, Consistency::Reconcile);
    let mut most = 0;
    for page in 1..=100 {
        reader.read(10 * page);
        let shown = format!("{:?}", reader.machine);
        most = most.max(shown.matches("Link {").count());
    }
    assert!((1..=4).contains(&most), "{most} links");
}
