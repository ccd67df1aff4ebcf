//! What `onEvent` and `onProgress` are called with.

use serde::Serialize;
use tsify::Tsify;

use crate::error::ErrorCode;

/// Why a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// The window of the rate limit is full.
    RateLimit,
    /// The server answered 429 a moment ago.
    Cooldown,
    /// The pause before a retry.
    Backoff,
}

/// One step of a call. `type` tells the steps apart:
///
/// - `request`: a request starts.
/// - `response`: it ended. `status` is there if there was an answer, `error` if it failed.
///   `durationMs` runs to the last byte of the body.
/// - `retry`: the attempt failed, and another one follows after `waitMs`. `charged` says whether it
///   counts against `maxRetries`.
/// - `wait`: the call waits for its turn or for a retry, for `waitMs`: an estimate where other calls
///   are ahead.
/// - `cooldown`: the server asked for a pause. No request to its origin starts before `until`.
/// - `ledger`: the ledger of a shared rate limit is `lost`, or `back`. This process now starts at most
///   `requests` in a window: its share, or the limit.
///
/// `call` numbers the calls of this copy of the package, and `attempt` the attempts of a call, both
/// from 1. `time` and `until` are in milliseconds since 1970. `path` is the URL's path, without its query.
#[derive(Clone, Debug, PartialEq, Serialize, Tsify)]
#[serde(
    tag = "type",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum ClientEvent {
    /// A request starts.
    Request {
        /// The number of the call, from 1.
        call: u32,
        /// When, in milliseconds since 1970.
        time: f64,
        /// The number of the attempt, from 1.
        attempt: u32,
        /// The URL's path, without its query.
        path: String,
    },
    /// A request ended, with an answer or without one.
    Response {
        /// The number of the call, from 1.
        call: u32,
        /// When, in milliseconds since 1970.
        time: f64,
        /// The number of the attempt, from 1.
        attempt: u32,
        /// The URL's path, without its query.
        path: String,
        /// The HTTP status, where there was an answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// The code of what is wrong with the answer, or why there is none.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<ErrorCode>,
        /// From the request's start to the end of its body, in milliseconds.
        duration_ms: f64,
    },
    /// The attempt failed, and another one follows.
    Retry {
        /// The number of the call, from 1.
        call: u32,
        /// When, in milliseconds since 1970.
        time: f64,
        /// The number of the attempt, from 1.
        attempt: u32,
        /// The code the call would have failed with.
        error: ErrorCode,
        /// The HTTP status, where there was an answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// How long the call waits before it, in milliseconds.
        wait_ms: f64,
        /// Whether it counts against `maxRetries`.
        charged: bool,
    },
    /// The call waits for its turn or for a retry.
    Wait {
        /// The number of the call, from 1.
        call: u32,
        /// When, in milliseconds since 1970.
        time: f64,
        /// The number of the attempt, from 1.
        attempt: u32,
        /// Why.
        reason: WaitReason,
        /// How long, in milliseconds: an estimate where other calls are ahead.
        wait_ms: f64,
    },
    /// The server answered 429: no request to its origin starts for a while.
    Cooldown {
        /// The number of the call, from 1.
        call: u32,
        /// When, in milliseconds since 1970.
        time: f64,
        /// When the next one may start, in milliseconds since 1970.
        until: f64,
    },
    /// The ledger of a shared rate limit does not answer any more, or does again.
    Ledger {
        /// The number of the call that noticed, from 1.
        call: u32,
        /// When, in milliseconds since 1970.
        time: f64,
        /// Whether it answers.
        #[tsify(type = "\"lost\" | \"back\"")]
        state: &'static str,
        /// How many requests this process may start now in one window: its share, or the limit.
        requests: f64,
    },
}

/// How far an enumeration is.
#[derive(Clone, Debug, PartialEq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Runners handed over so far, over all parts of a resumed enumeration.
    pub delivered: f64,
    /// Runners in the list, by the latest answer.
    pub total: f64,
    /// Requests so far; retries are not counted.
    pub requests: f64,
    /// How long the requests that are left will take at least, in milliseconds, with the rate limit
    /// taken into account.
    pub estimated_ms: f64,
}
