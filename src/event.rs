//! The arguments of `onEvent` and `onProgress`.

use serde::Serialize;
use tsify::Tsify;

use crate::error::ErrorCode;

/// Why a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// The window of the rate limit is full.
    RateLimit,
    /// The server answered 429, and the cooldown is not over.
    Cooldown,
    /// The pause before a retry.
    Backoff,
}

/// Whether the ledger of a shared rate limit answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerState {
    /// It does not answer any more.
    Lost,
    /// It answers again.
    Back,
}

/// One step of a call. Its `type` is one of:
///
/// - `request`: a request starts.
/// - `response`: the request ended, after `durationMs` with the last byte of the body. It has `status` if
///   there was an answer, and `error` if the attempt failed.
/// - `retry`: the attempt failed, and another one follows after `waitMs`. `charged` says whether it
///   counts against `maxRetries`.
/// - `wait`: the call waits for a slot of the rate limit or for a retry. `waitMs` is an estimate if other
///   calls are ahead in the queue.
/// - `cooldown`: the server asked for a pause. No request to its origin starts before `until`, except those of
///   clients with `rateLimit: false`.
/// - `ledger`: the ledger of a shared rate limit is `lost`, or `back`. This process now starts at most
///   `requests` in a window: its share, or the limit.
///
/// `call` numbers the calls of this copy of the package, and `attempt` the attempts of a call, both
/// from 1. `time` and `until` are in milliseconds since 1970, `waitMs` and `durationMs` in milliseconds.
/// `path` is the path of the URL, without its query.
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
        /// The HTTP status, if there was an answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// The error code, if the attempt failed.
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
        /// The error code of the failed attempt.
        error: ErrorCode,
        /// The HTTP status, if there was an answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// How long the call waits before the next attempt, in milliseconds.
        wait_ms: f64,
        /// Whether the retry counts against `maxRetries`.
        charged: bool,
    },
    /// The call waits for a slot of the rate limit or for a retry.
    Wait {
        /// The number of the call, from 1.
        call: u32,
        /// When, in milliseconds since 1970.
        time: f64,
        /// The number of the attempt, from 1.
        attempt: u32,
        /// What the call waits for.
        reason: WaitReason,
        /// In milliseconds; an estimate if other calls are ahead in the queue.
        wait_ms: f64,
    },
    /// The server answered 429: no request to its origin starts for a while.
    Cooldown {
        /// The number of the call, from 1.
        call: u32,
        /// When, in milliseconds since 1970.
        time: f64,
        /// When the next request may start, in milliseconds since 1970.
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
        state: LedgerState,
        /// How many requests this process may start now in one window: its share, or the limit.
        requests: f64,
    },
}

/// The progress of an iteration.
#[derive(Clone, Debug, PartialEq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Runners handed over so far, including those before `resumeFrom`.
    pub delivered: f64,
    /// Runners in the list, according to the latest answer; 0 before the first.
    pub total: f64,
    /// Pages requested so far, including those before `resumeFrom`. Retries are not counted.
    pub requests: f64,
    /// How long the remaining requests will take at least, in milliseconds. Takes the rate limit into
    /// account.
    pub estimated_ms: f64,
}
