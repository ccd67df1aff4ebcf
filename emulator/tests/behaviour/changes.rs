//! Runners that come, go and change, at once and between two reads.

use serde_json::{Value, json};

use crate::support::{ask, ids, steer, steered, unlimited};

const PAGE: &str = "/v1/managed-runner?per_page=100";

#[test]
fn new_runners_are_the_newest() {
    let mut emulator = unlimited(10);
    let before = ids(&mut emulator, PAGE);
    let applied = steered(&mut emulator, "POST runners", json!({ "add": 3 }));
    let added: Vec<Value> = applied["added"].as_array().unwrap().clone();
    let after = ids(&mut emulator, PAGE);
    assert_eq!(applied["listed"], 13);
    assert_eq!(
        json!(after[..3]),
        json!(added.iter().rev().collect::<Vec<_>>())
    );
    assert_eq!(after[3..], before);
}

#[test]
fn a_new_runner_can_be_told_what_it_is() {
    let mut emulator = unlimited(2);
    let mine = json!({
        "id": "ABCDEF00-0000-0000-0000-000000000000",
        "name": "mine\u{0}\u{1F3A8}",
        "runner_type": "ultra",
        "status": "draining",
        "tags": ["Gpu:A100"],
        "created_at": "2010-01-01T00:00:00.123+02:00",
        "updated_at": "2010-01-01T00:00:00Z",
    });
    steered(&mut emulator, "POST runners", json!({ "add": [mine, {}] }));
    let (_, page) = ask(&mut emulator, PAGE);
    assert_eq!(page["total"], 4);
    assert_eq!(
        page["runners"][3], mine,
        "the oldest comes last, as it was given"
    );
}

#[test]
fn of_two_runners_of_the_same_moment_the_later_one_comes_first() {
    let mut emulator = unlimited(0);
    let at = |name: &str, time: &str| json!({ "name": name, "created_at": time });
    steered(
        &mut emulator,
        "POST runners",
        json!({ "add": [
        at("b", "2024-02-01T01:00:00+01:00"),
        at("c", "2024-02-01T00:00:00Z"),
        at("a", "2024-01-31T23:59:59Z"),
    ] }),
    );
    let (_, page) = ask(&mut emulator, PAGE);
    let names: Vec<_> = (0..3)
        .map(|at| page["runners"][at]["name"].clone())
        .collect();
    assert_eq!(names, ["c", "b", "a"]);
}

#[test]
fn runners_are_removed_by_position_or_id() {
    let mut emulator = unlimited(10);
    let before = ids(&mut emulator, PAGE);
    let applied = steered(
        &mut emulator,
        "POST runners",
        json!({ "remove": [0, 9, before[4]] }),
    );
    assert_eq!(applied["removed"], json!([before[0], before[9], before[4]]));
    let left: Vec<_> = [1, 2, 3, 5, 6, 7, 8].map(|at| before[at].clone()).into();
    assert_eq!(ids(&mut emulator, PAGE), left);
    assert_eq!(
        ask(&mut emulator, &format!("/v1/managed-runner/{}", before[0])).0,
        404
    );
}

#[test]
fn a_disabled_runner_leaves_the_list_and_comes_back_to_its_place() {
    let mut emulator = unlimited(5);
    let before = ids(&mut emulator, PAGE);
    steered(&mut emulator, "POST runners", json!({ "disable": [2] }));
    let without: Vec<_> = [0, 1, 3, 4].map(|at| before[at].clone()).into();
    assert_eq!(ids(&mut emulator, PAGE), without);
    let own = format!("/v1/managed-runner/{}", before[2]);
    let (_, disabled) = ask(&mut emulator, &own);
    assert_eq!(disabled["status"], "disabled");
    steered(
        &mut emulator,
        "POST runners",
        json!({ "activate": [before[2]] }),
    );
    assert_eq!(ids(&mut emulator, PAGE), before);
    let (_, active) = ask(&mut emulator, &own);
    assert!(active["updated_at"].as_str() > disabled["updated_at"].as_str());
    assert_eq!(active["created_at"], disabled["created_at"]);
}

