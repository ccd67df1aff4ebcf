use comfycontrol_runners::error::{ErrorCode, Failure, ValidationIssue};

const PATH: &str = "/v1/managed-runner";

#[test]
fn every_failure_in_words() {
    let issue = ValidationIssue {
        path: "runners[17].created_at".into(),
        expected: "an RFC 3339 date-time".into(),
        found: "\"yesterday\"".into(),
        offset: 4_031,
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
            Failure::answer(PATH, 200, Some("text/html"), vec![issue]),
            "invalid_response",
            "GET /v1/managed-runner answered 200 with an unexpected runners[17].created_at: expected an RFC 3339 \
             date-time, found \"yesterday\" at byte 4031 (content type text/html)",
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
    ];
    for (secret, said, shown) in cases {
        let mut failure = Failure::answered(PATH, 401, Some(said));
        failure.redact(secret);
        let start = "GET /v1/managed-runner answered 401: ";
        assert_eq!(failure.message, format!("{start}{shown}"));
    }
}
