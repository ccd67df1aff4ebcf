//! Scripted faults, each as the pure library decides it.

use std::time::Duration;

use comfycontrol_emulator::{Delivery, End, Position, Reply, Request};
use serde_json::{Value, json};

use crate::support::{get, json, ms, steer, steered, unlimited};

const LIST: &str = "/v1/managed-runner";

/// The list's answer under this fault, and without one.
fn under(fault: Value) -> (Reply, Reply) {
    let mut emulator = unlimited(5);
    steered(&mut emulator, "POST faults", fault);
    let faulty = emulator.handle(&get(LIST), ms(0));
    (faulty, emulator.handle(&get(LIST), ms(0)))
}

#[test]
fn a_fault_can_replace_the_answer() {
    let html = "text/html; charset=utf-8";
    for (fault, status, content_type, body) in [
        (
            json!({ "status": 503 }),
            503,
            Some("application/json"),
            r#"{"status":503,"message":"service unavailable"}"#,
        ),
        (
            json!({ "status": 520, "message": "origin said \"no\"" }),
            520,
            Some("application/json"),
            r#"{"status":520,"message":"origin said \"no\""}"#,
        ),
        (
            json!({ "status": 599 }),
            599,
            Some("application/json"),
            r#"{"status":599,"message":"error"}"#,
        ),
        (json!({ "html": true }), 200, Some(html), "<!doctype html>"),
        (
            json!({ "status": 502, "html": true }),
            502,
            Some(html),
            "<!doctype html>",
        ),
        (json!({ "empty": true }), 200, None, ""),
        (json!({ "empty": true, "status": 504 }), 504, None, ""),
        (
            json!({ "body": "{\"runners\":[" }),
            200,
            Some("application/json"),
            "{\"runners\":[",
        ),
        (
            json!({ "body": [123, 125], "status": 418 }),
            418,
            Some("application/json"),
            "{}",
        ),
        (
            json!({ "body": "no", "contentType": "text/plain" }),
            200,
            Some("text/plain"),
            "no",
        ),
    ] {
        let (reply, after) = under(fault.clone());
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, content_type),
            "{fault}"
        );
        let text = String::from_utf8(reply.body).unwrap();
        assert!(
            text == body || body.starts_with('<') && text.starts_with(body),
            "{text}"
        );
        assert_eq!(reply.delivery, Delivery::default());
        assert_eq!(after.status, 200);
    }
}

#[test]
fn any_bytes_can_be_sent() {
    let (reply, _) = under(json!({ "body": [0, 255, 254, 128] }));
    assert_eq!(reply.body, [0, 255, 254, 128]);
}