#[test]
fn the_newest_disabled_runner_is_the_first_to_activate() {
    let mut emulator = unlimited(20);
    let all = steered(&mut emulator, "GET runners", Value::Null);
    let mut all = all.as_array().unwrap().iter();
    let disabled = all.find(|runner| runner["status"] == "disabled").unwrap();
    let applied = steered(&mut emulator, "POST runners", json!({ "activate": [0] }));
    assert_eq!(applied["activated"], json!([disabled["id"]]));
    assert_eq!(applied["listed"], 21);
}

#[test]
fn a_changed_runner_keeps_its_place_and_says_when_it_changed() {
    let mut emulator = unlimited(5);
    let (_, before) = ask(&mut emulator, PAGE);
    let set = json!({ "name": "new", "tags": ["a", "b"] });
    steered(
        &mut emulator,
        "POST runners",
        json!({ "change": [{ "runner": 1, "set": set }] }),
    );
    let (_, after) = ask(&mut emulator, PAGE);
    let (old, new) = (&before["runners"][1], &after["runners"][1]);
    assert_eq!(
        (&new["name"], &new["tags"]),
        (&json!("new"), &json!(["a", "b"]))
    );
    assert!(new["updated_at"].as_str() > old["updated_at"].as_str());
    for field in ["id", "runner_type", "status", "created_at"] {
        assert_eq!(new[field], old[field]);
    }
    assert_eq!(after["runners"][0], before["runners"][0]);
}

#[test]
fn a_batch_counts_positions_in_the_list_as_it_was() {
    let mut emulator = unlimited(6);
    let before = ids(&mut emulator, PAGE);
    let applied = steered(
        &mut emulator,
        "POST runners",
        json!({
            "remove": [0], "disable": [1], "change": [{ "runner": 2, "set": {} }], "add": 1,
        }),
    );
    assert_eq!(applied["removed"], json!([before[0]]));
    assert_eq!(applied["disabled"], json!([before[1]]));
    assert_eq!(applied["changed"], json!([before[2]]));
    assert_eq!(applied["listed"], 5);
    let applied = steered(
        &mut emulator,
        "POST runners",
        json!({ "reset": 3, "remove": [2] }),
    );
    assert_eq!(applied["listed"], 2);
}

#[test]
fn a_batch_that_fails_changes_nothing() {
    for (changes, message) in [
        (
            json!({ "add": 1, "remove": [5] }),
            "position 5 is past the end: there are 5 runners",
        ),
        (json!({ "remove": [0, 0] }), "there is no runner"),
        (json!({ "add": [{ "id": "7" }] }), "id: \"7\" is not a UUID"),
        (
            json!({ "add": [{ "colour": "red" }] }),
            "unknown field `colour`",
        ),
        (
            json!({ "add": [{ "created_at": "today" }] }),
            "created_at: \"today\" is not an RFC 3339",
        ),
        (
            json!({ "change": [{ "runner": 0, "set": { "updated_at": "" } }] }),
            "updated_at: \"\" is not",
        ),
        (
            json!({ "change": [{ "runner": 0, "set": { "tags": "a" } }] }),
            "expected a sequence",
        ),
        (json!({ "remove": ["x"] }), "there is no runner x"),
        (json!({ "remove": [-1] }), "expected a position or an id"),
        (json!({ "removed": [] }), "unknown field `removed`"),
    ] {
        let mut emulator = unlimited(5);
        let before: Vec<_> = emulator.runners.all().cloned().collect();
        let (status, answer) = steer(&mut emulator, "POST runners", changes);
        assert_eq!(status, 400);
        assert!(
            answer["message"].as_str().unwrap().contains(message),
            "{answer}"
        );
        assert!(emulator.runners.all().eq(&before));
    }
}

