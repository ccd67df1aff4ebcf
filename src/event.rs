//! What `onEvent` hears.

use serde::Serialize;
use tsify::Tsify;

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

/// One step of a call. `call` numbers the calls of this copy of the package, so that events of
/// calls at the same time can be told apart; `time` is in milliseconds since 1970, `attempt`
/// counts from 1, and `path` is the URL's path without its query.
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
    /// A request ended: with an answer (`status`), or without one (`error` is its code).
    /// `durationMs` runs from its start to the end of its body.
    Response {
        call: u32,
        time: f64,
        attempt: u32,
        path: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[tsify(type = "ErrorCode")]
        error: Option<&'static str>,
        duration_ms: f64,
    },
    /// The attempt failed, and another one follows after `waitMs`. `error` is the code the call
    /// would have failed with. `charged` tells whether it counts against `maxRetries`.
    Retry {
        call: u32,
        time: f64,
        attempt: u32,
        #[tsify(type = "ErrorCode")]
        error: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        wait_ms: f64,
        charged: bool,
    },
    /// The call waits for its turn or for a retry. `waitMs` is an estimate where other calls are
    /// ahead.
    Wait {
        call: u32,
        time: f64,
        attempt: u32,
        reason: WaitReason,
        wait_ms: f64,
    },
    /// The server answered 429: no request to this origin starts before `until` (milliseconds
    /// since 1970).
    Cooldown { call: u32, time: f64, until: f64 },
}
