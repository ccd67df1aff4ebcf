//! An answer, and how to deliver it.

use std::time::Duration;

use serde::Serialize;

use crate::log::RequestId;

/// An answer for the transport to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status, 200 to 599.
    pub status: u16,
    /// Header names in lower case, and their values.
    pub headers: Vec<(String, String)>,
    /// The body, sent with its length unless `delivery` breaks it off.
    pub body: Vec<u8>,
    /// How to send it.
    pub delivery: Delivery,
    /// The transport reports the end of the request to the log under this number. Preflights and
    /// control calls have none.
    pub request: Option<RequestId>,
}

/// How the transport sends an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Wait before the headers.
    pub latency: Duration,
    /// Send the body one byte at a time, with this pause before each.
    pub drip: Option<Duration>,
    /// Where sending ends.
    pub end: End,
}

/// Where the transport stops sending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// After the whole body.
    #[default]
    Complete,
    /// Here. The connection stays open and silent.
    Stall(Position),
    /// Here. The connection is closed.
    Cut(Position),
}

/// A position in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Before the first byte of the status line.
    BeforeHeaders,
    /// After the headers and this many bytes of the body.
    Body(usize),
}

impl Reply {
    /// An answer of any content type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Reply {
            status,
            body: body.into(),
            ..Reply::default()
        }
        .with("content-type", content_type)
    }

    /// An answer without a body or a content type.
    pub fn empty(status: u16) -> Self {
        Reply {
            status,
            ..Reply::default()
        }
    }

    /// A JSON answer.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("the emulator's own types serialize");
        Reply::new(status, "application/json", body)
    }

    /// The body of every API error: `{ "status", "message" }` (`api/contract.md`, Errors).
    pub fn error(status: u16, message: &str) -> Self {
        #[derive(Serialize)]
        struct Error<'a> {
            status: u16,
            message: &'a str,
        }
        Reply::json(status, &Error { status, message })
    }

    /// Sets a header and replaces an earlier one of that name.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a header and replaces an earlier one of that name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let name = name.to_ascii_lowercase();
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
    }

    /// The value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }
}
