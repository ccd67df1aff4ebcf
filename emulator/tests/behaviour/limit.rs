//! The rate limit and its cooldown, on a fake clock.

use std::net::Ipv4Addr;
use std::time::Duration;

use comfycontrol_emulator::{Emulator, LimitRule, Request, RetryAfter};
use serde_json::json;

use crate::support::{emulator, get, json, ms, steered};

/// The status of a request at this time.
fn at(emulator: &mut Emulator, time: Duration) -> u16 {
    emulator.handle(&get("/v1/managed-runner"), time).status
}

fn rule(emulator: &Emulator) -> LimitRule {
    emulator.settings.limit.expect("a limit")
}

#[test]
fn forty_requests_are_served_and_the_next_one_is_refused() {
    let mut emulator = emulator(5);
    assert_eq!(
        rule(&emulator),
        LimitRule {
            requests: 40,
            window_ms: 10_000
        }
    );
    for _ in 0..40 {
        assert_eq!(at(&mut emulator, ms(3)), 200);
    }
    let refused = emulator.handle(&get("/v1/managed-runner"), ms(9_999));
    assert_eq!(refused.status, 429);
    assert_eq!(
        json(&refused),
        json!({ "status": 429, "message": "rate limit exceeded" })
    );
    assert_eq!(emulator.log.refused, 1);
}

#[test]
fn the_window_slides_and_its_end_no_longer_belongs_to_it() {
    let mut emulator = emulator(5);
    for request in 0..40 {
        assert_eq!(at(&mut emulator, ms(request * 100)), 200);
    }
    // One place comes free with every request that is a window old, on the very microsecond.
    for request in 0..40 {
        assert_eq!(at(&mut emulator, ms(10_000 + request * 100)), 200);
    }
    assert_eq!(
        at(&mut emulator, ms(20_000) - Duration::from_micros(1)),
        429
    );
}

#[test]
fn going_over_starts_a_cooldown_of_one_window_in_which_nothing_is_served() {
    for scaled in [
        LimitRule::default(),
        LimitRule {
            requests: 40,
            window_ms: 500,
        },
    ] {
        let mut emulator = emulator(5);
        emulator.settings.limit = Some(scaled);
        let (window, over) = (scaled.window(), scaled.window() / 2);
        for _ in 0..40 {
            assert_eq!(at(&mut emulator, ms(0)), 200);
        }
        assert_eq!(at(&mut emulator, over), 429);
        // The window is empty long before the cooldown ends, and what is refused does not lengthen it.
        assert_eq!(at(&mut emulator, window), 429);
        assert_eq!(
            at(&mut emulator, over + window - Duration::from_nanos(1)),
            429
        );
        for _ in 0..40 {
            assert_eq!(at(&mut emulator, over + window), 200);
        }
        assert_eq!(at(&mut emulator, over + window), 429);
        assert_eq!(emulator.log.refused, 4);
    }
}

#[test]
fn whatever_is_asked_counts() {
    let mut emulator = emulator(5);
    emulator.settings.limit = Some(LimitRule {
        requests: 5,
        window_ms: 1000,
    });
    steered(
        &mut emulator,
        "POST faults",
        json!({ "status": 500, "path": "/v1/managed-runner" }),
    );
    for (request, status) in [
        (get("/v1/managed-runner"), 500),
        (get("/v1/managed-runner?page=0"), 400),
        (get("/v1/elsewhere"), 404),
        (Request::get("/v1/managed-runner"), 401),
        (Request::new("POST", "/v1/managed-runner"), 405),
        (Request::get("/proxy/v1/managed-runner"), 429),
    ] {
        assert_eq!(emulator.handle(&request, ms(1)).status, status);
    }
}

#[test]
fn preflights_and_the_control_interface_do_not_count() {
    let mut emulator = emulator(5);
    emulator.settings.limit = Some(LimitRule {
        requests: 1,
        window_ms: 1000,
    });
    let preflight =
        Request::new("OPTIONS", "/v1/managed-runner").with("access-control-request-method", "GET");
    for _ in 0..10 {
        assert_eq!(emulator.handle(&preflight, ms(0)).status, 204);
        steered(&mut emulator, "GET state", json!(null));
    }
    assert_eq!(at(&mut emulator, ms(0)), 200);
    assert_eq!(at(&mut emulator, ms(0)), 429);
    assert_eq!(emulator.handle(&preflight, ms(1)).status, 204);
    assert_eq!(emulator.log.preflights, 11);
}

#[test]
fn each_client_address_has_its_own_window() {
    let mut emulator = emulator(5);
    emulator.settings.limit = Some(LimitRule {
        requests: 1,
        window_ms: 1000,
    });
    let other = Request {
        from: Ipv4Addr::new(127, 0, 0, 2).into(),
        ..get("/v1/managed-runner")
    };
    assert_eq!(at(&mut emulator, ms(0)), 200);
    assert_eq!(at(&mut emulator, ms(0)), 429);
    assert_eq!(emulator.handle(&other, ms(0)).status, 200);
}

#[test]
fn other_clients_can_use_the_limit_up() {
    for limit in [json!(null), json!({ "requests": 40, "windowMs": 500 })] {
        let mut emulator = emulator(5);
        steered(&mut emulator, "PATCH settings", json!({ "limit": limit }));
        let state = steered(&mut emulator, "POST cooldown", json!({ "ms": 700 }));
        assert_eq!(state["cooldownMs"], 700);
        assert_eq!(at(&mut emulator, ms(0)), 429);
        assert_eq!(at(&mut emulator, ms(699)), 429);
        assert_eq!(at(&mut emulator, ms(700)), 200);
        steered(&mut emulator, "POST cooldown", json!({ "ms": 9999 }));
        assert_eq!(at(&mut emulator, ms(701)), 429);
        steered(&mut emulator, "POST cooldown", json!({ "ms": 0 }));
        assert_eq!(at(&mut emulator, ms(702)), 200);
    }
}

#[test]
fn a_refusal_says_when_to_come_back_in_the_form_it_is_told() {
    for (form, over, later) in [
        (RetryAfter::None, None, None),
        (RetryAfter::Seconds, Some("10"), Some("1")),
        (
            RetryAfter::Date,
            Some("Thu, 01 Jan 1970 00:00:10 GMT"),
            Some("Thu, 01 Jan 1970 00:00:10 GMT"),
        ),
    ] {
        let mut emulator = emulator(5);
        emulator.settings.retry_after = form;
        for _ in 0..40 {
            at(&mut emulator, ms(0));
        }
        let reply = emulator.handle(&get("/v1/managed-runner"), ms(0));
        assert_eq!((reply.status, reply.header("retry-after")), (429, over));
        let reply = emulator.handle(&get("/v1/managed-runner"), ms(9_001));
        assert_eq!((reply.status, reply.header("retry-after")), (429, later));
    }
}

#[test]
fn the_limit_can_be_turned_off() {
    let mut emulator = emulator(5);
    steered(&mut emulator, "PATCH settings", json!({ "limit": null }));
    for _ in 0..1000 {
        assert_eq!(at(&mut emulator, ms(0)), 200);
    }
    assert_eq!(emulator.log.refused, 0);
}
