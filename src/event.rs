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

/// One step of a call, told apart by `type`. `call` numbers the calls of this copy of the package,
/// `attempt` the attempts of a call, from 1; `time` is in milliseconds since 1970; `path` is the
/// URL's path, without its query.
#[derive(Clone, Debug, PartialEq, Serialize, Tsify)]
#[serde(
    tag = "type",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum ClientEvent {
    /// A request starts.
    Request {
        call: u32,
        time: f64,
        attempt: u32,
        path: String,
    },
    /// A request ended, with an answer or without one.
    Response {
        call: u32,
        time: f64,
        attempt: u32,
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
        call: u32,
        time: f64,
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
        call: u32,
        time: f64,
        attempt: u32,
        reason: WaitReason,
        /// How long, in milliseconds: an estimate where other calls are ahead.
        wait_ms: f64,
    },
    /// The server answered 429: no request to its origin starts for a while.
    Cooldown {
        call: u32,
        time: f64,
        /// When the next one may start, in milliseconds since 1970.
        until: f64,
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
