use comfycontrol_runners::endpoint::Unsendable;
use comfycontrol_runners::error::{ErrorCode, Failure, ValidationIssue};
use comfycontrol_runners::paging::CheckpointError;
use comfycontrol_runners::redact::Secrets;
use serde_json::json;

const PATH: &str = "/v1/managed-runner";

/// A problem with an answer.
fn issue(path: &str, expected: &'static str, found: &str, offset: u32) -> ValidationIssue {
    ValidationIssue {
        path: path.into(),
        expected,
        found: found.into(),
        offset,
    }
}

#[track_caller]
fn check(cases: &[(Failure, ErrorCode, &str)]) {
    for (failure, code, message) in cases {
        assert_eq!((failure.code, failure.message.as_str()), (*code, *message));
    }
}

#[test]
fn messages_of_bad_options() {
    let known = ["page", "perPage"];
    let unsendable = Unsendable::Character { position: 5 };
    let cases = [
        (
            Failure::option("page", "an integer", "0"),
            "page: expected an integer, got 0",
        ),
        (
            Failure::unknown_option("per_page", Some("perPage"), &known),
            "unknown option \"per_page\"; did you mean \"perPage\"?",
        ),
        (
            Failure::unknown_option("x", None, &known),
            "unknown option \"x\"; known options are page, perPage",
        ),
        (
            Failure::token("token", Unsendable::Empty),
            "token: expected a token, got an empty string",
        ),
        (
            Failure::token("COMFYCONTROL_TOKEN", unsendable),
            "COMFYCONTROL_TOKEN: expected only visible ASCII characters, since a header can carry no \
             others, got one with another character at position 5",
        ),
        (
            Failure::insecure("http://api.example"),
            "baseUrl: expected https, since a token is never sent over plain http (loopback hosts \
             excepted; allowInsecureToken: true permits it), got http://api.example",
        ),
    ];
    check(&cases.map(|(failure, message)| (failure, ErrorCode::InvalidOptions, message)));
}

#[test]
fn messages_of_bad_checkpoints() {
    for (error, given) in [
        (CheckpointError::Damaged, "a damaged one"),
        (CheckpointError::Version(9), "one of format version 9"),
        (CheckpointError::BaseUrl, "one for another base URL"),
        (CheckpointError::PerPage(50), "one for perPage 50"),
    ] {
        let failure = Failure::checkpoint(&error.given());
        let expected =
            "resumeFrom: expected a checkpoint for the same base URL and page size, got ";
        assert_eq!(failure.code, ErrorCode::InvalidOptions);
        assert_eq!(failure.message, [expected, given].concat());
    }
}

#[test]
fn messages_of_error_statuses() {
    let tiers = "(managed runners come with the plus, pro and enterprise tiers)";
    for (status, server_message, code, end) in [
        (
            400,
            Some("name cannot be empty"),
            ErrorCode::BadRequest,
            "400: name cannot be empty",
        ),
        (
            401,
            Some("Token has expired"),
            ErrorCode::Unauthorized,
            "401: Token has expired",
        ),
        (403, None, ErrorCode::Forbidden, &["403 ", tiers].concat()),
        (
            403,
            Some("no"),
            ErrorCode::Forbidden,
            &["403: no ", tiers].concat(),
        ),
        (404, None, ErrorCode::NotFound, "404"),
        (418, None, ErrorCode::BadRequest, "418"),
        (429, None, ErrorCode::RateLimited, "429"),
        (500, None, ErrorCode::ServerError, "500"),
        (526, None, ErrorCode::ServerError, "526"),
        (304, None, ErrorCode::InvalidResponse, "304, expected 200"),
        (600, None, ErrorCode::InvalidResponse, "600, expected 200"),
    ] {
        let failure = Failure::answered(PATH, status, server_message);
        let message = ["GET /v1/managed-runner answered ", end].concat();
        check(&[(failure.clone(), code, &message)]);
        assert_eq!(failure.status, Some(status));
        assert_eq!(failure.server_message.as_deref(), server_message);
    }
}

