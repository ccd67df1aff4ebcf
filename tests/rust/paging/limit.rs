//! `limit`: the maximum number of runners. No page beyond them is requested.

use comfycontrol_runners::paging::{Checkpoint, Complete, Consistency, Enumeration, State};

use super::support::{ALL, BASE, ids, key, list, page_of, read};

#[test]
fn a_limit_requests_no_page_beyond_it() {
    // Runners in the list, limit, requested pages.
    let cases = [
        (100, 1, 1),
        (100, 10, 1),
        (100, 11, 2),
        (100, 35, 4),
        (100, 99, 10),
        (100, 100, 10),
        (100, 1_000, 10),
        (95, 94, 10),
        (3, 2, 1),
        (0, 5, 1),
    ];
    for consistency in ALL {
        for concurrency in [1, 2, 4, 16] {
            for (count, limit, pages) in cases {
                let list = list(count);
                let mut machine =
                    Enumeration::new(10, concurrency, consistency, None).with_limit(limit);
                let run = read(&mut machine, |page, _| page_of(&list, page, 10));
                let wanted = (limit as usize).min(list.len());
                assert_eq!(run.ids, ids(&list[..wanted]), "{limit} of {count}");
                assert_eq!(run.pages, (1..=pages).collect::<Vec<_>>());
                assert_eq!(machine.state(), State::Done);
                if wanted < list.len() {
                    assert_eq!(machine.report().complete, Complete::False);
                }
            }
        }
    }
}

#[test]
fn a_checkpoint_after_a_limit_continues_with_the_rest() {
    let list = list(57);
    for limit in 1..=57 {
        for concurrency in [1, 4] {
            let mut found = Vec::new();
            let mut checkpoint = None;
            while found.len() < list.len() {
                let mut machine =
                    Enumeration::new(10, concurrency, Consistency::Reconcile, checkpoint)
                        .with_limit(limit);
                let run = read(&mut machine, |page, _| page_of(&list, page, 10));
                assert!(!run.ids.is_empty() && run.ids.len() <= limit as usize);
                found.extend(run.ids);
                let text = machine.checkpoint(BASE, 10);
                checkpoint = Some(Checkpoint::read(&text, BASE, 10).expect("reads"));
            }
            assert_eq!(found, ids(&list), "{limit} at a time");
        }
    }
}

#[test]
fn a_limit_also_ends_the_enumeration_of_a_list_that_grows() {
    let mut list = list(40);
    let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, None).with_limit(25);
    let run = read(&mut machine, |page, nth| {
        list.insert(0, key(1_000 + nth as u128));
        page_of(&list, page, 10)
    });
    assert_eq!(run.ids.len(), 25);
    assert_eq!(machine.state(), State::Done);
}
