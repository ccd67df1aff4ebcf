//! Every failure a caller can meet: its code, its facts and its wording.

use serde::Serialize;
use tsify::Tsify;

use crate::enumerate::Refused;
use crate::text::{Piece, Short, cut, text};

/// What went wrong, as a stable word to branch on. Codes never change their meaning; texts may.
// In the order of `pkg/js/errors.js`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// An option is not what it should be; nothing was sent.
    InvalidOptions,
    /// 400, or another 4xx without a code of its own.
    BadRequest,
    /// 401: the token is missing, malformed, expired or revoked.
    Unauthorized,
    /// 403: the account's tier has no managed runners, or the token may not see them.
    Forbidden,
    /// 404: no such runner, or not in the caller's tier.
    NotFound,
    /// 429 that outlasted the retries; see `retryAt`.
    RateLimited,
    /// 5xx that outlasted the retries.
    ServerError,
    /// No answer: the connection failed or broke off; see `cause`.
    ConnectionFailed,
    /// No complete answer in time.
    Timeout,
    /// The answer is not what the contract says; see `path` and `issues`.
    InvalidResponse,
    /// The list changed faster than it could be read.
    ListChanged,
    /// A defect of this package. Later calls still work.
    Internal,
}

impl ErrorCode {
    /// The code as callers see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidOptions => "invalid_options",
            Self::BadRequest => "bad_request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::ConnectionFailed => "connection_failed",
            Self::Timeout => "timeout",
            Self::InvalidResponse => "invalid_response",
            Self::ListChanged => "list_changed",
            Self::Internal => "internal",
        }
    }
}

/// One thing in an answer that is not what the contract says.
#[derive(Clone, Debug, PartialEq, Eq, Tsify)]
pub struct ValidationIssue {
    /// Where, from the root of the answer: `runners[17].created_at`. Empty for the answer itself.
    pub path: String,
    /// What the contract asks for there.
    pub expected: &'static str,
    /// What stands there, cut to a readable length and escaped.
    pub found: String,
    /// Where that begins, in bytes from the start of the body.
    #[tsify(type = "number")]
    pub offset: usize,
}

impl ValidationIssue {
    /// Takes secrets, which line ends separate, out of what was found.
    pub fn redact(&mut self, secrets: &str) {
        redact(&mut self.found, secrets);
    }
}

/// Everything a failed call says, except the host's own `cause`.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub code: ErrorCode,
    pub message: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// The earliest moment at which a new try makes sense, in milliseconds since 1970.
    pub retry_at: Option<f64>,
    pub issues: Vec<ValidationIssue>,
}

impl Failure {
    #[inline(never)]
    fn new(code: ErrorCode, message: String) -> Self {
        let retryable = matches!(
            code,
            ErrorCode::RateLimited
                | ErrorCode::ServerError
                | ErrorCode::ConnectionFailed
                | ErrorCode::Timeout
                | ErrorCode::ListChanged
        );
        Self {
            code,
            message,
            status: None,
            retryable,
            retry_at: None,
            issues: Vec::new(),
        }
    }

    /// A bad option: its name, what was expected, what was given (in words).
    #[must_use]
    pub fn option(name: &str, expected: &str, given: &str) -> Self {
        Self::new(
            ErrorCode::InvalidOptions,
            text![name, ": expected ", expected, ", got ", given],
        )
    }

    /// An option nobody knows, with the one that was probably meant, or else the known ones.
    #[must_use]
    pub fn unknown_option(name: &str, meant: Option<&str>, known: &str) -> Self {
        let (lead, names, end) = match meant {
            Some(meant) => ("did you mean \"", meant, "\"?"),
            None => ("known are ", known, ""),
        };
        Self::new(
            ErrorCode::InvalidOptions,
            text![
                "unknown option \"",
                Short(name, 60),
                "\"; ",
                lead,
                names,
                end
            ],
        )
    }

    /// A token that a header cannot carry: an empty one, or one with another character at a place.
    #[must_use]
    pub fn token(name: &str, place: usize) -> Self {
        if place == 0 {
            return Self::option(name, "a token", "an empty string");
        }
        let given = text!["one with another character at place ", place as u64];
        let expected = "visible ASCII characters only, which is what a header can carry";
        Self::option(name, expected, &given)
    }

    /// An error the server (or something in front of it) answered with. `said` is its own message.
    #[must_use]
    pub fn answered(path: &str, status: u16, said: Option<&str>) -> Self {
        let code = match status {
            401 => ErrorCode::Unauthorized,
            403 => ErrorCode::Forbidden,
            404 => ErrorCode::NotFound,
            429 => ErrorCode::RateLimited,
            400..=499 => ErrorCode::BadRequest,
            500..=599 => ErrorCode::ServerError,
            _ => ErrorCode::InvalidResponse,
        };
        let mut message = text!["GET ", path, " answered ", u32::from(status)];
        if code == ErrorCode::InvalidResponse {
            ", expected 200".put(&mut message);
        }
        if let Some(said) = said {
            ": ".put(&mut message);
            Short(said, 300).put(&mut message);
        }
        if status == 403 {
            let who = " (managed runners come with the plus, pro and enterprise tiers)";
            who.put(&mut message);
        }
        let mut failure = Self::new(code, message);
        failure.status = Some(status);
        failure.retryable |= status == 408;
        failure
    }