#[test]
fn messages_of_calls_without_a_good_answer() {
    let date = "an RFC 3339 date-time";
    let wrong_date = issue("runners[17].created_at", date, "\"yesterday\"", 4_031);
    let nothing = issue("", "JSON", "the end of the body", 0);
    check(&[
        (
            Failure::connection(PATH, "fetch failed (ECONNREFUSED)"),
            ErrorCode::ConnectionFailed,
            "GET /v1/managed-runner failed: fetch failed (ECONNREFUSED)",
        ),
        (
            Failure::timeout(PATH, 10_000),
            ErrorCode::Timeout,
            "GET /v1/managed-runner gave no complete answer within 10000 ms",
        ),
        (
            Failure::token_timeout(10_000),
            ErrorCode::Timeout,
            "token: the function returned no token within 10000 ms",
        ),
        (
            Failure::cooling_down(PATH, 1.0),
            ErrorCode::RateLimited,
            "GET /v1/managed-runner was not sent: the server asked for a pause of more than a minute; \
             see retryAt",
        ),
        (
            Failure::invalid_response(PATH, 200, Some("text/html"), wrong_date),
            ErrorCode::InvalidResponse,
            "GET /v1/managed-runner answered 200 with an unexpected runners[17].created_at: expected \
             an RFC 3339 date-time, found \"yesterday\" at byte 4031 (content type text/html)",
        ),
        (
            Failure::invalid_response(PATH, 200, None, nothing),
            ErrorCode::InvalidResponse,
            "GET /v1/managed-runner answered 200 with an unexpected body: expected JSON, found the \
             end of the body at byte 0 (content type not given)",
        ),
        (
            Failure::list_changed(1_200, 57),
            ErrorCode::ListChanged,
            "the list changed faster than it could be read: 1200 runners were found in 57 requests",
        ),
        (
            Failure::unsupported("this runtime has no fetch"),
            ErrorCode::Unsupported,
            "this runtime has no fetch",
        ),
    ]);
}

#[test]
fn codes_are_the_same_in_serde_and_in_the_types() {
    for (code, name) in [
        (ErrorCode::InvalidOptions, "invalid_options"),
        (ErrorCode::BadRequest, "bad_request"),
        (ErrorCode::Unauthorized, "unauthorized"),
        (ErrorCode::Forbidden, "forbidden"),
        (ErrorCode::NotFound, "not_found"),
        (ErrorCode::RateLimited, "rate_limited"),
        (ErrorCode::ServerError, "server_error"),
        (ErrorCode::ConnectionFailed, "connection_failed"),
        (ErrorCode::Timeout, "timeout"),
        (ErrorCode::InvalidResponse, "invalid_response"),
        (ErrorCode::ListChanged, "list_changed"),
        (ErrorCode::Unsupported, "unsupported"),
        (ErrorCode::Internal, "internal"),
    ] {
        assert_eq!(code.as_str(), name);
        assert_eq!(serde_json::to_value(code).unwrap(), name);
    }
}

#[test]
fn failures_that_may_not_happen_again_are_retryable() {
    let retryable = |status: &u16| Failure::answered(PATH, *status, None).retryable;
    let retryable: Vec<u16> = (300..=600).filter(retryable).collect();
    let expected: Vec<u16> = [408, 429].into_iter().chain(500..=599).collect();
    assert_eq!(retryable, expected);
    let found = issue("total", "an integer", "null", 3);
    for (failure, is_retryable) in [
        (Failure::connection(PATH, ""), true),
        (Failure::timeout(PATH, 1), true),
        (Failure::token_timeout(1), true),
        (Failure::cooling_down(PATH, 1.0), true),
        (Failure::list_changed(1, 2), true),
        (Failure::option("a", "b", "c"), false),
        (Failure::unsupported("a"), false),
        (Failure::invalid_response(PATH, 200, None, found), false),
    ] {
        assert_eq!(failure.retryable, is_retryable, "{}", failure.message);
    }
}

