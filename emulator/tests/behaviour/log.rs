//! What the emulator remembers of the requests.

use comfycontrol_emulator::Request;
use comfycontrol_emulator::log::{KEPT, Outcome};
use serde_json::{Value, json};

use crate::support::{emulator, get, ms, steered, unlimited};

#[test]
fn a_request_is_remembered_with_its_time_and_its_end_but_without_its_token() {
    let mut emulator = emulator(5);
    let request = get("/v1/managed-runner?page=2&per_page=7").with("accept", "application/json");
    let reply = emulator.handle(&request, std::time::Duration::from_micros(1500));
    let log = steered(&mut emulator, "GET log", Value::Null);
    let mut expected = json!([{
        "id": 0, "atMs": 1.5, "method": "GET", "path": "/v1/managed-runner", "query": "page=2&per_page=7",
        "headers": ["authorization", "accept"], "status": 200, "outcome": "open",
    }]);
    assert_eq!(log, expected);
    assert_eq!(emulator.log.in_flight, 1);
    emulator.log.finished(reply.request.unwrap(), Outcome::Sent);
    expected[0]["outcome"] = json!("sent");
    assert_eq!(steered(&mut emulator, "GET log", Value::Null), expected);
    assert_eq!((emulator.log.in_flight, emulator.log.max_in_flight), (0, 1));
}

#[test]
fn the_fullest_window_counts_what_was_refused_too() {
    let mut emulator = emulator(5);
    for time in [0, 0, 100, 9_999, 10_000, 10_099, 25_000] {
        emulator.handle(&get("/v1/managed-runner"), ms(time));
    }
    assert_eq!(emulator.log.max_starts_in_window, 4);
    for _ in 0..100 {
        emulator.handle(&get("/v1/managed-runner"), ms(40_000));
    }
    assert_eq!(emulator.log.max_starts_in_window, 100);
    assert_eq!((emulator.log.requests, emulator.log.refused), (107, 60));
}

#[test]
fn requests_that_were_in_flight_together_are_counted() {
    let mut emulator = unlimited(5);
    let mut start = || {
        emulator
            .handle(&get("/v1/managed-runner"), ms(0))
            .request
            .unwrap()
    };
    let open = [start(), start(), start()];
    emulator.log.finished(open[1], Outcome::Aborted);
    emulator.log.finished(open[0], Outcome::Cut);
    emulator.handle(&get("/v1/managed-runner"), ms(0));
    let log = &emulator.log;
    assert_eq!((log.in_flight, log.max_in_flight, log.aborted), (2, 3, 1));
    let outcomes: Vec<_> = log.entries().iter().map(|entry| entry.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Cut, Outcome::Aborted, Outcome::Open, Outcome::Open]
    );
}

#[test]
fn clearing_keeps_what_is_open() {
    let mut emulator = unlimited(5);
    let open = emulator
        .handle(&get("/v1/managed-runner"), ms(0))
        .request
        .unwrap();
    steered(&mut emulator, "DELETE log", Value::Null);
    assert_eq!(steered(&mut emulator, "GET log", Value::Null), json!([]));
    assert_eq!((emulator.log.requests, emulator.log.in_flight), (0, 1));
    let next = emulator
        .handle(&Request::get("/v1/managed-runner"), ms(1))
        .request
        .unwrap();
    assert!(next > open);
    emulator.log.finished(open, Outcome::Sent);
    assert_eq!(
        emulator.log.entries()[0].outcome,
        Outcome::Open,
        "that is another request"
    );
    assert_eq!(emulator.log.in_flight, 1);
}

#[test]
fn only_the_latest_requests_are_kept_and_all_are_counted() {
    let mut emulator = unlimited(1);
    for _ in 0..KEPT + 5 {
        emulator.handle(&get("/v1/managed-runner"), ms(0));
    }
    let log = steered(&mut emulator, "GET log", Value::Null);
    assert_eq!(log.as_array().unwrap().len(), KEPT);
    assert_eq!(log[0]["id"], 5);
    assert_eq!(emulator.log.requests as usize, KEPT + 5);
}
