use comfycontrol_runners::watch::{
    DEFAULT_INTERVAL, Fate, Fields, LONGEST_AFTER_ERRORS, Poll, SHORTEST_INTERVAL, Schedule, diff,
};
use proptest::prelude::*;

/// A runner as far as these tests need it: an id and the values of the six fields.
type Row = (u128, [u8; 6]);

/// Old list, new list, fates, removed, whether there is nothing to tell.
type Case<'a> = (&'a [Row], &'a [Row], &'a [Fate], &'a [u32], bool);

fn compare(old: &[Row], new: &[Row]) -> comfycontrol_runners::watch::Diff {
    let find = |place| {
        let id = new[place as usize].0;
        old.iter().position(|row| row.0 == id).map(|at| at as u32)
    };
    diff(old.len() as u32, new.len() as u32, find, |was, is| {
        let (was, is) = (old[was as usize].1, new[is as usize].1);
        let differ = (0..6).filter(|field| was[*field] != is[*field]);
        Fields(differ.fold(0, |fields, field| fields | 1 << field))
    })
}

#[test]
fn every_runner_has_its_fate() {
    let plain = [0; 6];
    let cases: [Case; 8] = [
        (&[], &[], &[], &[], true),
        (&[], &[(1, plain)], &[Fate::Added], &[], false),
        (&[(1, plain)], &[], &[], &[0], false),
        (&[(1, plain)], &[(1, plain)], &[Fate::Same(0)], &[], true),
        (&[(1, plain)], &[(2, plain)], &[Fate::Added], &[0], false),
        (
            &[(1, plain), (2, plain)],
            &[(2, plain), (1, plain)],
            &[Fate::Same(1), Fate::Same(0)],
            &[],
            true,
        ),
        (
            &[(7, plain)],
            &[(7, [0, 0, 1, 0, 0, 1])],
            &[Fate::Changed(0, Fields(0b10_0100))],
            &[],
            false,
        ),
        (
            &[(5, plain), (4, plain), (3, plain)],
            &[(6, plain), (4, [1; 6]), (3, plain)],
            &[
                Fate::Added,
                Fate::Changed(1, Fields(0b11_1111)),
                Fate::Same(2),
            ],
            &[0],
            false,
        ),
    ];
    for (old, new, fates, removed, empty) in cases {
        let diff = compare(old, new);
        assert_eq!(
            (&*diff.fates, &*diff.removed),
            (fates, removed),
            "{old:?} → {new:?}"
        );
        assert_eq!(diff.is_empty(), empty);
    }
}

#[test]
fn changed_fields_have_their_names() {
    assert_eq!(Fields(0).names().count(), 0);
    assert_eq!(
        Fields(0b10_0100).names().collect::<Vec<_>>(),
        ["status", "updatedAt"]
    );
    let all = [
        "name",
        "runnerType",
        "status",
        "tags",
        "createdAt",
        "updatedAt",
    ];
    assert_eq!(Fields(0xff).names().collect::<Vec<_>>(), all);
}

