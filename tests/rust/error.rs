use comfycontrol_runners::enumerate::Refused;
use comfycontrol_runners::error::{ErrorCode, Failure, ValidationIssue};

const PATH: &str = "/v1/managed-runner";

#[test]
fn every_failure_in_words() {
    let issue = ValidationIssue {
        path: "runners[17].created_at".into(),
        expected: "an RFC 3339 date-time",
        found: "\"yesterday\"".into(),
        offset: 4_031,
    };
    let nothing = ValidationIssue {
        path: String::new(),
        expected: "JSON",
        found: "the end of the body".into(),
        offset: 0,
    };
    let cases = [
        (
            Failure::option("page", "an integer", "0"),
            "invalid_options",
            "page: expected an integer, got 0",
        ),
        (
            Failure::unknown_option("per_page", Some("perPage"), ""),
            "invalid_options",
            "unknown option \"per_page\"; did you mean \"perPage\"?",
        ),
        (
            Failure::unknown_option("x", None, "page, perPage"),
            "invalid_options",
            "unknown option \"x\"; known are page, perPage",
        ),
        (
            Failure::answered(PATH, 400, Some("name cannot be empty")),
            "bad_request",
            "GET /v1/managed-runner answered 400: name cannot be empty",
        ),
        (
            Failure::answered(PATH, 401, Some("Token has expired")),
            "unauthorized",
            "GET /v1/managed-runner answered 401: Token has expired",
        ),
        (
            Failure::answered(PATH, 403, None),
            "forbidden",
            "GET /v1/managed-runner answered 403 (managed runners come with the plus, pro and enterprise tiers)",
        ),
        (
            Failure::answered(PATH, 404, None),
            "not_found",
            "GET /v1/managed-runner answered 404",
        ),
        (
            Failure::answered(PATH, 418, None),
            "bad_request",
            "GET /v1/managed-runner answered 418",
        ),
        (
            Failure::answered(PATH, 429, None),
            "rate_limited",
            "GET /v1/managed-runner answered 429",
        ),
        (
            Failure::answered(PATH, 520, None),
            "server_error",
            "GET /v1/managed-runner answered 520",
        ),
        (
            Failure::answered(PATH, 304, None),
            "invalid_response",
            "GET /v1/managed-runner answered 304, expected 200",
        ),
        (
            Failure::connection(PATH, "fetch failed (ECONNREFUSED)"),
            "connection_failed",
            "GET /v1/managed-runner failed: fetch failed (ECONNREFUSED)",
        ),
        (
            Failure::timeout(PATH, 10_000),
            "timeout",
            "GET /v1/managed-runner gave no complete answer within 10000 ms",
        ),
        (
            Failure::token_timeout(10_000),
            "timeout",
            "token: the function gave nothing within 10000 ms",
        ),
        (
            Failure::answer(PATH, 200, "text/html", issue),
            "invalid_response",
            "GET /v1/managed-runner answered 200 with an unexpected runners[17].created_at: expected an RFC 3339 \
             date-time, found \"yesterday\" at byte 4031 (content type text/html)",
        ),
        (
            Failure::answer(PATH, 200, "", nothing),
            "invalid_response",
            "GET /v1/managed-runner answered 200 with an unexpected body: expected JSON, found the end of the body \
             at byte 0 (content type not given)",
        ),
        (
            Failure::token("token", 0),
            "invalid_options",
            "token: expected a token, got an empty string",
        ),
        (
            Failure::token("COMFYCONTROL_TOKEN", 5),
            "invalid_options",
            "COMFYCONTROL_TOKEN: expected visible ASCII characters only, which is what a header can carry, got one with \
             another character at place 5",
        ),
        (
            Failure::checkpoint(Refused::Damaged),
            "invalid_options",
            "resumeFrom: expected a checkpoint of the same base URL and page size, got a damaged one",
        ),
        (
            Failure::checkpoint(Refused::Version(9)),
            "invalid_options",
            "resumeFrom: expected a checkpoint of the same base URL and page size, got one of version 9",
        ),
        (
            Failure::checkpoint(Refused::BaseUrl),
            "invalid_options",
            "resumeFrom: expected a checkpoint of the same base URL and page size, got one of another base URL",
        ),
        (
            Failure::checkpoint(Refused::PageSize(50)),
            "invalid_options",
            "resumeFrom: expected a checkpoint of the same base URL and page size, got one of perPage 50",
        ),
        (
            Failure::list_changed(1_200, 57),
            "list_changed",
            "the list changed faster than it could be read: 1200 runners were found in 57 requests",
        ),
    ];
    for (failure, code, message) in cases {
        assert_eq!(
            (failure.code.as_str(), failure.message.as_str()),
            (code, message)
        );
    }
}

