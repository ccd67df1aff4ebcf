//! The control interface itself.

use std::time::Duration;

use comfycontrol_emulator::{Request, Settings, Tier};
use serde_json::{Value, json};

use crate::support::{ask, emulator, get, ms, steer, steered};

#[test]
fn the_state_says_everything_at_a_glance() {
    let mut emulator = emulator(90);
    steered(&mut emulator, "POST faults", json!([{}, {}]));
    steered(
        &mut emulator,
        "POST schedule",
        json!({ "after": 9, "changes": {} }),
    );
    emulator.settings.tier = Tier::Plus;
    let visible = emulator.runners.listed(Tier::Plus).len();
    let state = steered(&mut emulator, "GET state", Value::Null);
    assert_eq!(
        state,
        json!({
            "nowMs": 0,
            "settings": {
                "tier": "plus", "token": "cfc_demo", "expiredToken": "cfc_expired",
                "limit": { "requests": 40, "windowMs": 10000 },
                "retryAfter": "none", "latencyMs": 0, "timestamps": "calendar", "cors": true,
            },
            "runners": { "all": 101, "listed": 90, "total": visible },
            "stats": {
                "requests": 0, "listReads": 0, "refused": 0, "faults": 0, "preflights": 0, "aborted": 0,
                "maxStartsInWindow": 0, "inFlight": 0, "maxInFlight": 0, "connections": 0,
            },
            "cooldownMs": 0,
            "faults": 2,
            "scheduled": 1,
        })
    );
}

#[test]
fn settings_change_one_by_one_and_wrong_ones_not_at_all() {
    let mut emulator = emulator(5);
    let changed = steered(
        &mut emulator,
        "PATCH settings",
        json!({ "limit": { "requests": 2, "windowMs": 5 } }),
    );
    assert_eq!(changed["tier"], "pro");
    assert_eq!(changed, steered(&mut emulator, "GET settings", Value::Null));
    let before = emulator.settings.clone();
    for (settings, message) in [
        (
            json!({ "tier": "gold" }),
            "unknown variant `gold`, expected one of `free`",
        ),
        (
            json!({ "tiers": "free" }),
            "unknown field `tiers`, expected one of `tier`",
        ),
        (
            json!({ "limit": { "requests": 0, "windowMs": 5 } }),
            "limit: requests and windowMs must be at least 1",
        ),
        (
            json!({ "limit": { "requests": 5 } }),
            "missing field `windowMs`",
        ),
        (json!({ "latencyMs": -1 }), "expected u64"),
        (json!([]), "the body: invalid type"),
        (Value::Null, "the body: EOF"),
    ] {
        let (status, answer) = steer(&mut emulator, "PATCH settings", settings);
        assert_eq!(status, 400);
        assert!(
            answer["message"].as_str().unwrap().contains(message),
            "{answer}"
        );
        assert_eq!(emulator.settings, before);
    }
}

#[test]
fn a_reset_goes_back_to_the_start() {
    let mut emulator = emulator(30);
    for (call, body) in [
        (
            "PATCH settings",
            json!({ "tier": "plus", "limit": null, "latencyMs": 9 }),
        ),
        ("POST runners", json!({ "remove": [0, 1], "add": 7 })),
        ("POST faults", json!({ "status": 500, "times": 99 })),
        (
            "POST schedule",
            json!({ "after": 1, "changes": { "add": 1 } }),
        ),
        ("POST cooldown", json!({ "ms": 99_999 })),
    ] {
        steered(&mut emulator, call, body);
    }
    let open = emulator.handle(&get("/v1/managed-runner"), ms(0));
    assert_eq!(open.status, 429);
    let state = steered(&mut emulator, "POST reset", Value::Null);
    assert_eq!(emulator.settings, Settings::default());
    assert_eq!(state["runners"]["listed"], 30);
    assert_eq!(
        (&state["faults"], &state["scheduled"], &state["cooldownMs"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(state["stats"]["requests"], 0);
    assert_eq!(state["stats"]["inFlight"], 1, "what is open stays open");
    assert_eq!(ask(&mut emulator, "/v1/managed-runner").1["total"], 30);
    let state = steered(&mut emulator, "POST reset", json!({ "runners": 4000 }));
    assert_eq!(state["runners"]["total"], 4000);
}

#[test]
fn scripts_can_be_looked_at_and_thrown_away() {
    let mut emulator = emulator(5);
    steered(
        &mut emulator,
        "POST faults",
        json!({ "cut": "mid-body", "retryAfter": 3 }),
    );
    let faults = steered(&mut emulator, "GET faults", Value::Null);
    assert_eq!(
        (&faults[0]["cut"], &faults[0]["retryAfter"]),
        (&json!("mid-body"), &json!(3))
    );
    assert_eq!(
        steered(&mut emulator, "DELETE faults", Value::Null)["faults"],
        0
    );
    steered(
        &mut emulator,
        "POST schedule",
        json!({ "after": 2, "changes": { "add": 1 } }),
    );
    let schedule = steered(&mut emulator, "GET schedule", Value::Null);
    assert_eq!(schedule["waiting"][0]["changes"]["add"], 1);
    assert_eq!(
        steered(&mut emulator, "DELETE schedule", Value::Null)["scheduled"],
        0
    );
}

#[test]
fn an_unknown_call_names_those_there_are() {
    let mut emulator = emulator(5);
    for call in ["GET nothing", "PUT runners", "POST "] {
        let (status, answer) = steer(&mut emulator, call, Value::Null);
        assert_eq!(status, 404);
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains("GET state"), "{message}");
    }
}

#[test]
fn pages_of_this_machine_may_call_it_and_no_others() {
    let mut emulator = emulator(5);
    for (origin, allowed) in [
        ("http://127.0.0.1:5173", true),
        ("http://localhost", true),
        ("https://[::1]:8080", true),
        ("https://example.com", false),
        ("http://localhost.example.com", false),
        ("http://127.0.0.1.example.com:80", false),
        ("null", false),
    ] {
        for method in ["GET", "OPTIONS"] {
            let request = Request::new(method, "/__control/state").with("origin", origin);
            let reply = emulator.handle(&request, Duration::ZERO);
            assert_eq!(reply.status != 403, allowed, "{origin}");
            let header = reply.header("access-control-allow-origin");
            assert_eq!(header, allowed.then_some(origin));
        }
    }
}

#[test]
fn a_preflight_of_the_api_allows_the_token_and_no_other_header() {
    let mut emulator = emulator(5);
    let preflight = Request::new("OPTIONS", "/v1/managed-runner")
        .with("origin", "https://example.com")
        .with("access-control-request-method", "GET")
        .with("access-control-request-headers", "authorization");
    let reply = emulator.handle(&preflight, Duration::ZERO);
    assert_eq!(reply.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET"),
        ("access-control-allow-headers", "Authorization"),
    ] {
        assert_eq!(reply.header(name), Some(value));
    }
    let reply = emulator.handle(&get("/v1/managed-runner"), Duration::ZERO);
    assert_eq!(
        reply.header("access-control-expose-headers"),
        Some("Retry-After")
    );

    steered(&mut emulator, "PATCH settings", json!({ "cors": false }));
    assert_eq!(emulator.handle(&preflight, Duration::ZERO).status, 405);
    let reply = emulator.handle(&get("/v1/managed-runner"), Duration::ZERO);
    assert_eq!(
        (reply.status, reply.header("access-control-allow-origin")),
        (200, None)
    );
}
