//! The real server: what a raw TCP client sees of it.

use std::io::{ErrorKind, Read, Write};
use std::time::Instant;

use comfycontrol_emulator::LimitRule;
use comfycontrol_emulator::server::Folders;
use serde_json::{Value, json};

use crate::support::{Running, emulator, ms, serve, unlimited};

const LIST: &str = "/v1/managed-runner?per_page=5";

fn server() -> Running {
    serve(unlimited(20), Folders::default())
}

/// A server whose next request meets this fault, and the body it would have had.
fn under(fault: Value) -> (Running, String) {
    let server = server();
    let whole = server.get(LIST).read().body;
    server.steer("POST faults", fault);
    (server, whole)
}

#[test]
fn the_api_is_served_with_its_headers() {
    let server = serve(unlimited(20), Folders::default());
    let answer = server.get(LIST).read();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        answer.header("access-control-expose-headers"),
        Some("Retry-After")
    );
    let page: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (page["runners"].as_array().unwrap().len(), &page["total"]),
        (5, &json!(20))
    );
    for (target, status) in [
        ("/v1/managed-runner?page=0", 400),
        (
            "/v1/managed-runner/00000000-0000-0000-0000-000000000000",
            404,
        ),
        ("/v1/other", 404),
        ("/elsewhere", 404),
        ("/proxy/v1/managed-runner", 200),
    ] {
        assert_eq!(server.get(target).read().status(), status, "{target}");
    }
    let refused =
        server.send("POST /v1/managed-runner HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    assert_eq!(refused.read().status(), 405);
}

#[test]
fn a_connection_serves_many_requests() {
    let server = server();
    let request = "GET /v1/managed-runner HTTP/1.1\r\nhost: here\r\n";
    let mut connection = server.send(&format!("{request}\r\n"));
    connection
        .0
        .write_all(format!("{request}connection: close\r\n\r\n").as_bytes())
        .unwrap();
    let both = connection.read();
    assert_eq!(both.status(), 401);
    assert_eq!(both.body.matches("Invalid token").count(), 2);
    server.wait_until(|stats| stats["requests"] == 2 && stats["connections"] == 1);
}

#[test]
fn a_browser_of_another_origin_is_let_in() {
    let preflight = "OPTIONS /v1/managed-runner HTTP/1.1\r\nhost: here\r\norigin: http://a.test\r\n\
        access-control-request-method: GET\r\naccess-control-request-headers: authorization\r\n\
        connection: close\r\n\r\n";
    let answer = server().send(preflight).read();
    assert_eq!(answer.status(), 204);
    assert_eq!(
        answer.header("access-control-allow-headers"),
        Some("Authorization")
    );
    assert_eq!(answer.body, "");
}

#[test]
fn a_connection_is_cut_before_the_headers() {
    let (server, _) = under(json!({ "cut": "before-headers" }));
    let mut connection = server.get(LIST);
    let mut bytes = Vec::new();
    let read = connection.0.read_to_end(&mut bytes);
    assert!(read.is_ok() || read.unwrap_err().kind() == ErrorKind::ConnectionReset);
    assert_eq!(bytes, b"");
    assert_eq!(
        server.get(LIST).read().status(),
        200,
        "the next one is served"
    );
    server.wait_until(|stats| stats["aborted"] == 0 && stats["inFlight"] == 0);
}

#[test]
fn a_connection_is_cut_in_the_body_so_that_its_declared_length_is_missed() {
    for (position, sent) in [
        (json!("after-headers"), (|_| 0) as fn(usize) -> usize),
        (json!("mid-body"), |length| length / 2),
        (json!(3), |_| 3),
    ] {
        let (server, whole) = under(json!({ "cut": position }));
        let answer = server.get(LIST).read();
        assert_eq!(answer.status(), 200);
        assert_eq!(
            answer.header("content-length"),
            Some(whole.len().to_string().as_str())
        );
        assert_eq!(answer.body, whole[..sent(whole.len())]);
        server.wait_until(|stats| stats["aborted"] == 0 && stats["inFlight"] == 0);
        assert_eq!(server.steer("GET log", Value::Null)[1]["outcome"], "cut");
    }
}

#[test]
fn an_empty_answer_can_be_cut_too() {
    let (server, _) = under(json!({ "empty": true, "cut": "mid-body" }));
    let answer = server.get(LIST).read();
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    assert_eq!(answer.body, "", "the last chunk never came");
}

