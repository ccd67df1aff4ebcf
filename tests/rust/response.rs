use comfycontrol_decode::{Body, MAX_LEN, Options, read_page};
use comfycontrol_runners::error::{ErrorCode, Failure};
use comfycontrol_runners::response::{Head, MAX_BODY_BYTES, bad_body, error_status, too_large};
use comfycontrol_runners::retry::{Cause, FailedAttempt};

const RUNNER: &str = concat!(
    r#"{"id":"018f9c3e-0000-7000-8000-00000000000a","name":"a","#,
    r#""runner_type":"pro","status":"active","tags":["a"],"#,
    r#""created_at":"2024-01-15T10:30:00Z","updated_at":"2024-01-15T10:30:00Z"}"#
);

fn head(status: u16) -> Head {
    Head {
        status,
        content_type: Some("application/json".to_owned()),
        ..Head::default()
    }
}

/// An answer 200 with this bad body.
#[track_caller]
fn bad(body: &[u8]) -> (Failure, FailedAttempt) {
    let body = Body::from(body);
    let problem = read_page(&body, Options::default()).expect_err("a bad body");
    bad_body("/x", &head(200), &body, &problem)
}

/// A `Date.parse` for tests without dates.
fn no_date(_: &str) -> f64 {
    f64::NAN
}

