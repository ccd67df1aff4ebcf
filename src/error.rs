//! Every failure of a call: its code, its members and its message.

use serde::{Serialize, Serializer};
use tsify::Tsify;

use crate::endpoint::Unsendable;
use crate::redact::{Secrets, mask_tokens};
use crate::text::{concat, number};

/// Says what went wrong, for code to branch on. Codes never change their meaning; messages may.
///
/// - `invalid_options`: an argument or an option is wrong, and nothing was sent; or the token function throws or
///   returns no valid token, perhaps only before a retry.
/// - `bad_request`: 400, or another 4xx that has no code of its own.
/// - `unauthorized`: 401; the token is missing, malformed, expired or revoked.
/// - `forbidden`: 403; the account's tier has no managed runners, or the token may not see them.
/// - `not_found`: 404; no such runner, or not in the caller's tier.
/// - `rate_limited`: 429 after all retries, or the server asked for a pause of more than a minute; see
///   `retryAt`.
/// - `server_error`: 5xx after all retries.
/// - `connection_failed`: no answer, or the connection broke off; see `cause`.
/// - `timeout`: no complete answer within `timeout` after all retries, no token from the token function within
///   `timeout`, or the call was not over within `totalTimeout`.
/// - `invalid_response`: the answer is not what the contract says; see `path` and `issues`.
/// - `list_changed`: the list changed faster than it could be read; see `report`, `checkpoint` and
///   `runners`.
/// - `unsupported`: the runtime lacks something; the message says what, and what helps.
/// - `internal`: a defect of this package; later calls still work. Also if `comfycontrol-runners/slim` is used before
///   `initialize`, if the module does not start, or if a function that the package calls (a listener, for example)
///   uses the package after a defect, before it has returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Tsify)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the list above says what each code means")]
pub enum ErrorCode {
    InvalidOptions,
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    RateLimited,
    ServerError,
    ConnectionFailed,
    Timeout,
    InvalidResponse,
    ListChanged,
    Unsupported,
    Internal,
}

impl ErrorCode {
    /// The code in JavaScript: `invalid_options`.
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
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }

    /// Whether the same call may succeed later.
    const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::RateLimited
                | Self::ServerError
                | Self::ConnectionFailed
                | Self::Timeout
                | Self::ListChanged
        )
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One problem with an answer: what the contract requires, and what the answer has instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Tsify)]
pub struct ValidationIssue {
    /// The path of the wrong value, from the root of the answer: `runners[17].created_at`. Empty for
    /// the whole answer.
    pub path: String,
    /// What the contract requires: `a UUID`.
    pub expected: &'static str,
    /// What the answer has instead, escaped and shortened: `"abc"`, `7`, `an array`.
    pub found: String,
    /// Where the wrong value begins, in bytes from the start of the body.
    pub offset: u32,
}

impl ValidationIssue {
    /// Removes secrets from `found`.
    pub fn redact(&mut self, secrets: &Secrets) {
        secrets.redact(&mut self.found);
    }
}