#[test]
fn headers_can_be_added_to_any_answer() {
    let date = "Wed, 21 Oct 2065 07:28:00 GMT";
    for (fault, name, value) in [
        (
            json!({ "status": 429, "retryAfter": 2 }),
            "retry-after",
            "2",
        ),
        (
            json!({ "status": 503, "retryAfter": date }),
            "retry-after",
            date,
        ),
        (json!({ "retryAfter": "soon" }), "retry-after", "soon"),
        (json!({ "headers": { "ETag": "\"7\"" } }), "etag", "\"7\""),
        (
            json!({ "contentType": "text/plain" }),
            "content-type",
            "text/plain",
        ),
        (
            json!({ "status": 302, "headers": { "Location": "/" } }),
            "location",
            "/",
        ),
    ] {
        let (reply, _) = under(fault.clone());
        assert_eq!(reply.header(name), Some(value), "{fault}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    }
    let (reply, _) = under(json!({ "status": 429 }));
    assert_eq!(reply.header("retry-after"), None);
}

#[test]
fn a_fault_can_break_the_delivery_of_the_real_answer() {
    let (whole, _) = under(json!({}));
    let half = whole.body.len() / 2;
    let end = |end| Delivery {
        end,
        ..Delivery::default()
    };
    for (fault, delivery) in [
        (
            json!({ "stall": "before-headers" }),
            end(End::Stall(Position::BeforeHeaders)),
        ),
        (
            json!({ "stall": "after-headers" }),
            end(End::Stall(Position::Body(0))),
        ),
        (
            json!({ "stall": "mid-body" }),
            end(End::Stall(Position::Body(half))),
        ),
        (json!({ "stall": 7 }), end(End::Stall(Position::Body(7)))),
        (
            json!({ "cut": "before-headers" }),
            end(End::Cut(Position::BeforeHeaders)),
        ),
        (
            json!({ "cut": "after-headers" }),
            end(End::Cut(Position::Body(0))),
        ),
        (
            json!({ "cut": "mid-body" }),
            end(End::Cut(Position::Body(half))),
        ),
        (
            json!({ "cut": 1_000_000 }),
            end(End::Cut(Position::Body(whole.body.len()))),
        ),
        (
            json!({ "latency": 300 }),
            Delivery {
                latency: ms(300),
                ..Delivery::default()
            },
        ),
        (
            json!({ "drip": 20 }),
            Delivery {
                drip: Some(ms(20)),
                ..Delivery::default()
            },
        ),
        (
            json!({ "latency": 1, "drip": 2, "cut": 3 }),
            Delivery {
                latency: ms(1),
                drip: Some(ms(2)),
                end: End::Cut(Position::Body(3)),
            },
        ),
    ] {
        let (reply, after) = under(fault.clone());
        assert_eq!(reply.delivery, delivery, "{fault}");
        assert_eq!((reply.status, &reply.body), (200, &whole.body));
        assert_eq!(after.delivery, Delivery::default());
    }
}

#[test]
fn a_truncated_body_declares_what_is_left_of_it() {
    let (whole, _) = under(json!({}));
    for (position, kept) in [
        (json!(20), 20),
        (json!("mid-body"), whole.body.len() / 2),
        (json!("after-headers"), 0),
        (json!(1_000_000), whole.body.len()),
    ] {
        let (reply, _) = under(json!({ "truncate": position }));
        assert_eq!(reply.body, whole.body[..kept]);
        assert_eq!(reply.delivery.end, End::Complete);
    }
    let (reply, _) = under(json!({ "truncate": 10, "cut": "mid-body" }));
    assert_eq!(reply.delivery.end, End::Cut(Position::Body(5)));
}

#[test]
fn every_answer_can_be_late_and_a_fault_can_be_on_time() {
    let mut emulator = unlimited(5);
    steered(&mut emulator, "PATCH settings", json!({ "latencyMs": 50 }));
    steered(
        &mut emulator,
        "POST faults",
        json!([{}, { "latency": 0 }, { "latency": 80 }, { "status": 500 }]),
    );
    let mut latency = || {
        emulator
            .handle(&get(LIST), ms(0))
            .delivery
            .latency
            .as_millis()
    };
    assert_eq!(
        [latency(), latency(), latency(), latency(), latency()],
        [50, 0, 80, 50, 50]
    );
}

#[test]
fn a_script_is_played_in_its_order_and_an_empty_fault_is_a_gap_in_it() {
    let mut emulator = unlimited(5);
    let script = json!([{ "status": 500 }, {}, { "status": 502, "times": 2 }, { "times": 2 }, { "status": 503 }]);
    steered(&mut emulator, "POST faults", script);
    steered(&mut emulator, "POST faults", json!({ "status": 504 }));
    let statuses: Vec<u16> = (0..9)
        .map(|_| emulator.handle(&get(LIST), ms(0)).status)
        .collect();
    assert_eq!(statuses, [500, 200, 502, 502, 200, 200, 503, 504, 200]);
    assert_eq!(emulator.log.faults, 8);
}

#[test]
fn a_fault_waits_for_the_request_it_concerns() {
    let mut emulator = unlimited(5);
    let own = "/v1/managed-runner/10f2d0d5-5343-4ca7-bc65-131871096ee9";
    let script = json!([{ "page": 3, "status": 503 }, { "path": own, "status": 504 }, { "page": 1, "status": 502 }]);
    steered(&mut emulator, "POST faults", script);
    for (request, status) in [
        (get("/v1/managed-runner?page=2"), 200),
        (get("/v1/managed-runner?per_page=5&page=3"), 503),
        (get("/v1/managed-runner?page=3"), 200),
        (get("/v1/managed-runner?page=x"), 400),
        (Request::get(&format!("/proxy{own}?page=1")), 504),
        (get("/v1/managed-runner"), 502),
        (get("/v1/managed-runner"), 200),
    ] {
        assert_eq!(
            emulator.handle(&request, ms(0)).status,
            status,
            "{request:?}"
        );
    }
    assert!(emulator.faults.is_empty());
}

#[test]
fn a_refused_request_takes_no_fault() {
    let mut emulator = unlimited(5);
    steered(&mut emulator, "POST faults", json!({ "status": 500 }));
    steered(&mut emulator, "POST cooldown", json!({ "ms": 10 }));
    assert_eq!(emulator.handle(&get(LIST), ms(9)).status, 429);
    assert_eq!(emulator.handle(&get(LIST), ms(10)).status, 500);
}

#[test]
fn a_fault_meets_requests_that_would_be_refused_too() {
    let mut emulator = unlimited(5);
    steered(
        &mut emulator,
        "POST faults",
        json!([{ "status": 500 }, { "latency": 9 }]),
    );
    assert_eq!(emulator.handle(&Request::get(LIST), ms(0)).status, 500);
    let late = emulator.handle(&Request::get(LIST), ms(0));
    assert_eq!((late.status, late.delivery.latency), (401, ms(9)));
}

#[test]
fn scripted_429s_are_not_the_limits_own() {
    let (reply, _) = under(json!({ "status": 429, "retryAfter": 1 }));
    assert_eq!(
        json(&reply),
        json!({ "status": 429, "message": "too many requests" })
    );
    let mut emulator = unlimited(5);
    steered(&mut emulator, "POST faults", json!({ "status": 429 }));
    emulator.handle(&get(LIST), Duration::ZERO);
    assert_eq!(emulator.log.refused, 0);
}

#[test]
fn a_script_that_cannot_be_played_is_refused_as_a_whole() {
    for (fault, message) in [
        (
            json!({ "html": true, "empty": true }),
            "give only one of message, html, empty and body",
        ),
        (
            json!({ "stall": 0, "cut": 0 }),
            "give only one of stall and cut",
        ),
        (json!({ "message": "no" }), "message needs a status"),
        (json!({ "times": 0 }), "times must be at least 1"),
        (
            json!({ "status": 101 }),
            "status must be from 200 to 599, not 101",
        ),
        (
            json!({ "truncate": "before-headers" }),
            "truncate keeps a number of bytes",
        ),
        (
            json!({ "headers": { "a b": "c" } }),
            "a b: \"c\" cannot be sent as a header",
        ),
        (
            json!({ "headers": { "a": "b\nc" } }),
            "a: \"b\\nc\" cannot be sent as a header",
        ),
        (
            json!({ "headers": { "a": "日本" } }),
            "a: '日' is above U+00FF, and cannot be sent in a header",
        ),
        (
            json!({ "contentType": "text/日" }),
            "content-type: '日' is above U+00FF",
        ),
        (
            json!({ "headers": { "Content-Length": "1" } }),
            "Content-Length: \"1\" cannot be sent",
        ),
        (
            json!({ "cut": "somewhere" }),
            "expected a number of bytes, \"before-headers\"",
        ),
        (
            json!({ "body": [256] }),
            "expected a text or a list of bytes",
        ),
        (json!({ "retryAfter": -1 }), "expected seconds or a text"),
        (json!({ "retry_after": 1 }), "unknown field `retry_after`"),
        (json!("cut"), "the body, number 1"),
    ] {
        let mut emulator = unlimited(5);
        let (status, answer) = steer(&mut emulator, "POST faults", json!([{}, fault]));
        assert_eq!(status, 400, "{fault}");
        let found = answer["message"].as_str().unwrap();
        assert!(found.contains(message), "{found}");
        assert!(emulator.faults.is_empty());
    }
}

#[test]
fn a_cooldown_refuses_this_request_and_the_next_ones() {
    let mut emulator = unlimited(5);
    let fault = json!({ "cooldown": 10_000, "retryAfter": 10 });
    steered(&mut emulator, "POST faults", fault);
    let first = emulator.handle(&get(LIST), ms(0));
    assert_eq!(
        (first.status, first.header("retry-after")),
        (429, Some("10"))
    );
    assert_eq!(emulator.handle(&get(LIST), ms(9_999)).status, 429);
    assert_eq!(emulator.handle(&get(LIST), ms(10_000)).status, 200);

    let fault = json!({ "cooldown": 10_000, "status": 503 });
    let (status, answer) = steer(&mut emulator, "POST faults", fault);
    assert_eq!(
        (status, &answer["message"]),
        (400, &json!("a cooldown answers 429"))
    );
}
