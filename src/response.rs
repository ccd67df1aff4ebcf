//! Interprets answers that give no page: status, headers and bytes → a failure, and whether to retry.

use comfycontrol_decode::{Body, Expected, Found, Kind, Problem, read_error};

use crate::error::{Failure, ValidationIssue};
use crate::retry::{Cause, FailedAttempt, cause_of};
use crate::retry_after::retry_after_ms;
use crate::text::concat;

/// The longest body that is read, in bytes.
pub const MAX_BODY_BYTES: u32 = 8 * 1024 * 1024;

/// What a count should be, for messages.
pub(crate) const SAFE_INTEGER: &str = "an integer from 0 to 9007199254740991";

/// What is found where a member is missing, for messages.
pub const MISSING: &str = "nothing (the member is missing)";

/// The status of an answer, and the headers that the client uses.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`
    pub content_type: Option<String>,
    /// `Retry-After`
    pub retry_after: Option<String>,
    /// `Date`
    pub date: Option<String>,
    /// The id that the server gave the request.
    pub request_id: Option<String>,
}

impl Head {
    /// Whether the body should hold the page or the runner.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// An answer with an error status. `now` and `parse_date` are those of [`retry_after_ms`].
#[must_use]
pub fn error_status(
    path: &str,
    head: &Head,
    body: &Body,
    now: f64,
    parse_date: fn(&str) -> f64,
) -> (Failure, FailedAttempt) {
    let server_message = read_error(body);
    let failure = Failure::answered(path, head.status, server_message.as_deref())
        .with_request_id(head.request_id.as_deref());
    let retry_after = head.retry_after.as_deref().unwrap_or_default();
    let date = head.date.as_deref().unwrap_or_default();
    let attempt = FailedAttempt {
        cause: cause_of(head.status),
        retry_after_ms: retry_after_ms(retry_after, date, now, parse_date),
    };
    (failure, attempt)
}

/// An answer with a success status and a bad body. If the body ends too early, a retry may help, unless
/// the status says that there is no body (RFC 9110 §15.3.5 and §15.3.6).
#[must_use]
pub fn bad_body(
    path: &str,
    head: &Head,
    body: &Body,
    problem: &Problem,
) -> (Failure, FailedAttempt) {
    let failure = invalid(path, head, issue(body, problem));
    let is_cut_short = problem.kind == Kind::Truncated && !matches!(head.status, 204 | 205);
    let attempt = if is_cut_short {
        Cause::Truncated.into()
    } else {
        FailedAttempt::default()
    };
    (failure, attempt)
}

/// An answer whose body has more than [`MAX_BODY_BYTES`].
#[must_use]
pub fn too_large(path: &str, head: &Head) -> (Failure, FailedAttempt) {
    let issue = ValidationIssue {
        path: String::new(),
        expected: const {
            assert!(MAX_BODY_BYTES == 8_388_608, "the number in the text");
            "at most 8388608 bytes"
        },
        found: "more".to_owned(),
        offset: MAX_BODY_BYTES,
    };
    (invalid(path, head, issue), FailedAttempt::default())
}

fn invalid(path: &str, head: &Head, issue: ValidationIssue) -> Failure {
    Failure::invalid_response(path, head.status, head.content_type.as_deref(), issue)
        .with_request_id(head.request_id.as_deref())
}

/// Describes a problem with a body.
#[must_use]
pub fn issue(body: &Body, problem: &Problem) -> ValidationIssue {
    ValidationIssue {
        path: problem.path(),
        expected: expected(problem),
        found: found(body, problem),
        offset: problem.offset,
    }
}

/// What the body should have instead.
pub(crate) fn expected(problem: &Problem) -> &'static str {
    match (problem.kind, problem.expected) {
        (Kind::InvalidUtf8, _) => "UTF-8",
        (Kind::TooLong, _) => "a shorter body",
        (_, Expected::Json) => "JSON",
        (_, Expected::Object) => "an object",
        (_, Expected::Array) => "an array",
        (_, Expected::String) => "a string",
        (_, Expected::Uuid) => "a UUID",
        (_, Expected::DateTime) => "an RFC 3339 date-time",
        (_, Expected::Integer) => SAFE_INTEGER,
    }
}

/// Describes the wrong value.
pub(crate) fn found(body: &Body, problem: &Problem) -> String {
    match problem.found(body) {
        Found::Missing => MISSING.to_owned(),
        Found::Null => "null".to_owned(),
        Found::Bool(true) => "true".to_owned(),
        Found::Bool(false) => "false".to_owned(),
        Found::Number(text) => text,
        Found::String(text) => concat(&["\"", &text, "\""]),
        Found::Array => "an array".to_owned(),
        Found::Object => "an object".to_owned(),
        Found::End => "the end of the body".to_owned(),
        Found::Other(text) => concat(&["`", &text, "`"]),
    }
}