fn list() -> impl Strategy<Value = Vec<Row>> {
    let fields = prop::array::uniform6(0..2_u8);
    prop::collection::btree_map(0..40_u128, fields, 0..30)
        .prop_map(|rows| rows.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

proptest! {
    /// What is told is enough to make the new list from the old one, and nothing is told in vain.
    #[test]
    fn the_new_list_follows_from_the_old_one(old in list(), new in list()) {
        let diff = compare(&old, &new);
        prop_assert_eq!(diff.fates.len(), new.len());
        for (fate, row) in diff.fates.iter().zip(&new) {
            match *fate {
                Fate::Same(was) => prop_assert_eq!(&old[was as usize], row),
                Fate::Changed(was, fields) => {
                    let was = old[was as usize];
                    prop_assert_eq!(was.0, row.0);
                    prop_assert_ne!(fields, Fields(0));
                    for field in 0..6 {
                        prop_assert_eq!(fields.0 >> field & 1 != 0, was.1[field] != row.1[field]);
                    }
                }
                Fate::Added => prop_assert!(old.iter().all(|was| was.0 != row.0)),
            }
        }
        let gone: Vec<u32> = (0..).zip(&old)
            .filter(|(_, was)| new.iter().all(|row| row.0 != was.0))
            .map(|(place, _)| place)
            .collect();
        prop_assert_eq!(&diff.removed, &gone);
    }

    /// Whatever happens, the next reading is neither sooner than 0.9 intervals nor later than 1.1 of
    /// the longest wait or the moment the server asked for, and at most one is under way.
    #[test]
    fn the_next_reading_is_neither_too_soon_nor_too_late(
        interval in SHORTEST_INTERVAL..1_000_000,
        events in prop::collection::vec((any::<bool>(), 0.0..1.0, prop::option::of(0.0..1e7)), 0..40),
    ) {
        let mut schedule = Schedule::new(interval);
        let mut now = 0.0;
        for (good, random, pause) in events {
            prop_assert_eq!(schedule.poll(now, true), Poll::Now);
            schedule.started();
            prop_assert_eq!(schedule.poll(now, true), Poll::UnderWay);
            now += 50.0;
            let interval = f64::from(interval);
            let mut latest = now + 1.1 * interval;
            if good {
                schedule.succeeded(now, random);
            } else {
                let pause: Option<f64> = pause;
                schedule.failed(now, random, pause.map(|pause| now + pause));
                latest = now + 1.1 * interval.max(f64::from(LONGEST_AFTER_ERRORS));
                latest = latest.max(now + pause.unwrap_or(0.0));
                let earliest = now + pause.unwrap_or(0.0);
                prop_assert_eq!(schedule.poll(earliest - 1.0, false), Poll::Hidden);
                prop_assert_ne!(schedule.poll(earliest - 1.0, true), Poll::Now);
            }
            let Poll::At(due) = schedule.poll(now, true) else {
                return Err(TestCaseError::fail("due at once"));
            };
            prop_assert!(due >= now + 0.9 * interval && due <= latest + 1e-6);
            now = due;
        }
    }
}

#[test]
fn the_first_reading_is_due_at_once_if_the_page_is_visible() {
    let schedule = Schedule::new(DEFAULT_INTERVAL);
    assert_eq!(schedule.poll(0.0, true), Poll::Now);
    assert_eq!(schedule.poll(0.0, false), Poll::Hidden);
}

#[test]
fn no_reading_starts_while_another_is_under_way() {
    let mut schedule = Schedule::new(DEFAULT_INTERVAL);
    schedule.started();
    for visible in [true, false] {
        assert_eq!(schedule.poll(1e12, visible), Poll::UnderWay);
    }
    schedule.succeeded(0.0, 0.5);
    assert_eq!(
        schedule.poll(0.0, true),
        Poll::At(f64::from(DEFAULT_INTERVAL))
    );
}

#[test]
fn the_interval_varies_by_a_tenth() {
    for (random, due) in [(0.0, 27_000.0), (0.5, 30_000.0), (1.0, 33_000.0)] {
        let mut schedule = Schedule::new(30_000);
        schedule.started();
        schedule.succeeded(0.0, random);
        assert_eq!(schedule.poll(0.0, true), Poll::At(due));
        assert_eq!(schedule.poll(due, true), Poll::Now);
    }
}

#[test]
fn errors_double_the_interval_up_to_five_minutes_and_a_success_restores_it() {
    let mut schedule = Schedule::new(30_000);
    for wait in [60_000.0, 120_000.0, 240_000.0, 300_000.0, 300_000.0] {
        schedule.started();
        schedule.failed(0.0, 0.5, None);
        assert_eq!(schedule.poll(0.0, true), Poll::At(wait));
    }
    schedule.succeeded(0.0, 0.5);
    assert_eq!(schedule.poll(0.0, true), Poll::At(30_000.0));
    // Longer intervals than that stay as they are.
    let mut schedule = Schedule::new(600_000);
    (0..50).for_each(|_| schedule.failed(0.0, 0.5, None));
    assert_eq!(schedule.poll(0.0, true), Poll::At(600_000.0));
}

#[test]
fn a_pause_the_server_asks_for_is_kept() {
    let mut schedule = Schedule::new(1_000);
    schedule.failed(0.0, 0.5, Some(90_000.0));
    assert_eq!(schedule.poll(89_999.0, true), Poll::At(90_000.0));
    schedule.failed(0.0, 0.5, Some(1.0));
    assert_eq!(schedule.poll(0.0, true), Poll::At(4_000.0));
}

#[test]
fn a_reading_overdue_when_the_page_comes_back_starts_at_once() {
    let mut schedule = Schedule::new(30_000);
    schedule.started();
    schedule.succeeded(0.0, 0.5);
    assert_eq!(schedule.poll(40_000.0, false), Poll::Hidden);
    assert_eq!(schedule.poll(40_000.0, true), Poll::Now);
    assert_eq!(schedule.poll(10_000.0, true), Poll::At(30_000.0));
}
