//! The list and the single runner.

use std::collections::HashSet;
use std::time::Duration;

use comfycontrol_emulator::{Request, Tier};
use serde_json::json;

use crate::support::{ask, get, ids, json, steered, unlimited};

#[test]
fn every_active_runner_is_on_exactly_one_page() {
    for (runners, per_page) in [
        (0, 10),
        (1, 1),
        (10, 10),
        (99, 100),
        (100, 100),
        (101, 100),
        (250, 7),
    ] {
        let mut emulator = unlimited(runners);
        let mut seen = HashSet::new();
        for page in 1..=runners.div_ceil(per_page) {
            let found = ids(
                &mut emulator,
                &format!("/v1/managed-runner?page={page}&per_page={per_page}"),
            );
            assert!(!found.is_empty() && found.len() <= per_page);
            seen.extend(found);
        }
        assert_eq!(seen.len(), runners);
    }
}

#[test]
fn a_page_holds_ten_runners_unless_told_otherwise_and_the_first_page_is_the_default() {
    let mut emulator = unlimited(25);
    let default = ids(&mut emulator, "/v1/managed-runner");
    assert_eq!(default.len(), 10);
    assert_eq!(
        default,
        ids(&mut emulator, "/v1/managed-runner?page=1&per_page=10")
    );
    assert_eq!(ids(&mut emulator, "/v1/managed-runner?page=3").len(), 5);
}

#[test]
fn runners_come_newest_first_and_only_active_ones() {
    let mut emulator = unlimited(100);
    let (_, page) = ask(&mut emulator, "/v1/managed-runner?per_page=100");
    let runners = page["runners"].as_array().unwrap();
    assert!(runners.iter().all(|runner| runner["status"] == "active"));
    let created: Vec<_> = runners
        .iter()
        .map(|one| one["created_at"].as_str().unwrap())
        .collect();
    assert!(created.is_sorted_by(|newer, older| newer > older));
    assert!(
        emulator
            .runners
            .all()
            .any(|runner| runner.status == "disabled")
    );
}

#[test]
fn a_page_past_the_end_is_empty_and_knows_the_total() {
    let mut emulator = unlimited(25);
    for page in [
        "4",
        "1000000",
        "18446744073709551615",
        "99999999999999999999999999",
    ] {
        let answer = ask(&mut emulator, &format!("/v1/managed-runner?page={page}"));
        assert_eq!(
            answer,
            (200, json!({ "runners": [], "total": 25 })),
            "{page}"
        );
    }
}

#[test]
fn a_parameter_that_is_not_allowed_is_named() {
    let page = "page must be an integer of at least 1";
    let per_page = "per_page must be an integer from 1 to 100";
    let mut emulator = unlimited(5);
    for (query, message) in [
        ("page=0", page),
        ("page=-1", page),
        ("page=1.5", page),
        ("page=", page),
        ("page=two", page),
        ("page=%2B1", page),
        ("page=1%20", page),
        ("per_page=0", per_page),
        ("per_page=101", per_page),
        ("per_page=1e2", per_page),
        ("page=1&per_page=NaN", per_page),
    ] {
        let answer = ask(&mut emulator, &format!("/v1/managed-runner?{query}"));
        assert_eq!(
            answer,
            (400, json!({ "status": 400, "message": message })),
            "{query}"
        );
    }
}

#[test]
fn unknown_parameters_are_skipped_and_encoded_ones_are_read() {
    let mut emulator = unlimited(5);
    assert_eq!(
        ids(&mut emulator, "/v1/managed-runner?sort=name&per%5Fpage=%33").len(),
        3
    );
}

#[test]
fn a_runner_has_its_own_path_even_when_it_is_disabled() {
    let mut emulator = unlimited(20);
    let all: Vec<_> = emulator.runners.all().cloned().collect();
    for runner in all {
        let own = format!("/v1/managed-runner/{}", runner.id);
        assert_eq!(
            ask(&mut emulator, &own),
            (200, serde_json::to_value(&runner).unwrap())
        );
        let upper = format!("/v1/managed-runner/{}", runner.id.to_uppercase());
        assert_eq!(ask(&mut emulator, &upper).0, 200);
    }
}

#[test]
fn what_is_not_there_answers_in_the_documented_body() {
    let missing = (
        404,
        json!({ "status": 404, "message": "requested entity not found" }),
    );
    let mut emulator = unlimited(5);
    for path in [
        "/v1/managed-runner/00000000-0000-0000-0000-000000000000",
        "/v1/managed-runners",
        "/v1/other",
    ] {
        assert_eq!(ask(&mut emulator, path), missing, "{path}");
    }
    for id in ["", "7", "00000000-0000-0000-0000-00000000000g", "a/b"] {
        let answer = ask(&mut emulator, &format!("/v1/managed-runner/{id}"));
        let expected = json!({ "status": 400, "message": "id must be a UUID" });
        assert_eq!(answer, (400, expected), "{id}");
    }
}

#[test]
fn other_methods_are_refused() {
    let mut emulator = unlimited(5);
    for method in ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] {
        for path in ["/v1/managed-runner", "/v1/managed-runner/1"] {
            let reply = emulator.handle(&Request::new(method, path), Duration::ZERO);
            assert_eq!((reply.status, reply.header("allow")), (405, Some("GET")));
            assert_eq!(json(&reply)["message"], "method not allowed");
        }
    }
}

#[test]
fn a_tier_sees_its_own_runners_alone() {
    let mut emulator = unlimited(90);
    let mut pro = emulator.runners.listed(Tier::Pro).into_iter();
    let pro = pro
        .find(|runner| runner.runner_type == "pro")
        .unwrap()
        .id
        .clone();
    let plus_runners = emulator.runners.listed(Tier::Plus).len();
    assert!((10..50).contains(&plus_runners));
    for (tier, total, status) in [
        ("plus", plus_runners, 404),
        ("pro", 90, 200),
        ("enterprise", 90, 200),
    ] {
        steered(&mut emulator, "PATCH settings", json!({ "tier": tier }));
        assert_eq!(ask(&mut emulator, "/v1/managed-runner").1["total"], total);
        assert_eq!(
            ask(&mut emulator, &format!("/v1/managed-runner/{pro}")).0,
            status
        );
    }
}

#[test]
fn a_backend_in_between_puts_the_token_in() {
    let mut emulator = unlimited(5);
    let through = Request::get("/proxy/v1/managed-runner?per_page=2");
    let reply = emulator.handle(&through, Duration::ZERO);
    assert_eq!((reply.status, &json(&reply)["total"]), (200, &json!(5)));
    let with_another = through.with("authorization", "Bearer cfc_expired");
    assert_eq!(emulator.handle(&with_another, Duration::ZERO).status, 200);
    let unknown = emulator.handle(&get("/proxy/v2"), Duration::ZERO);
    assert_eq!(unknown.status, 404);
}