/// The members of the JavaScript error, besides its code and its message.
#[test]
fn members_are_serialized_only_if_they_are_known() {
    let mut limited = Failure::answered(PATH, 429, Some("slow down"));
    limited.retry_at = Some(7.0);
    let found = issue("runners[0].id", "a UUID", "7", 12);
    let cases = [
        (
            Failure::option("a", "b", "c"),
            json!({ "retryable": false }),
        ),
        (
            limited,
            json!({
                "status": 429, "retryable": true, "retryAt": 7.0, "serverMessage": "slow down",
            }),
        ),
        (
            Failure::invalid_response(PATH, 200, None, found),
            json!({
                "status": 200,
                "retryable": false,
                "path": "runners[0].id",
                "issues": [{
                    "path": "runners[0].id", "expected": "a UUID", "found": "7", "offset": 12,
                }],
            }),
        ),
        (
            Failure::cooling_down(PATH, 9.0),
            json!({ "retryable": true, "retryAt": 9.0 }),
        ),
    ];
    for (failure, expected) in cases {
        assert_eq!(serde_json::to_value(failure).unwrap(), expected);
    }
}

#[test]
fn foreign_text_is_short_and_on_one_line() {
    let long = format!("a\u{1b}[31m\n{}", "x".repeat(1_000_000));
    let found = issue("", "JSON", "`<`", 0);
    for (failure, longest) in [
        (Failure::answered(PATH, 500, Some(&long)), 350),
        (Failure::connection(PATH, &long), 350),
        (Failure::unknown_option(&long, None, &["page"]), 110),
        (
            Failure::invalid_response(PATH, 200, Some(&long), found),
            250,
        ),
    ] {
        let message = &failure.message;
        assert!(message.contains("a [31m xx") && message.contains("x…"));
        assert!(message.chars().count() < longest, "{message}");
        assert!(!message.chars().any(char::is_control), "{message}");
    }
    let exact = "é".repeat(300);
    let failure = Failure::answered(PATH, 500, Some(&exact));
    assert_eq!(failure.server_message, Some(exact), "nothing is cut off");
}

#[test]
fn a_token_is_removed_from_every_text_that_the_server_can_have_chosen() {
    let mut secrets = Secrets::default();
    secrets.add("cfc_secret");
    let mut failure = Failure::answered(PATH, 401, Some("bad cfc_secret"));
    failure.redact(&secrets);
    assert_eq!(failure.server_message.as_deref(), Some("bad [token]"));
    assert_eq!(
        failure.message,
        "GET /v1/managed-runner answered 401: bad [token]"
    );
    let found = issue("total", "an integer", "\"cfc_secret\"", 9);
    let mut failure = Failure::invalid_response(PATH, 200, Some("cfc_secret"), found);
    failure.redact(&secrets);
    assert_eq!(failure.issues[0].path, "total");
    assert_eq!(failure.issues[0].found, "\"[token]\"");
    assert!(
        failure
            .message
            .ends_with("found \"[token]\" at byte 9 (content type [token])")
    );
}

#[test]
fn a_token_that_is_passed_as_another_argument_is_not_printed() {
    let long = ["cfc_", &"s".repeat(1_000)].concat();
    let cases = [
        (
            Failure::unknown_option("cfc_secret", None, &["page"]),
            "unknown option \"[token]\"; known options are page",
        ),
        (
            Failure::unknown_option(&long, Some("page"), &["page"]),
            "unknown option \"[token]…\"; did you mean \"page\"?",
        ),
        (
            Failure::option("page", "an integer", "\"cfc_secret\""),
            "page: expected an integer, got \"[token]\"",
        ),
        (
            Failure::option("cfc_secret", "an integer", "0"),
            "[token] expected an integer, got 0",
        ),
        (
            Failure::insecure("http://cfc_secret"),
            "baseUrl: expected https, since a token is never sent over plain http (loopback hosts \
             excepted; allowInsecureToken: true permits it), got http://[token]",
        ),
    ];
    check(&cases.map(|(failure, message)| (failure, ErrorCode::InvalidOptions, message)));
}