#[test]
fn bad_bodies_say_where_and_what() {
    let page = |runner: &str| format!(r#"{{"runners":[{runner}],"total":1}}"#);
    let other = |from: &str, to: &str| page(&RUNNER.replace(from, to));
    let total = "an integer from 0 to 9007199254740991";
    let cases = [
        (
            r#"{"runners":[]}"#.to_owned(),
            "total",
            total,
            "nothing (the member is missing)",
        ),
        (
            r#"{"runners":[],"total":1.5}"#.to_owned(),
            "total",
            total,
            "1.5",
        ),
        (
            r#"{"runners":[],"total":"1"}"#.to_owned(),
            "total",
            total,
            "\"1\"",
        ),
        (
            r#"{"runners":[],"total":true}"#.to_owned(),
            "total",
            total,
            "true",
        ),
        (
            r#"{"total":1}"#.to_owned(),
            "runners",
            "an array",
            "nothing (the member is missing)",
        ),
        (
            r#"{"runners":{},"total":1}"#.to_owned(),
            "runners",
            "an array",
            "an object",
        ),
        (
            r#"{"runners":false,"total":1}"#.to_owned(),
            "runners",
            "an array",
            "false",
        ),
        (page("null"), "runners[0]", "an object", "null"),
        (
            other(r#"["a"]"#, r#"["a",7]"#),
            "runners[0].tags[1]",
            "a string",
            "7",
        ),
        (
            other("018f9c3e-", ""),
            "runners[0].id",
            "a UUID",
            "\"0000-7000-8000-00000000000a\"",
        ),
        (
            other("T10", " 10"),
            "runners[0].created_at",
            "an RFC 3339 date-time",
            "\"2024-01-15 10:30:00Z\"",
        ),
        ("[]".to_owned(), "", "an object", "an array"),
        (
            "<!DOCTYPE html>".to_owned(),
            "",
            "JSON",
            "`<!DOCTYPE html>`",
        ),
    ];
    for (body, path, expected, found) in cases {
        let (failure, attempt) = bad(body.as_bytes());
        assert_eq!(failure.code, ErrorCode::InvalidResponse);
        assert_eq!(failure.status, Some(200));
        assert_eq!(failure.path.as_deref(), Some(path));
        let issue = &failure.issues[0];
        assert_eq!(
            (issue.path.as_str(), issue.expected, issue.found.as_str()),
            (path, expected, found),
            "{body}"
        );
        assert_eq!(attempt, FailedAttempt::default(), "{body}");
    }
}

#[test]
fn bodies_that_are_no_text_or_too_long_say_so() {
    for (body, expected) in [
        (Body::from(&b"\xff"[..]), "UTF-8"),
        // The operating system allocates these zeros only when they are read.
        (Body::with_len(MAX_LEN + 1), "a shorter body"),
    ] {
        let problem = read_page(&body, Options::default()).expect_err(expected);
        let (failure, attempt) = bad_body("/x", &head(200), &body, &problem);
        assert_eq!(failure.issues[0].expected, expected);
        assert_eq!(failure.path.as_deref(), Some(""));
        assert_eq!(attempt.cause, None);
    }
}

#[test]
fn a_body_that_ends_too_early_is_worth_another_try() {
    for body in [
        "",
        "{",
        r#"{"runners":[],"tot"#,
        r#"{"runners":[{"id":"018f"#,
    ] {
        let (failure, attempt) = bad(body.as_bytes());
        assert_eq!(attempt.cause, Some(Cause::Truncated), "{body}");
        assert_eq!(failure.issues[0].found, "the end of the body");
    }
}

#[test]
fn an_answer_that_has_no_body_by_its_status_is_not_cut_short() {
    let body = Body::from(&b""[..]);
    let problem = read_page(&body, Options::default()).expect_err("empty");
    for (status, cause) in [
        (200, Some(Cause::Truncated)),
        (204, None),
        (205, None),
        (206, Some(Cause::Truncated)),
    ] {
        let (failure, attempt) = bad_body("/x", &head(status), &body, &problem);
        assert_eq!(failure.status, Some(status));
        assert_eq!(attempt.cause, cause, "{status}");
    }
}

#[test]
fn error_statuses_carry_the_servers_words_and_wishes() {
    let body = Body::from(&br#"{"status":429,"message":"slow down"}"#[..]);
    let head = Head {
        retry_after: Some("3".to_owned()),
        ..head(429)
    };
    let (failure, attempt) = error_status("/x", &head, &body, 0.0, no_date);
    assert_eq!(failure.message, "GET /x answered 429: slow down");
    assert_eq!(failure.server_message.as_deref(), Some("slow down"));
    let expected = FailedAttempt {
        cause: Some(Cause::Status(429)),
        retry_after_ms: Some(3_000.0),
    };
    assert_eq!(attempt, expected);
}

#[test]
fn a_date_in_retry_after_is_read_with_the_answers_own_date() {
    fn parse_date(text: &str) -> f64 {
        match text {
            "Sun, 06 Nov 1994 08:50:07 GMT" => 30_000.0,
            "Sun, 06 Nov 1994 08:49:57 GMT" => 20_000.0,
            _ => f64::NAN,
        }
    }
    for (date, pause_ms) in [
        (None, 29_000.0),
        (Some("Sun, 06 Nov 1994 08:49:57 GMT"), 10_000.0),
    ] {
        let head = Head {
            retry_after: Some("Sun, 06 Nov 1994 08:50:07 GMT".to_owned()),
            date: date.map(str::to_owned),
            ..head(503)
        };
        let (_, attempt) = error_status("/x", &head, &Body::from(&b""[..]), 1_000.0, parse_date);
        assert_eq!(attempt.retry_after_ms, Some(pause_ms));
    }
}

#[test]
fn error_bodies_that_are_not_the_apis_are_not_shown() {
    for foreign in ["", "<html>", "[1]", r#"{"message":7}"#, "\u{0}"] {
        let body = Body::from(foreign.as_bytes());
        let (failure, attempt) = error_status("/x", &head(502), &body, 0.0, no_date);
        assert_eq!(failure.message, "GET /x answered 502");
        assert_eq!(failure.server_message, None);
        assert_eq!(attempt, Cause::Status(502).into());
    }
}

#[test]
fn only_some_statuses_are_worth_another_try() {
    for (status, cause) in [
        (404, None),
        (401, Some(Cause::Status(401))),
        (503, Some(Cause::Status(503))),
    ] {
        let body = Body::from(&b""[..]);
        let (_, attempt) = error_status("/x", &head(status), &body, 0.0, no_date);
        assert_eq!(attempt.cause, cause);
    }
}

#[test]
fn a_body_too_large_is_not_asked_for_again() {
    let (failure, attempt) = too_large("/x", &head(200));
    assert_eq!(attempt, FailedAttempt::default());
    assert_eq!(
        failure.message,
        "GET /x answered 200 with an unexpected body: expected at most 8388608 bytes, found more at \
         byte 8388608 (content type application/json)"
    );
    assert_eq!(failure.issues[0].offset, MAX_BODY_BYTES);
}

#[test]
fn only_2xx_is_success() {
    let good: Vec<u16> = (100..=599)
        .filter(|status| head(*status).is_success())
        .collect();
    assert_eq!(good, (200..=299).collect::<Vec<u16>>());
}
