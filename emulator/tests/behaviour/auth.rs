//! Tokens and tiers.

use std::time::Duration;

use comfycontrol_emulator::Request;
use serde_json::json;

use crate::support::{ask, json, steered, unlimited};

const PATHS: [&str; 2] = [
    "/v1/managed-runner",
    "/v1/managed-runner/10f2d0d5-5343-4ca7-bc65-131871096ee9",
];

#[test]
fn a_request_without_the_right_token_is_unauthorized() {
    let mut emulator = unlimited(5);
    for (authorization, message) in [
        (None, "Invalid token"),
        (Some(""), "Invalid token"),
        (Some("cfc_demo"), "Invalid token"),
        (Some("Bearer"), "Invalid token"),
        (Some("Bearer "), "Invalid token"),
        (Some("Bearer cfc_other"), "Invalid token"),
        (Some("Bearer cfc_demo2"), "Invalid token"),
        (Some("Basic cfc_demo"), "Invalid token"),
        (Some("Bearer cfc_expired"), "Token has expired"),
    ] {
        for path in PATHS {
            let mut request = Request::get(path);
            if let Some(value) = authorization {
                request = request.with("authorization", value);
            }
            let reply = emulator.handle(&request, Duration::ZERO);
            assert_eq!(reply.status, 401, "{authorization:?}");
            assert_eq!(json(&reply), json!({ "status": 401, "message": message }));
        }
    }
}

#[test]
fn the_scheme_is_the_same_in_any_case() {
    let mut emulator = unlimited(5);
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let request = Request::get(PATHS[0]).with("authorization", &format!("{scheme} cfc_demo"));
        assert_eq!(emulator.handle(&request, Duration::ZERO).status, 200);
    }
}

#[test]
fn a_token_is_checked_before_the_tier_and_the_tier_before_the_parameters() {
    let mut emulator = unlimited(5);
    steered(&mut emulator, "PATCH settings", json!({ "tier": "free" }));
    let forbidden = json!({ "status": 403, "message": "Managed runners require Pro or Plus tier" });
    for path in PATHS.into_iter().chain(["/v1/managed-runner?page=0"]) {
        assert_eq!(ask(&mut emulator, path), (403, forbidden.clone()));
        assert_eq!(
            emulator.handle(&Request::get(path), Duration::ZERO).status,
            401
        );
    }
}

#[test]
fn a_token_can_be_exchanged_while_the_emulator_runs() {
    let mut emulator = unlimited(5);
    let settings = json!({ "token": "cfc_new", "expiredToken": "cfc_demo" });
    steered(&mut emulator, "PATCH settings", settings);
    assert_eq!(
        ask(&mut emulator, PATHS[0]).1["message"],
        "Token has expired"
    );
    let new = Request::get(PATHS[0]).with("authorization", "Bearer cfc_new");
    assert_eq!(emulator.handle(&new, Duration::ZERO).status, 200);
}

#[test]
fn without_an_expired_token_none_has_expired() {
    let mut emulator = unlimited(5);
    let settings = json!({ "expiredToken": null });
    steered(&mut emulator, "PATCH settings", settings);
    for request in [
        Request::get(PATHS[0]),
        Request::get(PATHS[0]).with("authorization", "Bearer cfc_expired"),
    ] {
        let reply = emulator.handle(&request, Duration::ZERO);
        assert_eq!(json(&reply)["message"], "Invalid token");
    }
}

#[test]
fn without_a_token_to_check_everybody_is_let_through() {
    let mut emulator = unlimited(5);
    steered(&mut emulator, "PATCH settings", json!({ "token": null }));
    for request in [
        Request::get(PATHS[0]),
        Request::get(PATHS[0]).with("authorization", "Bearer cfc_expired"),
        Request::get("/proxy/v1/managed-runner"),
    ] {
        assert_eq!(emulator.handle(&request, Duration::ZERO).status, 200);
    }
}