/// Everything that an error has, except its `cause`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What went wrong.
    #[serde(skip)]
    pub code: ErrorCode,
    /// What went wrong in words, for people and logs.
    #[serde(skip)]
    pub message: String,
    /// The HTTP status, if there was an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// When to try again at the earliest, in milliseconds since 1970, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<f64>,
    /// The path of the first issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What is wrong with the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<ValidationIssue>,
    /// The message in the server's answer, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_message: Option<String>,
    /// The id that the server, or something in front of it, gave the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Failure {
    fn new(code: ErrorCode, message: String) -> Self {
        Self {
            code,
            message,
            status: None,
            retryable: code.is_retryable(),
            retry_at: None,
            path: None,
            issues: Vec::new(),
            server_message: None,
            request_id: None,
        }
    }

    /// A bad option: its name, what was expected, and a description of what was given.
    #[must_use]
    pub fn option(name: &str, expected: &str, given: &str) -> Self {
        Self::invalid_options(&concat(&[name, ": expected ", expected, ", got ", given]))
    }

    /// An unknown option, with the one that was probably meant, or else all known ones.
    #[must_use]
    pub fn unknown_option(name: &str, meant: Option<&str>, known: &[&str]) -> Self {
        let name = excerpt(name, 60);
        let message = match meant {
            Some(meant) => concat(&[
                "unknown option \"",
                &name,
                "\"; did you mean \"",
                meant,
                "\"?",
            ]),
            None => concat(&[
                "unknown option \"",
                &name,
                "\"; known options are ",
                &join(known),
            ]),
        };
        Self::invalid_options(&message)
    }

    /// Masks tokens, because callers mistakenly pass a token as any other argument, even as a name.
    fn invalid_options(message: &str) -> Self {
        Self::new(ErrorCode::InvalidOptions, mask_tokens(message))
    }

    /// A token that a header cannot carry.
    #[must_use]
    pub fn token(name: &str, reason: Unsendable) -> Self {
        match reason {
            Unsendable::Empty => Self::option(name, "a token", "an empty string"),
            Unsendable::Character { position } => Self::option(
                name,
                "only visible ASCII characters, since a header can carry no others",
                &concat(&[
                    "one with another character at position ",
                    &number(position as u64),
                ]),
            ),
        }
    }

    /// A base URL that a token must not be sent to.
    #[must_use]
    pub fn insecure(origin: &str) -> Self {
        let expected = "https, since a token is never sent over plain http (loopback hosts \
                        excepted; allowInsecureToken: true permits it)";
        Self::option("baseUrl", expected, origin)
    }

    /// A checkpoint that cannot be resumed from. `given` says what is wrong with it.
    #[must_use]
    pub fn checkpoint(given: &str) -> Self {
        let expected = "a checkpoint for the same base URL and page size";
        Self::option("resumeFrom", expected, given)
    }

    /// The runtime lacks something. `message` says what, and what helps.
    #[must_use]
    pub fn unsupported(message: &str) -> Self {
        Self::new(ErrorCode::Unsupported, message.to_owned())
    }

    /// An answer with an error status, from the server or from a proxy in front of it.
    #[must_use]
    pub fn answered(path: &str, status: u16, server_message: Option<&str>) -> Self {
        let code = match status {
            401 => ErrorCode::Unauthorized,
            403 => ErrorCode::Forbidden,
            404 => ErrorCode::NotFound,
            429 => ErrorCode::RateLimited,
            400..=499 => ErrorCode::BadRequest,
            500..=599 => ErrorCode::ServerError,
            _ => ErrorCode::InvalidResponse,
        };
        let mut message = concat(&["GET ", path, " answered ", &number(status)]);
        if code == ErrorCode::InvalidResponse {
            message.push_str(", expected 200");
        }
        let server_message = server_message.map(|text| excerpt(text, 300));
        if let Some(text) = &server_message {
            message.push_str(": ");
            message.push_str(text);
        }
        if status == 403 {
            message.push_str(" (managed runners come with the plus, pro and enterprise tiers)");
        }
        let mut failure = Self::new(code, message);
        failure.status = Some(status);
        failure.retryable |= status == 408;
        failure.server_message = server_message;
        failure
    }

    /// A call that was not sent, because the server had asked for a longer pause than calls wait for.
    #[must_use]
    pub fn cooling_down(path: &str, retry_at: f64) -> Self {
        let message = concat(&[
            "GET ",
            path,
            " was not sent: the server asked for a pause of more than a minute; see retryAt",
        ]);
        let mut failure = Self::new(ErrorCode::RateLimited, message);
        failure.retry_at = Some(retry_at);
        failure
    }

    /// Adds the server's id of the request, as one line of at most about 200 characters.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<&str>) -> Self {
        self.request_id = id.map(|id| excerpt(id, 200));
        self
    }

    /// The call took longer than `limit_ms`.
    #[must_use]
    pub fn total_timeout(path: &str, limit_ms: u32) -> Self {
        let limit = number(limit_ms);
        let message = concat(&[
            "GET ",
            path,
            " was not over within ",
            &limit,
            " ms (totalTimeout)",
        ]);
        Self::new(ErrorCode::Timeout, message)
    }

    /// No answer: the connection failed, or the body broke off. `reason` is the host's message.
    #[must_use]
    pub fn connection(path: &str, reason: &str) -> Self {
        let message = concat(&["GET ", path, " failed: ", &excerpt(reason, 300)]);
        Self::new(ErrorCode::ConnectionFailed, message)
    }

    /// No complete answer within `limit_ms`.
    #[must_use]
    pub fn timeout(path: &str, limit_ms: u32) -> Self {
        let limit = number(limit_ms);
        let message = concat(&[
            "GET ",
            path,
            " gave no complete answer within ",
            &limit,
            " ms",
        ]);
        Self::new(ErrorCode::Timeout, message)
    }

    /// The token function gave no token within `limit_ms`.
    #[must_use]
    pub fn token_timeout(limit_ms: u32) -> Self {
        let limit = number(limit_ms);
        let message = concat(&[
            "token: the function returned no token within ",
            &limit,
            " ms",
        ]);
        Self::new(ErrorCode::Timeout, message)
    }

    /// An answer that is not JSON, is too large, or breaks the contract.
    #[must_use]
    pub fn invalid_response(
        path: &str,
        status: u16,
        content_type: Option<&str>,
        issue: ValidationIssue,
    ) -> Self {
        let what = match issue.path.as_str() {
            "" => "body",
            path => path,
        };
        let content_type = excerpt(content_type.unwrap_or("not given"), 80);
        let message = concat(&[
            "GET ",
            path,
            " answered ",
            &number(status),
            " with an unexpected ",
            what,
            ": expected ",
            issue.expected,
            ", found ",
            &issue.found,
            " at byte ",
            &number(issue.offset),
            " (content type ",
            &content_type,
            ")",
        ]);
        let mut failure = Self::new(ErrorCode::InvalidResponse, message);
        failure.status = Some(status);
        failure.path = Some(issue.path.clone());
        failure.issues = vec![issue];
        failure
    }

    /// The list changed faster than it could be read.
    #[must_use]
    pub fn list_changed(unique: u64, requests: u64) -> Self {
        let message = concat(&[
            "the list changed faster than it could be read: ",
            &number(unique),
            " runners were found in ",
            &number(requests),
            " requests",
        ]);
        Self::new(ErrorCode::ListChanged, message)
    }

    /// Removes secrets from every text that the server can have chosen.
    pub fn redact(&mut self, secrets: &Secrets) {
        secrets.redact(&mut self.message);
        for text in [&mut self.server_message, &mut self.request_id] {
            text.iter_mut().for_each(|text| secrets.redact(text));
        }
        for issue in &mut self.issues {
            issue.redact(secrets);
        }
    }
}

/// The first `longest` characters of a text from outside, on one line, so that it neither garbles a
/// terminal nor fills a log.
fn excerpt(text: &str, longest: usize) -> String {
    let mut excerpt = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == longest {
            excerpt.push('…');
            break;
        }
        // Also the line separators that count as no controls.
        let is_control = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
        excerpt.push(if is_control { ' ' } else { character });
    }
    excerpt
}

fn join(names: &[&str]) -> String {
    let mut text = String::new();
    for name in names {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(name);
    }
    text
}
