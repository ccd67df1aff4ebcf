//! A request, its answer, and what is recorded of both.

use comfycontrol_emulator::list_query::{ListQuery, RUNNERS};
use comfycontrol_emulator::log::{Entry, Outcome};
use comfycontrol_emulator::{End, Position, Reply, Request};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// A request for the emulator.
#[derive(Deserialize)]
pub struct Asked {
    /// The method, in upper case.
    pub method: String,
    /// Path and query, percent-encoded.
    pub target: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

impl From<Asked> for Request {
    fn from(asked: Asked) -> Self {
        Request {
            headers: asked.headers,
            ..Request::new(&asked.method, &asked.target).with_body(asked.body)
        }
    }
}

/// An answer, and how to deliver it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The number under which to report the end of the request. A preflight has none.
    pub request: Option<u64>,
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
    /// Milliseconds before the headers.
    pub latency: u64,
    /// Milliseconds before each byte of the body; without it, all bytes come at once.
    pub drip: Option<u64>,
    /// How the answer ends.
    pub end: AnswerEnd,
    /// Where it ends: after this many bytes of the body. Without it, before the headers.
    pub end_after: Option<usize>,
}

/// How an answer ends.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerEnd {
    /// With the whole body.
    Complete,
    /// Nothing more comes.
    Stall,
    /// The connection breaks.
    Cut,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        let (end, position) = match reply.delivery.end {
            End::Complete => (AnswerEnd::Complete, Position::Body(reply.body.len())),
            End::Stall(position) => (AnswerEnd::Stall, position),
            End::Cut(position) => (AnswerEnd::Cut, position),
        };
        let milliseconds = |duration: std::time::Duration| duration.as_millis() as u64;
        Answer {
            request: reply.request.map(|id| id.0),
            status: reply.status,
            headers: reply.headers,
            body: reply.body,
            latency: milliseconds(reply.delivery.latency),
            drip: reply.delivery.drip.map(milliseconds),
            end,
            end_after: match position {
                Position::BeforeHeaders => None,
                Position::Body(bytes) => Some(bytes),
            },
        }
    }
}

/// A request that the emulator received. It never holds a token.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The path, without the query, and up to `cfc_…` if it holds a token.
    pub path: String,
    /// The page that a list request asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// The page size that a list request asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_page: Option<usize>,
    /// The id that a request for one runner asked for, as `path` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// How the request ended.
    pub outcome: Outcome,
    /// When it arrived: milliseconds on the emulator's clock since the start.
    pub at: f64,
}

impl From<&Entry> for RecordedRequest {
    fn from(entry: &Entry) -> Self {
        let is_list = entry.path == RUNNERS;
        let request = Request::get(&format!("{}?{}", entry.path, entry.query));
        let query = ListQuery::of(&request).ok().filter(|_| is_list);
        let path = without_token(&entry.path);
        let id = path.strip_prefix(RUNNERS);
        let id = id.and_then(|rest| rest.strip_prefix('/'));
        RecordedRequest {
            method: entry.method.clone(),
            page: query.map(|query| query.page),
            per_page: query.map(|query| query.per_page),
            id: id.map(str::to_owned),
            path,
            status: entry.status,
            outcome: entry.outcome,
            at: entry.at_ms,
        }
    }
}

/// What follows `cfc_` may all belong to the token.
fn without_token(path: &str) -> String {
    match path.split_once("cfc_") {
        Some((before, _)) => format!("{before}cfc_…"),
        None => path.to_owned(),
    }
}
