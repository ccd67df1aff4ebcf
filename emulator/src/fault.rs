//! Scripted faults: other answers, or other ways to deliver them, for the next requests.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use crate::list_query;
use crate::reply::{End, Position, Reply};
use crate::request::Request;

const HTML: &str = "<!doctype html>\n<title>Just a moment</title>\n<h1>Just a moment</h1>\n";

/// A failure of one or more of the next requests: another answer, another way to deliver it, or both.
/// With none of these members the request is answered as usual, which makes a gap in a script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    default,
    expecting = "an object that describes a fault"
)]
pub struct Fault {
    /// How many requests the fault applies to. Default 1.
    pub times: Option<u32>,
    /// Only for list requests that ask for this page.
    pub page: Option<u64>,
    /// Only for requests with exactly this path.
    pub path: Option<String>,

    /// The status, 200 to 599. Alone or with `message` it makes an API error. With `html`, `empty` or
    /// `body` it is their status, instead of 200.
    pub status: Option<u16>,
    /// The message of an API error. Default: the usual phrase of the status.
    pub message: Option<String>,
    /// `true` answers an HTML page, as a proxy or a CDN would.
    #[cfg_attr(feature = "typescript", tsify(type = "boolean | undefined"))]
    pub html: bool,
    /// `true` answers without a body and a content type.
    #[cfg_attr(feature = "typescript", tsify(type = "boolean | undefined"))]
    pub empty: bool,
    /// Answers this text, or these bytes, as `application/json`.
    #[cfg_attr(
        feature = "typescript",
        tsify(optional, type = "string | number[] | Uint8Array | undefined")
    )]
    pub body: Option<FaultBody>,
    /// Replaces the content type.
    pub content_type: Option<String>,
    /// The `Retry-After` header: seconds, or any text such as an HTTP date.
    pub retry_after: Option<RetryAfterValue>,
    /// Milliseconds of a cooldown, as when another client went over the rate limit: this request and
    /// all others answer 429 until it ends.
    pub cooldown: Option<u64>,
    /// More headers.
    #[cfg_attr(
        feature = "typescript",
        tsify(type = "Record<string, string> | undefined")
    )]
    pub headers: BTreeMap<String, String>,
    /// Keeps only the start of the body, so that the answer is complete but its JSON is broken.
    pub truncate: Option<FaultPosition>,

    /// Milliseconds before the headers.
    pub latency: Option<u64>,
    /// Sends the body byte by byte, with this many milliseconds before each.
    pub drip: Option<u64>,
    /// Sends up to this position, then nothing more. The connection stays open.
    pub stall: Option<FaultPosition>,
    /// Sends up to this position, then closes the connection.
    pub cut: Option<FaultPosition>,
}

/// A scripted body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of bytes")]
pub enum FaultBody {
    /// Sent as UTF-8.
    Text(String),
    /// Sent as they are.
    Bytes(Vec<u8>),
}

/// A scripted `Retry-After`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
#[serde(untagged, expecting = "expected seconds or a text")]
pub enum RetryAfterValue {
    /// Whole seconds.
    Seconds(u64),
    /// As it is.
    Text(String),
}

/// A position in an answer: a name, or a number of bytes of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
#[serde(
    untagged,
    expecting = "expected a number of bytes, \"before-headers\", \"after-headers\" or \"mid-body\""
)]
pub enum FaultPosition {
    /// After the headers and this many bytes of the body.
    Bytes(usize),
    /// A position with a name.
    Named(NamedPosition),
}

/// The positions that have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum NamedPosition {
    /// Before the first byte.
    BeforeHeaders,
    /// After the headers, before the body.
    AfterHeaders,
    /// Half-way through the body.
    MidBody,
}

impl FaultPosition {
    fn within(self, length: usize) -> Position {
        match self {
            FaultPosition::Bytes(bytes) => Position::Body(bytes.min(length)),
            FaultPosition::Named(NamedPosition::BeforeHeaders) => Position::BeforeHeaders,
            FaultPosition::Named(NamedPosition::AfterHeaders) => Position::Body(0),
            FaultPosition::Named(NamedPosition::MidBody) => Position::Body(length / 2),
        }
    }
}