    /// No answer: the connection failed, or the body broke off. `why` is the host's word for it.
    #[must_use]
    pub fn connection(path: &str, why: &str) -> Self {
        Self::new(
            ErrorCode::ConnectionFailed,
            text!["GET ", path, " failed: ", Short(why, 300)],
        )
    }

    /// No complete answer within `limit` milliseconds.
    #[must_use]
    pub fn timeout(path: &str, limit: u32) -> Self {
        Self::new(
            ErrorCode::Timeout,
            text![
                "GET ",
                path,
                " gave no complete answer within ",
                limit,
                " ms"
            ],
        )
    }

    /// The token function gave nothing within `limit` milliseconds.
    #[must_use]
    pub fn token_timeout(limit: u32) -> Self {
        Self::new(
            ErrorCode::Timeout,
            text!["token: the function gave nothing within ", limit, " ms"],
        )
    }

    /// An answer that is no JSON document, too large, or not of the contract's shape.
    #[must_use]
    pub fn answer(path: &str, status: u16, content_type: &str, issue: ValidationIssue) -> Self {
        let place = if issue.path.is_empty() {
            "body"
        } else {
            &issue.path
        };
        let content_type = if content_type.is_empty() {
            "not given"
        } else {
            content_type
        };
        let message = text![
            "GET ",
            path,
            " answered ",
            u32::from(status),
            " with an unexpected ",
            place,
            ": expected ",
            issue.expected,
            ", found ",
            &issue.found,
            " at byte ",
            issue.offset as u64,
            " (content type ",
            Short(content_type, 80),
            ")"
        ];
        let mut failure = Self::new(ErrorCode::InvalidResponse, message);
        failure.status = Some(status);
        failure.issues = vec![issue];
        failure
    }

    /// A checkpoint that cannot be gone on from.
    #[must_use]
    pub fn checkpoint(refused: Refused) -> Self {
        let given = match refused {
            Refused::Damaged => text!["a damaged one"],
            Refused::Version(version) => text!["one of version ", u32::from(version)],
            Refused::BaseUrl => text!["one of another base URL"],
            Refused::PageSize(size) => text!["one of perPage ", size],
        };
        let expected = "a checkpoint of the same base URL and page size";
        Self::option("resumeFrom", expected, &given)
    }

    /// The list did not hold still.
    #[must_use]
    pub fn list_changed(unique: u64, requests: u64) -> Self {
        let message = text![
            "the list changed faster than it could be read: ",
            unique,
            " runners were found in ",
            requests,
            " requests"
        ];
        Self::new(ErrorCode::ListChanged, message)
    }

    /// Takes secrets, which line ends separate, out of the message, should a server have echoed them.
    pub fn redact(&mut self, secrets: &str) {
        redact(&mut self.message, secrets);
        for issue in &mut self.issues {
            issue.redact(secrets);
        }
    }
}

/// Puts `[token]` in every place of the secrets.
fn redact(text: &mut String, secrets: &str) {
    let mut out = String::new();
    let (mut kept, mut at) = (0, 0);
    while at < text.len() {
        let here = &text.as_bytes()[at..];
        let secrets = secrets.as_bytes().split(|byte| *byte == b'\n');
        let length = secrets.fold(0, |longest, secret| longest.max(shown(secret, here)));
        if length > 0 {
            cut(text, kept, at).put(&mut out);
            "[token]".put(&mut out);
            kept = at + length;
        }
        at += length.max(1);
    }
    cut(text, kept, text.len()).put(&mut out);
    *text = out;
}

/// How many bytes of the secret `text` begins with, if it does: as it is, with the escapes of a JSON
/// string, or cut short by [`Short`] and its like after more than the `cfc_` all tokens share.
fn shown(secret: &[u8], text: &[u8]) -> usize {
    let cut = |at: usize| text[at..].starts_with("…".as_bytes());
    let mut at = 0;
    for &wanted in secret {
        loop {
            let Some(&found) = text.get(at) else { return 0 };
            if found == wanted {
                at += 1;
                break;
            }
            if found != b'\\' {
                return if at > 4 && cut(at) { at } else { 0 };
            }
            if escaped(&text[at..]) == Some(wanted) {
                at += 6;
                break;
            }
            let mut end = at + 1;
            while matches!(
                text.get(end),
                Some(b'u' | b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F')
            ) {
                end += 1;
            }
            if at > 4 && cut(end) {
                return end;
            }
            at += 1;
        }
    }
    at
}

/// The ASCII character that is written like `\u0041`.
fn escaped(text: &[u8]) -> Option<u8> {
    let [b'\\', b'u', b'0', b'0', high, low, ..] = text else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    Some((digit(*high)? * 16 + digit(*low)?) as u8)
}