#[test]
fn codes_are_what_serde_and_the_types_say() {
    for code in [
        ErrorCode::InvalidOptions,
        ErrorCode::BadRequest,
        ErrorCode::Unauthorized,
        ErrorCode::Forbidden,
        ErrorCode::NotFound,
        ErrorCode::RateLimited,
        ErrorCode::ServerError,
        ErrorCode::ConnectionFailed,
        ErrorCode::Timeout,
        ErrorCode::InvalidResponse,
        ErrorCode::ListChanged,
        ErrorCode::Internal,
    ] {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
}

#[test]
fn what_may_succeed_later_says_so() {
    let retryable: Vec<u16> = (300..=599)
        .filter(|status| Failure::answered(PATH, *status, None).retryable)
        .collect();
    assert_eq!(retryable.len(), 102);
    assert!(retryable.contains(&408) && retryable.contains(&429) && retryable.contains(&500));
    assert!(Failure::connection(PATH, "").retryable && Failure::timeout(PATH, 1).retryable);
    assert!(!Failure::option("a", "b", "c").retryable);
    assert_eq!(Failure::answered(PATH, 429, None).retry_at, None);
}

#[test]
fn foreign_text_is_short_and_harmless() {
    let failure = Failure::answered(
        PATH,
        500,
        Some(&format!("a\u{1b}[31m\n{}", "x".repeat(1_000_000))),
    );
    assert!(failure.message.chars().count() < 400);
    assert!(!failure.message.chars().any(char::is_control));
    assert!(failure.message.ends_with('…'));
}

#[test]
fn a_token_that_the_server_echoes_is_taken_out() {
    let cut = "x".repeat(290);
    let cases = [
        (
            "cfc_secret",
            "bad cfc_secret, cfc_secret",
            "bad [token], [token]",
        ),
        ("cfc_secret", "cfc_secre", "cfc_secre"),
        ("cfc_\"a\\b/c", r#"cfc_\"a\\b\/c!"#, "[token]!"),
        ("cfc_\"a\\b/c", r#"cfc_"a\b/c!"#, "[token]!"),
        (
            "cfc_secret_secret",
            &format!("{cut}cfc_secret_secret"),
            &format!("{cut}[token]…"),
        ),
        ("", "nothing", "nothing"),
        (
            "cfc_a+b/secret",
            r"bad cfc_a\u002bb\u002Fsecret!",
            "bad [token]!",
        ),
        (
            "cfc_secret",
            r"\u0063\u0066\u0063\u005f\u0073\u0065\u0063\u0072\u0065\u0074.",
            "[token].",
        ),
        (
            "cfc_secret",
            r"cfc_\u0073ecre\u0075",
            r"cfc_\u0073ecre\u0075",
        ),
        ("cfc_secret", r"cfc_s\u00…", "[token]…"),
        ("cfc_secret", r"cfc_secre\u", r"cfc_secre\u"),
    ];
    for (secret, said, shown) in cases {
        let mut failure = Failure::answered(PATH, 401, Some(said));
        failure.redact(secret);
        let start = "GET /v1/managed-runner answered 401: ";
        assert_eq!(failure.message, format!("{start}{shown}"));
    }
    let issue = ValidationIssue {
        path: "total".into(),
        expected: "an integer",
        found: "\"cfc_secret\"".into(),
        offset: 9,
    };
    let mut failure = Failure::answer(PATH, 200, "", issue);
    failure.redact("cfc_secret");
    assert_eq!(failure.issues[0].path, "total");
    assert_eq!(failure.issues[0].found, "\"[token]\"");
    assert!(failure.message.contains("found \"[token]\" at byte 9"));
}

#[test]
fn of_secrets_that_begin_alike_nothing_is_left() {
    for secrets in ["cfc_ab\ncfc_abcd", "cfc_abcd\ncfc_ab"] {
        let mut failure = Failure::answered(PATH, 400, Some("no cfc_abcd, no cfc_ab, no cfc_a"));
        failure.redact(secrets);
        let end = ": no [token], no [token], no cfc_a";
        assert!(failure.message.ends_with(end), "{}", failure.message);
    }
}

/// JavaScript names a code by its place.
#[test]
fn codes_stand_in_one_order_on_both_sides() {
    let source = include_str!("../../pkg/js/errors.js");
    let start = source.find("const CODES =").expect("the list");
    let list = source[start..].split('"').nth(1).expect("a string");
    let names = [
        ErrorCode::InvalidOptions,
        ErrorCode::BadRequest,
        ErrorCode::Unauthorized,
        ErrorCode::Forbidden,
        ErrorCode::NotFound,
        ErrorCode::RateLimited,
        ErrorCode::ServerError,
        ErrorCode::ConnectionFailed,
        ErrorCode::Timeout,
        ErrorCode::InvalidResponse,
        ErrorCode::ListChanged,
        ErrorCode::Internal,
    ];
    let listed: Vec<&str> = list.split('|').collect();
    assert_eq!(listed.len(), names.len());
    for code in names {
        assert_eq!(listed[code as usize], code.as_str());
    }
}