impl Fault {
    /// Returns what is wrong with this fault.
    pub fn check(&self) -> Result<(), String> {
        let answers = [
            self.message.is_some(),
            self.html,
            self.empty,
            self.body.is_some(),
        ];
        if answers.iter().filter(|given| **given).count() > 1 {
            return Err("give only one of message, html, empty and body".into());
        }
        if self.stall.is_some() && self.cut.is_some() {
            return Err("give only one of stall and cut".into());
        }
        if self.message.is_some() && self.status.is_none() {
            return Err("message needs a status".into());
        }
        if self.cooldown.is_some() && self.status.is_some_and(|status| status != 429) {
            return Err("a cooldown answers 429".into());
        }
        if self.times == Some(0) {
            return Err("times must be at least 1".into());
        }
        if self.truncate == Some(FaultPosition::Named(NamedPosition::BeforeHeaders)) {
            return Err(
                "truncate keeps a number of bytes, \"after-headers\" or \"mid-body\"".into(),
            );
        }
        if let Some(status) = self.status.filter(|status| !(200..600).contains(status)) {
            return Err(format!("status must be from 200 to 599, not {status}"));
        }
        for (name, value) in self.all_headers() {
            // `fetch` cannot hold more than Latin-1 in a header.
            if let Some(wide) = value.chars().find(|&char| char > '\u{ff}') {
                return Err(format!(
                    "{name}: {wide:?} is above U+00FF, and cannot be sent in a header"
                ));
            }
            let allowed = HeaderName::from_bytes(name.as_bytes()).is_ok()
                && HeaderValue::from_str(&value).is_ok();
            if !allowed || name.eq_ignore_ascii_case("content-length") {
                return Err(format!("{name}: {value:?} cannot be sent as a header"));
            }
        }
        Ok(())
    }

    /// The answer in place of the API's own; `None` when the API answers.
    pub fn answer(&self) -> Option<Reply> {
        let status = self.status.unwrap_or(200);
        if self.html {
            Some(Reply::new(status, "text/html; charset=utf-8", HTML))
        } else if self.empty {
            Some(Reply::empty(status))
        } else if let Some(body) = &self.body {
            let bytes = match body {
                FaultBody::Text(text) => text.as_bytes().to_vec(),
                FaultBody::Bytes(bytes) => bytes.clone(),
            };
            Some(Reply::new(status, "application/json", bytes))
        } else {
            let status = self.status.or(self.cooldown.map(|_| 429))?;
            let message = match &self.message {
                Some(message) => message.clone(),
                None => usual_message(status),
            };
            Some(Reply::error(status, &message))
        }
    }

    /// Applies the headers, the length and the delivery of this fault to an answer.
    pub fn shape(&self, reply: &mut Reply) {
        for (name, value) in self.all_headers() {
            reply.set(&name, value);
        }
        let whole = reply.body.len();
        if let Some(Position::Body(kept)) = self.truncate.map(|position| position.within(whole)) {
            reply.body.truncate(kept);
        }
        let length = reply.body.len();
        if let Some(latency) = self.latency {
            reply.delivery.latency = Duration::from_millis(latency);
        }
        reply.delivery.drip = self.drip.map(Duration::from_millis);
        reply.delivery.end = match (self.stall, self.cut) {
            (Some(position), _) => End::Stall(position.within(length)),
            (_, Some(position)) => End::Cut(position.within(length)),
            _ => End::Complete,
        };
    }

    fn all_headers(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let content_type = self.content_type.clone();
        let retry_after = self.retry_after.as_ref().map(|value| match value {
            RetryAfterValue::Seconds(seconds) => seconds.to_string(),
            RetryAfterValue::Text(text) => text.clone(),
        });
        let named = [("content-type", content_type), ("retry-after", retry_after)];
        let named = named.into_iter();
        named
            .filter_map(|(name, value)| Some((name.to_string(), value?)))
            .chain(self.headers.clone())
    }

    fn applies_to(&self, request: &Request) -> bool {
        self.path.as_ref().is_none_or(|path| *path == request.path)
            && (self.page.is_none() || self.page == list_query::page_of(request))
    }
}

fn usual_message(status: u16) -> String {
    let known = StatusCode::from_u16(status).ok();
    let phrase = known.and_then(|status| status.canonical_reason());
    phrase.unwrap_or("error").to_lowercase()
}

/// The faults that wait for a request, in the order they were added.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Faults {
    waiting: VecDeque<Fault>,
}

impl Faults {
    /// Adds a fault behind the others, or returns what is wrong with it.
    pub fn add(&mut self, fault: Fault) -> Result<(), String> {
        fault.check()?;
        self.waiting.push_back(fault);
        Ok(())
    }

    /// Takes the first fault that applies to this request. Each fault is taken `times` times.
    pub fn take(&mut self, request: &Request) -> Option<Fault> {
        let index = self
            .waiting
            .iter()
            .position(|fault| fault.applies_to(request))?;
        let left = self.waiting[index].times.unwrap_or(1) - 1;
        if left == 0 {
            return self.waiting.remove(index);
        }
        self.waiting[index].times = Some(left);
        Some(self.waiting[index].clone())
    }

    /// The number of faults that wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no fault waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
