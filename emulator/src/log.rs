//! The requests so far and statistics about them, for tests.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limit::drop_expired;
use crate::request::Request;

/// How many of the latest requests the log keeps. The statistics count all of them.
pub const KEPT: usize = 10_000;

/// Numbers the requests in the order of their arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RequestId(pub u64);

/// One API request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its number.
    pub id: RequestId,
    /// When it arrived, in milliseconds since the emulator's start.
    pub at_ms: f64,
    /// The method.
    pub method: String,
    /// The path as it was sent.
    pub path: String,
    /// The query as it was sent, without the `?`.
    pub query: String,
    /// The names of its headers; never their values, which hold the token.
    pub headers: Vec<String>,
    /// The status of the answer.
    pub status: u16,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Not yet: the answer is on its way.
    Open,
    /// The whole answer was sent.
    Sent,
    /// The client went away first.
    Aborted,
    /// A scripted fault cut the connection.
    Cut,
}

/// The latest requests, and statistics.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    #[serde(skip)]
    entries: VecDeque<Entry>,
    #[serde(skip)]
    next_id: u64,
    #[serde(skip)]
    recent: VecDeque<Duration>,
    /// API requests, including refused ones. Preflights are not counted.
    pub requests: u64,
    /// List requests that were answered from the runners.
    pub list_reads: u64,
    /// 429s of the rate limit. Scripted ones are not counted.
    pub refused: u64,
    /// Requests that a scripted fault changed.
    pub faults: u64,
    /// CORS preflights.
    pub preflights: u64,
    /// Requests whose client went away before the answer was complete.
    pub aborted: u64,
    /// The most requests that arrived in any window of the limit's length (10 s without a limit).
    pub max_starts_in_window: usize,
    /// Requests whose answer is on its way.
    pub in_flight: usize,
    /// The most requests whose answer was on its way at once.
    pub max_in_flight: usize,
    /// Open connections, including the one that asks.
    pub connections: usize,
}

impl Log {
    /// Records a request that arrives at `now`; `window` is the rate limit's.
    pub fn arrived(&mut self, request: &Request, window: Duration, now: Duration) -> RequestId {
        let id = RequestId(self.next_id);
        self.next_id += 1;
        self.requests += 1;
        self.in_flight += 1;
        self.max_in_flight = self.max_in_flight.max(self.in_flight);
        drop_expired(&mut self.recent, window, now);
        self.recent.push_back(now);
        self.max_starts_in_window = self.max_starts_in_window.max(self.recent.len());
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry {
            id,
            at_ms: now.as_micros() as f64 / 1000.0,
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: request
                .headers
                .iter()
                .map(|(name, _)| name.clone())
                .collect(),
            status: 0,
            outcome: Outcome::Open,
        });
        id
    }

    /// Records the status of the answer.
    pub fn answered(&mut self, id: RequestId, status: u16) {
        if let Some(entry) = self.entry(id) {
            entry.status = status;
        }
    }

    /// Records how the transport ended a request. The transport calls it once for each.
    pub fn finished(&mut self, id: RequestId, outcome: Outcome) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if outcome == Outcome::Aborted {
            self.aborted += 1;
        }
        if let Some(entry) = self.entry(id) {
            entry.outcome = outcome;
        }
    }

    /// The latest requests, oldest first.
    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.entries
    }

    /// Forgets everything but the requests and connections that are open.
    pub fn clear(&mut self) {
        *self = Log {
            next_id: self.next_id,
            in_flight: self.in_flight,
            max_in_flight: self.in_flight,
            connections: self.connections,
            ..Log::default()
        };
    }

    fn entry(&mut self, id: RequestId) -> Option<&mut Entry> {
        let first = self.entries.front()?.id;
        let position = id.0.checked_sub(first.0)?;
        self.entries.get_mut(position as usize)
    }
}
