//! Every failure a caller can meet: its code, its facts and its wording.

use serde::Serialize;
use tsify::Tsify;

use crate::enumerate::Refused;

/// What went wrong, as a stable word to branch on. Codes never change their meaning; texts may.
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
    pub expected: String,
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
            concat(&[name, ": expected ", expected, ", got ", given]),
        )
    }

    /// An option nobody knows, with the one that was probably meant, or else the known ones.
    #[must_use]
    pub fn unknown_option(name: &str, meant: Option<&str>, known: &str) -> Self {
        let mut message = concat(&["unknown option \"", &shorten(name, 60), "\"; "]);
        message.push_str(&match meant {
            Some(meant) => concat(&["did you mean \"", meant, "\"?"]),
            None => concat(&["known are ", known]),
        });
        Self::new(ErrorCode::InvalidOptions, message)
    }

    /// A token that a header cannot carry: an empty one, or one with another character at a place.
    #[must_use]
    pub fn token(name: &str, place: usize) -> Self {
        if place == 0 {
            return Self::option(name, "a token", "an empty string");
        }
        let place = decimal(place as u64);
        let given = concat(&["one with another character at place ", &place]);
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
        let mut message = concat(&["GET ", path, " answered ", &decimal(status.into())]);
        if code == ErrorCode::InvalidResponse {
            message.push_str(", expected 200");
        }
        if let Some(said) = said {
            message.push_str(": ");
            message.push_str(&shorten(said, 300));
        }
        if status == 403 {
            message.push_str(" (managed runners come with the plus, pro and enterprise tiers)");
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
            concat(&["GET ", path, " failed: ", &shorten(why, 300)]),
        )
    }

    /// No complete answer within `limit` milliseconds.
    #[must_use]
    pub fn timeout(path: &str, limit: u32) -> Self {
        Self::new(
            ErrorCode::Timeout,
            concat(&[
                "GET ",
                path,
                " gave no complete answer within ",
                &decimal(limit.into()),
                " ms",
            ]),
        )
    }

    /// The token function gave nothing within `limit` milliseconds.
    #[must_use]
    pub fn token_timeout(limit: u32) -> Self {
        let limit = decimal(limit.into());
        Self::new(
            ErrorCode::Timeout,
            concat(&["token: the function gave nothing within ", &limit, " ms"]),
        )
    }

    /// An answer that is no JSON document, too large, or not of the contract's shape.
    #[must_use]
    pub fn answer(
        path: &str,
        status: u16,
        content_type: Option<&str>,
        issues: Vec<ValidationIssue>,
    ) -> Self {
        let mut message = concat(&["GET ", path, " answered ", &decimal(status.into())]);
        if let Some(first) = issues.first() {
            message.push_str(" with an unexpected ");
            message.push_str(if first.path.is_empty() {
                "body"
            } else {
                &first.path
            });
            message.push_str(": expected ");
            message.push_str(&first.expected);
            message.push_str(", found ");
            message.push_str(&first.found);
            message.push_str(" at byte ");
            message.push_str(&decimal(first.offset as u64));
        }
        message.push_str(" (content type ");
        match content_type {
            Some(value) => message.push_str(&shorten(value, 80)),
            None => message.push_str("not given"),
        }
        message.push(')');
        let mut failure = Self::new(ErrorCode::InvalidResponse, message);
        failure.status = Some(status);
        failure.issues = issues;
        failure
    }

    /// A checkpoint that cannot be gone on from.
    #[must_use]
    pub fn checkpoint(refused: Refused) -> Self {
        let given = match refused {
            Refused::Damaged => "a damaged one".to_owned(),
            Refused::Version(version) => concat(&["one of version ", &decimal(version.into())]),
            Refused::BaseUrl => "one of another base URL".to_owned(),
            Refused::PageSize(size) => concat(&["one of perPage ", &decimal(size.into())]),
        };
        let expected = "a checkpoint of the same base URL and page size";
        Self::option("resumeFrom", expected, &given)
    }

    /// The list did not hold still.
    #[must_use]
    pub fn list_changed(unique: u64, requests: u64) -> Self {
        let message = concat(&[
            "the list changed faster than it could be read: ",
            &decimal(unique),
            " runners were found in ",
            &decimal(requests),
            " requests",
        ]);
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
            out.push_str(&text[kept..at]);
            out.push_str("[token]");
            kept = at + length;
        }
        at += length.max(1);
    }
    out.push_str(&text[kept..]);
    *text = out;
}

/// How many bytes of the secret `text` begins with, if it does: as it is, with the escapes of a JSON
/// string, or cut short by [`shorten`] and its like after more than the `cfc_` all tokens share.
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

/// Joins pieces; `format!` would bring the formatting machinery along, a few kilobytes of it.
pub(crate) fn concat(pieces: &[&str]) -> String {
    let mut text = String::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
    for piece in pieces {
        text.push_str(piece);
    }
    text
}

/// A whole number in decimal digits.
pub(crate) fn decimal(mut n: u64) -> String {
    let mut digits = String::new();
    loop {
        digits.insert(0, char::from(b'0' + (n % 10) as u8));
        n /= 10;
        if n == 0 {
            return digits;
        }
    }
}

/// At most `limit` characters, without control characters, so that foreign text cannot garble a
/// terminal or fill a log.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    let mut out = String::new();
    for (place, char) in text.chars().enumerate() {
        if place == limit {
            out.push('…');
            break;
        }
        out.push(if char.is_control() { ' ' } else { char });
    }
    out
}
