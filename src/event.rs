//! The arguments of `onEvent` and `onProgress`.

use serde::Serialize;
use tsify::Tsify;

use crate::error::ErrorCode;

/// Why a call waits:
///
/// - `rate_limit`: the window of the rate limit is full.
/// - `cooldown`: the server answered 429, and the cooldown is not over.
/// - `backoff`: the pause before a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the list above says what each reason means")]
pub enum WaitReason {
    RateLimit,
    Cooldown,
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
/// - `retry`: the attempt failed with `error`, and another one follows after `waitMs`. It has `status` if there
///   was an answer. `charged` says whether the retry counts against `maxRetries`.
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
#[expect(
    missing_docs,
    reason = "the text above describes the events and their members"
)]
pub enum ClientEvent {
    Request {
        call: u32,
        time: f64,
        attempt: u32,
        path: String,
    },
    Response {
        call: u32,
        time: f64,
        attempt: u32,
        path: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<ErrorCode>,
        duration_ms: f64,
    },
    Retry {
        call: u32,
        time: f64,
        attempt: u32,
        error: ErrorCode,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        wait_ms: f64,
        charged: bool,
    },
    Wait {
        call: u32,
        time: f64,
        attempt: u32,
        reason: WaitReason,
        wait_ms: f64,
    },
    Cooldown {
        call: u32,
        time: f64,
        until: f64,
    },
    Ledger {
        call: u32,
        time: f64,
        #[tsify(type = "\"lost\" | \"back\"")]
        state: LedgerState,
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
