use comfycontrol_runners::changes::{Changed, Changes, RunnerField};
use proptest::prelude::*;

/// A runner: its id, and a number that stands for its name and another for its tags.
type Runner = (u128, u8, u8);

fn differing(old: Runner, new: Runner) -> Vec<RunnerField> {
    let names = (old.1 != new.1).then_some(RunnerField::Name);
    let tags = (old.2 != new.2).then_some(RunnerField::Tags);
    names.into_iter().chain(tags).collect()
}

fn between(old: &[Runner], new: &[Runner]) -> Changes {
    let ids = |list: &[Runner]| list.iter().map(|runner| runner.0).collect::<Vec<_>>();
    Changes::between(&ids(old), &ids(new), |previous, index| {
        differing(old[previous as usize], new[index as usize])
    })
}

#[test]
fn what_changed_from_one_list_to_the_next() {
    let old = [(1, 0, 0), (2, 0, 0), (3, 0, 0)];
    let changed = |index, previous, fields: &[RunnerField]| Changed {
        index,
        previous,
        fields: fields.to_vec(),
    };
    let same = vec![(0, 0), (1, 1), (2, 2)];
    let nothing = Changes {
        unchanged: same,
        ..Changes::default()
    };
    let cases: [(&[Runner], Changes); 5] = [
        (&old, nothing),
        (
            &[(4, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0)],
            Changes {
                added: vec![0],
                unchanged: vec![(1, 0), (2, 1), (3, 2)],
                ..Changes::default()
            },
        ),
        (
            &[(2, 0, 0)],
            Changes {
                removed: vec![0, 2],
                unchanged: vec![(0, 1)],
                ..Changes::default()
            },
        ),
        (
            &[(1, 7, 0), (2, 7, 7), (3, 0, 0)],
            Changes {
                changed: vec![
                    changed(0, 0, &[RunnerField::Name]),
                    changed(1, 1, &[RunnerField::Name, RunnerField::Tags]),
                ],
                unchanged: vec![(2, 2)],
                ..Changes::default()
            },
        ),
        (
            &[],
            Changes {
                removed: vec![0, 1, 2],
                ..Changes::default()
            },
        ),
    ];
    for (new, expected) in cases {
        assert_eq!(between(&old, new), expected, "{new:?}");
    }
}

#[test]
fn another_order_alone_is_no_change() {
    let changes = between(&[(1, 0, 0), (2, 0, 0)], &[(2, 0, 0), (1, 0, 0)]);
    assert!(changes.is_empty());
    assert_eq!(changes.unchanged, [(0, 1), (1, 0)]);
}

#[test]
fn everything_in_the_first_list_is_added() {
    let changes = between(&[], &[(1, 0, 0), (2, 0, 0)]);
    assert_eq!(changes.added, [0, 1]);
    assert!(!changes.is_empty());
    assert!(between(&[], &[]).is_empty());
}

#[test]
fn fields_have_their_javascript_names_in_the_order_of_the_contract() {
    let names = RunnerField::ALL.map(RunnerField::as_str);
    let expected = [
        "name",
        "runnerType",
        "status",
        "tags",
        "createdAt",
        "updatedAt",
    ];
    assert_eq!(names, expected);
}

#[test]
fn two_hundred_thousand_runners_are_compared_in_an_instant() {
    let old: Vec<Runner> = (0..200_000).map(|id| (id << 64, 0, 0)).collect();
    let new: Vec<Runner> = old.iter().rev().copied().collect();
    let started = std::time::Instant::now();
    assert_eq!(between(&old, &new).unchanged.len(), 200_000);
    // Looking for each in a list would take minutes.
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

proptest! {
    /// Each runner of both lists is in exactly one of the lists of changes.
    #[test]
    fn the_changes_make_the_new_list_of_the_old_one(
        old in prop::collection::btree_map(0..30_u128, (0..3_u8, 0..3_u8), 0..20),
        new in prop::collection::btree_map(0..30_u128, (0..3_u8, 0..3_u8), 0..20),
    ) {
        let list = |runners: std::collections::BTreeMap<u128, (u8, u8)>| -> Vec<Runner> {
            runners.into_iter().map(|(id, (name, tags))| (id, name, tags)).collect()
        };
        let (old, new) = (list(old), list(new));
        let changes = between(&old, &new);
        let mut made: Vec<(u32, Runner)> = Vec::new();
        made.extend(changes.added.iter().map(|index| (*index, new[*index as usize])));
        made.extend(changes.unchanged.iter().map(|(index, previous)| (*index, old[*previous as usize])));
        for Changed { index, previous, fields } in &changes.changed {
            let (before, after) = (old[*previous as usize], new[*index as usize]);
            prop_assert_eq!(before.0, after.0);
            prop_assert_eq!(fields, &differing(before, after));
            made.push((*index, after));
        }
        made.sort_unstable();
        let expected: Vec<(u32, Runner)> = (0..).zip(new.iter().copied()).collect();
        prop_assert_eq!(made, expected);
        let gone = changes.removed.iter().map(|index| old[*index as usize].0);
        let expected = old.iter().map(|runner| runner.0).filter(|id| new.iter().all(|one| one.0 != *id));
        prop_assert!(gone.eq(expected));
    }
}
