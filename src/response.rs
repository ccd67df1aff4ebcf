//! What an answer means: status, headers and bytes → a page, or a failure and whether to try again.

use comfycontrol_decode::{Body, Expected, Found, Kind, Problem, read_error};

use crate::error::{Failure, ValidationIssue};
use crate::retry::{Attempt, Cause, cause_of, retry_after};
use crate::text::text;

/// The longest body that is read, in bytes.
pub const MAX_BODY: u32 = 8 * 1024 * 1024;

/// An answer's status and the headers that are used; those that are absent are empty.
#[derive(Clone, Debug, Default)]
pub struct Head {
    pub status: u16,
    pub content_type: String,
    pub retry_after: String,
    pub date: String,
}

/// Whether the body should hold what was asked for.
#[must_use]
pub fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// An answer with an error status. `now` is in milliseconds since 1970.
#[must_use]
pub fn refused(path: &str, head: &Head, body: &Body, now: f64) -> (Failure, Attempt) {
    let said = read_error(body);
    let failure = Failure::answered(path, head.status, said.as_deref());
    let retry_after = retry_after(&head.retry_after, &head.date, now);
    let cause = cause_of(&failure);
    (failure, Attempt { cause, retry_after })
}

/// An answer with a good status and a bad body. One that ends too early is worth another try, unless
/// its status says that there is none (RFC 9110 §15.3.5 and §15.3.6).
#[must_use]
pub fn malformed(path: &str, head: &Head, body: &Body, problem: &Problem) -> (Failure, Attempt) {
    let issue = issue(body, problem);
    let failure = Failure::answer(path, head.status, &head.content_type, issue);
    let cut = problem.kind == Kind::Truncated && !matches!(head.status, 204 | 205);
    let cause = cut.then_some(Cause::Truncated);
    (
        failure,
        Attempt {
            cause,
            retry_after: None,
        },
    )
}

/// A body of more than [`MAX_BODY`] bytes, of which no more was read.
#[must_use]
pub fn too_large(path: &str, head: &Head) -> (Failure, Attempt) {
    let issue = ValidationIssue {
        path: String::new(),
        expected: const {
            assert!(MAX_BODY == 8_388_608, "what the text says");
            "at most 8388608 bytes"
        },
        found: "more".to_owned(),
        offset: MAX_BODY as usize,
    };
    let failure = Failure::answer(path, head.status, &head.content_type, issue);
    (failure, Attempt::FINAL)
}

/// A problem in words.
#[must_use]
pub fn issue(body: &Body, problem: &Problem) -> ValidationIssue {
    let expected = match problem.expected {
        Expected::Json => "JSON",
        Expected::Object => "an object",
        Expected::Array => "an array",
        Expected::String => "a string",
        Expected::Uuid => "a UUID",
        Expected::DateTime => "an RFC 3339 date-time",
        Expected::Integer => "an integer from 0 to 9007199254740991",
    };
    let (open, text, close) = match problem.found(body) {
        Found::Missing => ("nothing (the member is missing)", String::new(), ""),
        Found::Null => ("null", String::new(), ""),
        Found::Bool(value) => (if value { "true" } else { "false" }, String::new(), ""),
        Found::Number(text) => ("", text, ""),
        Found::String(text) => ("\"", text, "\""),
        Found::Array => ("an array", String::new(), ""),
        Found::Object => ("an object", String::new(), ""),
        Found::End => ("the end of the body", String::new(), ""),
        Found::Other(text) => ("`", text, "`"),
    };
    let expected = match problem.kind {
        Kind::InvalidUtf8 => "UTF-8",
        Kind::TooLong => "a shorter body",
        _ => expected,
    };
    ValidationIssue {
        path: problem.path(),
        expected,
        found: text![open, &text, close],
        offset: problem.offset as usize,
    }
}
