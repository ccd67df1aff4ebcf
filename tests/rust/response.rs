use comfycontrol_decode::{Body, MAX_LEN, Options, read_page};
use comfycontrol_runners::error::ErrorCode;
use comfycontrol_runners::response::{Head, is_success, malformed, refused, too_large};
use comfycontrol_runners::retry::Cause;

fn head(status: u16) -> Head {
    Head {
        status,
        content_type: "application/json".into(),
        ..Head::default()
    }
}

/// What an answer 200 with this body comes to.
fn bad(text: &str) -> (String, String, Option<Cause>) {
    let body = Body::from(text.as_bytes());
    let problem = read_page(&body, Options::default()).expect_err(text);
    let (failure, attempt) = malformed("/x", &head(200), &body, &problem);
    assert_eq!(failure.code, ErrorCode::InvalidResponse);
    let issue = &failure.issues[0];
    (
        issue.path.clone(),
        format!("{}, found {}", issue.expected, issue.found),
        attempt.cause,
    )
}

#[test]
fn bad_bodies_say_where_and_what() {
    let runner = r#""id":"018f9c3e-0000-7000-8000-00000000000a","name":"a","runner_type":"pro","status":"active","tags":["a",7],"created_at":"2024-01-15T10:30:00Z","updated_at":"2024-01-15T10:30:00Z""#;
    let cases = [
        (
            r#"{"runners":[]}"#.to_owned(),
            "total",
            "an integer from 0 to 9007199254740991, found nothing (the member is missing)",
        ),
        (
            r#"{"total":1}"#.to_owned(),
            "runners",
            "an array, found nothing (the member is missing)",
        ),
        (
            r#"{"runners":{},"total":1}"#.to_owned(),
            "runners",
            "an array, found an object",
        ),
        (
            r#"{"runners":[null],"total":1}"#.to_owned(),
            "runners[0]",
            "an object, found null",
        ),
        (
            r#"{"runners":[],"total":1.5}"#.to_owned(),
            "total",
            "an integer from 0 to 9007199254740991, found 1.5",
        ),
        (
            r#"{"runners":[],"total":"1"}"#.to_owned(),
            "total",
            "an integer from 0 to 9007199254740991, found \"1\"",
        ),
        (
            format!(r#"{{"runners":[{{{runner}}}],"total":1}}"#),
            "runners[0].tags[1]",
            "a string, found 7",
        ),
        (
            format!(
                r#"{{"runners":[{{{}}}],"total":1}}"#,
                runner.replace("018f9c3e-", "")
            ),
            "runners[0].id",
            "a UUID, found \"0000-7000-8000-00000000000a\"",
        ),
        (
            format!(
                r#"{{"runners":[{{{}}}],"total":1}}"#,
                runner.replace("\"a\",7", "").replace("T10", " 10")
            ),
            "runners[0].created_at",
            "an RFC 3339 date-time, found \"2024-01-15 10:30:00Z\"",
        ),
        (
            r#"{"runners":[],"total":true}"#.to_owned(),
            "total",
            "an integer from 0 to 9007199254740991, found true",
        ),
        (
            r#"{"runners":false,"total":1}"#.to_owned(),
            "runners",
            "an array, found false",
        ),
        (r#"[]"#.to_owned(), "", "an object, found an array"),
        (
            "<!DOCTYPE html>".to_owned(),
            "",
            "JSON, found `<!DOCTYPE html>`",
        ),
    ];
    for (body, path, words) in cases {
        assert_eq!(
            bad(&body),
            (path.to_owned(), words.to_owned(), None),
            "{body}"
        );
    }
}

#[test]
fn bodies_that_are_no_text_or_too_long_say_so() {
    let cases = [
        (Body::from(&b"\xff"[..]), "UTF-8"),
        // Pages of zeros that are never touched.
        (Body::with_len(MAX_LEN + 1), "a shorter body"),
    ];
    for (body, expected) in cases {
        let problem = read_page(&body, Options::default()).expect_err(expected);
        let (failure, attempt) = malformed("/x", &head(200), &body, &problem);
        assert_eq!(failure.issues[0].expected, expected);
        assert_eq!(attempt.cause, None);
        assert_eq!(failure.issues[0].path, "");
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
        assert_eq!(bad(body).2, Some(Cause::Truncated), "{body}");
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
        let (failure, attempt) = malformed("/x", &head(status), &body, &problem);
        assert_eq!(failure.status, Some(status));
        assert_eq!(attempt.cause, cause, "{status}");
    }
}

#[test]
fn refusals_carry_the_servers_words_and_wishes() {
    let body = Body::from(&br#"{"status":429,"message":"slow down"}"#[..]);
    let head = Head {
        retry_after: "3".into(),
        ..head(429)
    };
    let (failure, attempt) = refused("/x", &head, &body, 0.0);
    assert_eq!(failure.message, "GET /x answered 429: slow down");
    assert_eq!(
        (attempt.cause, attempt.retry_after),
        (Some(Cause::Status(429)), Some(3_000.0))
    );
    for foreign in ["", "<html>", "[1]", r#"{"message":7}"#, "\u{0}"] {
        let (failure, _) = refused(
            "/x",
            &Head {
                status: 502,
                ..Head::default()
            },
            &Body::from(foreign.as_bytes()),
            0.0,
        );
        assert_eq!(failure.message, "GET /x answered 502");
    }
}

#[test]
fn a_body_too_large_is_not_asked_for_again() {
    let (failure, attempt) = too_large("/x", &head(200));
    assert_eq!(attempt.cause, None);
    assert!(
        failure
            .message
            .contains("expected at most 8388608 bytes, found more")
    );
}

#[test]
fn only_2xx_is_success() {
    let good: Vec<u16> = (100..=599).filter(|status| is_success(*status)).collect();
    assert_eq!((good[0], good[good.len() - 1], good.len()), (200, 299, 100));
}
