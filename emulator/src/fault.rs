//! Scripted faults: what goes wrong with the next requests.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use crate::api;
use crate::reply::{End, Place, Reply};
use crate::request::Request;

const HTML: &str = "<!doctype html>\n<title>Just a moment</title>\n<h1>Just a moment</h1>\n";

/// What goes wrong with one answer: another answer, another delivery, or both. Without any of
/// it, the request is answered as ever, which makes a gap in a script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Fault {
    /// For how many requests; 1 when not given.
    pub times: Option<u32>,
    /// Only for list requests that ask for this page.
    pub page: Option<u64>,
    /// Only for requests with exactly this path.
    pub path: Option<String>,

    /// The status: alone or with `message` an API error, with `html`, `empty` or `body` theirs
    /// instead of 200.
    pub status: Option<u16>,
    /// The message of an API error; the status' usual phrase when not given.
    pub message: Option<String>,
    /// An HTML page, as something in front of the API would answer.
    pub html: bool,
    /// No body and no content type.
    pub empty: bool,
    /// This text, or these bytes.
    pub body: Option<Body>,
    /// The content type, in place of what it would be.
    pub content_type: Option<String>,
    /// The `Retry-After` header: seconds, or any text such as an HTTP date.
    pub retry_after: Option<RetryAfterValue>,
    /// More headers.
    pub headers: BTreeMap<String, String>,
    /// Keep only the body's start; its length is declared as what is kept, so that the answer
    /// itself is whole and the JSON in it is not.
    pub truncate: Option<Where>,

    /// Milliseconds before the headers, in place of the setting.
    pub latency: Option<u64>,
    /// Send the body byte by byte, with this many milliseconds before each.
    pub drip: Option<u64>,
    /// Send up to here, then nothing more; the connection stays open.
    pub stall: Option<Where>,
    /// Send up to here, then close the connection.
    pub cut: Option<Where>,
}

/// A body that is scripted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of bytes")]
pub enum Body {
    /// Sent as UTF-8.
    Text(String),
    /// Sent as they are.
    Bytes(Vec<u8>),
}

/// A `Retry-After` that is scripted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected seconds or a text")]
pub enum RetryAfterValue {
    /// Whole seconds.
    Seconds(u64),
    /// As it is.
    Text(String),
}

/// A place in an answer whose length is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a number of bytes, \"before-headers\", \"after-headers\" or \"mid-body\""
)]
pub enum Where {
    /// After the headers and this many bytes of the body.
    Bytes(usize),
    /// One of the usual places.
    Named(Named),
}

/// The usual places to break an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Named {
    /// Before the first byte.
    BeforeHeaders,
    /// After the headers, before the body.
    AfterHeaders,
    /// Half-way through the body.
    MidBody,
}

impl Where {
    fn within(self, length: usize) -> Place {
        match self {
            Where::Bytes(bytes) => Place::Body(bytes.min(length)),
            Where::Named(Named::BeforeHeaders) => Place::BeforeHeaders,
            Where::Named(Named::AfterHeaders) => Place::Body(0),
            Where::Named(Named::MidBody) => Place::Body(length / 2),
        }
    }
}

impl Fault {
    /// Says what makes this fault impossible to act out.
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
        if self.times == Some(0) {
            return Err("times must be at least 1".into());
        }
        if self.truncate == Some(Where::Named(Named::BeforeHeaders)) {
            return Err(
                "truncate keeps a number of bytes, \"after-headers\" or \"mid-body\"".into(),
            );
        }
        if let Some(status) = self.status.filter(|status| !(200..600).contains(status)) {
            return Err(format!("status must be from 200 to 599, not {status}"));
        }
        for (name, value) in self.all_headers() {
            let allowed = HeaderName::from_bytes(name.as_bytes()).is_ok()
                && HeaderValue::from_str(&value).is_ok();
            if !allowed || name.eq_ignore_ascii_case("content-length") {
                return Err(format!("{name}: {value:?} cannot be sent as a header"));
            }
        }
        Ok(())
    }

    /// The answer that takes the place of the API's; `None` when that stays.
    pub fn answer(&self) -> Option<Reply> {
        let status = self.status.unwrap_or(200);
        if self.html {
            Some(Reply::new(status, "text/html; charset=utf-8", HTML))
        } else if self.empty {
            Some(Reply::empty(status))
        } else if let Some(body) = &self.body {
            let bytes = match body {
                Body::Text(text) => text.as_bytes().to_vec(),
                Body::Bytes(bytes) => bytes.clone(),
            };
            Some(Reply::new(status, "application/json", bytes))
        } else {
            let status = self.status?;
            let message = match &self.message {
                Some(message) => message.clone(),
                None => usual_message(status),
            };
            Some(Reply::error(status, &message))
        }
    }

    /// Gives an answer this fault's headers, length and delivery.
    pub fn shape(&self, reply: &mut Reply) {
        for (name, value) in self.all_headers() {
            reply.set(&name, value);
        }
        let whole = reply.body.len();
        if let Some(Place::Body(kept)) = self.truncate.map(|place| place.within(whole)) {
            reply.body.truncate(kept);
        }
        let length = reply.body.len();
        if let Some(latency) = self.latency {
            reply.delivery.latency = Duration::from_millis(latency);
        }
        reply.delivery.drip = self.drip.map(Duration::from_millis);
        reply.delivery.end = match (self.stall, self.cut) {
            (Some(place), _) => End::Stall(place.within(length)),
            (_, Some(place)) => End::Cut(place.within(length)),
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

    fn concerns(&self, request: &Request) -> bool {
        self.path.as_ref().is_none_or(|path| *path == request.path)
            && (self.page.is_none() || self.page == api::page_of(request))
    }
}

fn usual_message(status: u16) -> String {
    let known = StatusCode::from_u16(status).ok();
    let phrase = known.and_then(|status| status.canonical_reason());
    phrase.unwrap_or("error").to_lowercase()
}

/// The faults that wait for their requests, first come, first served.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Faults {
    waiting: VecDeque<Fault>,
}

impl Faults {
    /// Adds a fault behind the others, or says what is wrong with it.
    pub fn add(&mut self, fault: Fault) -> Result<(), String> {
        fault.check()?;
        self.waiting.push_back(fault);
        Ok(())
    }

    /// The first fault that concerns this request; it is used up by as many requests as it is for.
    pub fn take(&mut self, request: &Request) -> Option<Fault> {
        let at = self
            .waiting
            .iter()
            .position(|fault| fault.concerns(request))?;
        let left = self.waiting[at].times.unwrap_or(1) - 1;
        if left == 0 {
            return self.waiting.remove(at);
        }
        self.waiting[at].times = Some(left);
        Some(self.waiting[at].clone())
    }

    /// How many faults wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no fault waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
