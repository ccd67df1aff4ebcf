//! Generated runners.

use std::collections::HashSet;

use comfycontrol_emulator::generate;
use comfycontrol_emulator::runner::{Runner, is_uuid};
use comfycontrol_emulator::runners::{Runners, Stamp};

#[test]
fn generated_runners_are_the_same_in_every_run() {
    let text = serde_json::to_string(&generate::runner(0, 0)).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"id":"8ea9b1a4-c0eb-4290-9a41-018d91ec2779","name":"render-eu-01","runner_type":"plus","status":"active","#,
            r#""tags":["gpu:l40s","region:eu","model:flux"],"created_at":"2024-01-15T10:30:00Z","updated_at":"2024-01-15T10:55:35Z"}"#
        )
    );
}

#[test]
fn a_larger_list_has_the_smaller_one_at_its_old_end() {
    let (small, large) = (Runners::generated(100, 0), Runners::generated(250, 0));
    assert!(
        small
            .all()
            .rev()
            .eq(large.all().rev().take(small.all().count()))
    );
}

#[test]
fn ids_are_version_4_uuids_and_ids_and_names_are_unique() {
    let runners = Runners::generated(20_000, 0);
    let ids: HashSet<_> = runners.all().map(|runner| &runner.id).collect();
    let names: HashSet<_> = runners.all().map(|runner| &runner.name).collect();
    assert_eq!(ids.len(), runners.all().count());
    assert_eq!(names.len(), ids.len());
    assert!(
        ids.iter()
            .all(|id| is_uuid(id) && id.as_bytes()[14] == b'4')
    );
    assert!(
        ids.iter()
            .all(|id| matches!(id.as_bytes()[19], b'8'..=b'b'))
    );
}

#[test]
fn generated_runners_have_what_a_client_must_be_able_to_show() {
    let runners = Runners::generated(250, 0);
    let some = |filter: fn(&Runner) -> bool| runners.all().filter(|runner| filter(runner)).count();
    for (what, filter) in [
        (
            "plus",
            (|runner| runner.runner_type == "plus") as fn(&Runner) -> bool,
        ),
        ("pro", |runner| runner.runner_type == "pro"),
        ("disabled", |runner| runner.status == "disabled"),
        ("without tags", |runner| runner.tags.is_empty()),
        ("a model", |runner| {
            runner.tags.iter().any(|tag| tag == "model:sdxl")
        }),
        ("a GPU", |runner| {
            runner.tags.iter().any(|tag| tag == "gpu:rtx4090")
        }),
        ("not ASCII", |runner| !runner.name.is_ascii()),
        ("a quote", |runner| runner.name.contains('"')),
        ("changed", |runner| runner.updated_at > runner.created_at),
    ] {
        assert!(some(filter) > 0, "{what}");
    }
}

#[test]
fn uuids_are_known_by_their_form() {
    for (text, is) in [
        ("10f2d0d5-5343-4ca7-bc65-131871096ee9", true),
        ("10F2D0D5-5343-0CA7-FC65-131871096EE9", true),
        ("10f2d0d55343-4ca7-bc65-131871096ee9-", false),
        ("10f2d0d5-5343-4ca7-bc65-131871096ee", false),
        ("{10f2d0d5-5343-4ca7-bc65-131871096e}", false),
        ("10f2d0d5-5343-4ca7-bc65-131871096eé", false),
    ] {
        assert_eq!(is_uuid(text), is, "{text}");
    }
}

#[test]
fn another_seed_generates_other_runners() {
    let (zero, one) = (Runners::generated(1000, 0), Runners::generated(1000, 1));
    let ids: HashSet<_> = zero
        .all()
        .chain(one.all())
        .map(|runner| &runner.id)
        .collect();
    assert_eq!(ids.len(), 2 * zero.all().count());
    let tags =
        |runners: &Runners| -> Vec<_> { runners.all().map(|runner| runner.tags.clone()).collect() };
    assert_ne!(tags(&zero), tags(&one));
}

#[test]
fn a_generated_runner_takes_no_id_that_was_given_by_hand() {
    let mut runners = Runners::empty(0);
    let taken = generate::runner(0, 1).id;
    let fields = serde_json::Map::from_iter([("id".into(), taken.clone().into())]);
    runners.add(fields, Stamp::NextTick).unwrap();
    let added = runners
        .add(serde_json::Map::new(), Stamp::NextTick)
        .unwrap();
    assert_ne!(added, taken);
}