#[test]
fn an_answer_stalls_and_the_client_that_leaves_is_noticed() {
    for (position, sent) in [
        (json!("after-headers"), (|_| 0) as fn(usize) -> usize),
        (json!("mid-body"), |length| length / 2),
        (json!(3), |_| 3),
    ] {
        let (server, whole) = under(json!({ "stall": position }));
        let expected = sent(whole.len());
        let mut connection = server.get(LIST);
        let answer = connection.read_until_silent(expected);
        assert_eq!((answer.status(), answer.body.len()), (200, expected));
        server.wait_until(|stats| stats["inFlight"] == 1 && stats["aborted"] == 0);
        drop(connection);
        server.wait_until(|stats| stats["inFlight"] == 0 && stats["aborted"] == 1);
        server.wait_until(|stats| stats["connections"] == 1);
    }
}

#[test]
fn a_client_that_leaves_before_the_headers_is_noticed() {
    for fault in [
        json!({ "stall": "before-headers" }),
        json!({ "latency": 3_600_000 }),
    ] {
        let (server, _) = under(fault);
        let connection = server.get(LIST);
        server.wait_until(|stats| stats["inFlight"] == 1);
        drop(connection);
        server.wait_until(|stats| stats["inFlight"] == 0 && stats["aborted"] == 1);
        assert_eq!(
            server.steer("GET log", Value::Null)[1]["outcome"],
            "aborted"
        );
    }
}

#[test]
fn a_client_that_leaves_a_dripping_answer_is_noticed() {
    let (server, _) = under(json!({ "drip": 1 }));
    let mut connection = server.get(LIST);
    connection.0.read_exact(&mut [0; 200]).unwrap();
    drop(connection);
    server.wait_until(|stats| stats["inFlight"] == 0 && stats["aborted"] == 1);
}

#[test]
fn a_dripping_answer_comes_byte_by_byte() {
    let (server, whole) = under(json!({ "drip": 5, "truncate": 20 }));
    let asked = Instant::now();
    let answer = server.get(LIST).read();
    assert!(asked.elapsed() >= ms(100), "{:?}", asked.elapsed());
    assert_eq!(answer.header("content-length"), Some("20"));
    assert_eq!(answer.body, whole[..20]);
    server.wait_until(|stats| stats["inFlight"] == 0 && stats["aborted"] == 0);
}

#[test]
fn an_answer_is_late() {
    let (server, whole) = under(json!({ "latency": 60 }));
    let asked = Instant::now();
    assert_eq!(server.get(LIST).read().body, whole);
    assert!(asked.elapsed() >= ms(60), "{:?}", asked.elapsed());
}

#[test]
fn answers_without_a_body_are_whole() {
    for status in [204, 205, 304] {
        let (server, _) = under(json!({ "status": status, "stall": "mid-body" }));
        let answer = server.get(LIST).read();
        assert_eq!((answer.status(), answer.body.as_str()), (status, ""));
        server.wait_until(|stats| stats["inFlight"] == 0 && stats["aborted"] == 0);
    }
}

#[test]
fn a_request_for_the_headers_alone_is_refused_without_a_body() {
    let server = server();
    let head = "HEAD /v1/managed-runner HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
    let answer = server.send(head).read();
    assert_eq!((answer.status(), answer.body.as_str()), (405, ""));
    server.wait_until(|stats| stats["inFlight"] == 0 && stats["aborted"] == 0);
}

#[test]
fn an_answer_of_many_megabytes_arrives() {
    let (server, _) = under(json!({ "body": "x".repeat(20 << 20) }));
    assert_eq!(server.get(LIST).read().body.len(), 20 << 20);
}

#[test]
fn the_limit_counts_arrivals_however_long_the_answers_take() {
    let mut emulator = emulator(5);
    emulator.settings.limit = Some(LimitRule {
        requests: 2,
        window_ms: 600_000,
    });
    let server = serve(emulator, Folders::default());
    server.steer("POST faults", json!({ "latency": 3_600_000, "times": 2 }));
    let _waiting = [server.get(LIST), server.get(LIST)];
    server.wait_until(|stats| stats["inFlight"] == 2);
    let refused = server.get(LIST).read();
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    server.wait_until(|stats| stats["refused"] == 1 && stats["maxStartsInWindow"] == 3);
}

#[test]
fn a_scaled_window_lets_requests_through_again() {
    let mut emulator = emulator(5);
    emulator.settings.limit = Some(LimitRule {
        requests: 2,
        window_ms: 300,
    });
    let server = serve(emulator, Folders::default());
    let started = Instant::now();
    while server.get(LIST).read().status() == 200 {}
    while server.get(LIST).read().status() == 429 {
        assert!(started.elapsed() < ms(20_000), "the cooldown ends");
    }
    assert!(started.elapsed() >= ms(300), "{:?}", started.elapsed());
}

#[test]
fn the_control_interface_says_what_is_wrong() {
    let answer = server().steer("POST faults", json!({ "cuts": 1 }));
    assert_eq!(answer["status"], 400);
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("unknown field `cuts`"), "{message}");
}