#[test]
fn two_runners_cannot_have_one_id() {
    let mut emulator = unlimited(5);
    let id = ids(&mut emulator, PAGE)[0].to_uppercase();
    for changes in [
        json!({ "add": [{ "id": id }] }),
        json!({ "change": [{ "runner": 1, "set": { "id": id } }] }),
    ] {
        let (status, answer) = steer(&mut emulator, "POST runners", changes);
        let message = format!("there is a runner {id} already");
        assert_eq!((status, &answer["message"]), (400, &json!(message)));
    }
}

#[test]
fn scheduled_changes_come_between_two_reads() {
    let mut emulator = unlimited(10);
    let page = |page: u32| format!("/v1/managed-runner?per_page=5&page={page}");
    let before = ids(&mut emulator, PAGE);
    steered(
        &mut emulator,
        "POST schedule",
        json!([
            { "after": 1, "changes": { "remove": [0, 1] } },
            { "after": 2, "changes": { "add": 4 } },
            { "after": 2, "changes": { "remove": [0] } },
        ]),
    );
    assert_eq!(
        ids(&mut emulator, &page(1)),
        before[..5],
        "the first read sees nothing of it"
    );
    assert_eq!(
        ids(&mut emulator, &page(2)),
        before[7..],
        "two are gone: two more are missed"
    );
    assert_eq!(ask(&mut emulator, &page(1)).1["total"], 11);
    let schedule = steered(&mut emulator, "GET schedule", Value::Null);
    assert_eq!(schedule["waiting"], json!([]));
    assert_eq!(
        schedule["done"][0]["applied"]["removed"],
        json!(before[..2])
    );
    assert_eq!(schedule["done"][2]["applied"]["listed"], 11);
}

#[test]
fn only_lists_that_were_read_count_for_the_schedule() {
    let mut emulator = unlimited(5);
    let own = format!(
        "/v1/managed-runner/{}",
        emulator.runners.all().next().unwrap().id
    );
    steered(
        &mut emulator,
        "POST schedule",
        json!({ "after": 1, "changes": { "remove": [0] } }),
    );
    steered(&mut emulator, "POST faults", json!({ "status": 500 }));
    for (target, status, listed) in [
        (PAGE, 500, 5),
        (own.as_str(), 200, 5),
        ("/v1/managed-runner?page=0", 400, 5),
        (PAGE, 200, 4),
        (PAGE, 200, 4),
    ] {
        assert_eq!(ask(&mut emulator, target).0, status);
        let state = steered(&mut emulator, "GET state", Value::Null);
        assert_eq!(state["runners"]["listed"], listed, "{target}");
    }
    assert_eq!((emulator.log.requests, emulator.log.list_reads), (5, 2));
}

#[test]
fn a_list_whose_delivery_broke_was_read() {
    let mut emulator = unlimited(5);
    steered(
        &mut emulator,
        "POST schedule",
        json!({ "after": 1, "changes": { "remove": [0] } }),
    );
    steered(&mut emulator, "POST faults", json!({ "cut": "mid-body" }));
    ask(&mut emulator, PAGE);
    assert_eq!(ids(&mut emulator, PAGE).len(), 4);
}

#[test]
fn a_scheduled_change_that_fails_says_so_afterwards() {
    let mut emulator = unlimited(1);
    steered(
        &mut emulator,
        "POST schedule",
        json!({ "after": 1, "changes": { "remove": [3] } }),
    );
    assert_eq!(ask(&mut emulator, PAGE).0, 200);
    let schedule = steered(&mut emulator, "GET schedule", Value::Null);
    let failed = "position 3 is past the end: there are 1 runners";
    assert_eq!(schedule["done"], json!([{ "failed": failed }]));
    let (status, answer) = steer(
        &mut emulator,
        "POST schedule",
        json!([{ "after": 0, "changes": {} }]),
    );
    assert_eq!(
        (status, &answer["message"]),
        (400, &json!("after must be at least 1"))
    );
}
