//! What `onEvent` and `onProgress` hear. `pkg/js/` tells it; here is what it is.

use tsify::Tsify;

/// Why a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// The window of the rate limit is full.
    RateLimit,
    /// The server answered 429 a moment ago.
    Cooldown,
    /// The pause before a retry.
    Backoff,
}

/// A request starts.
#[derive(Clone, Debug, PartialEq, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RequestEvent {
    /// Which event this is.
    #[tsify(type = "\"request\"")]
    pub r#type: &'static str,
    /// The number of the call, among the calls of this copy of the package.
    pub call: u32,
    /// When it happened, in milliseconds since 1970.
    pub time: f64,
    /// The attempt of the call, from 1.
    pub attempt: u32,
    /// The URL's path, without its query.
    pub path: String,
}

/// A request ended, with an answer or without one.
#[derive(Clone, Debug, PartialEq, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ResponseEvent {
    /// Which event this is.
    #[tsify(type = "\"response\"")]
    pub r#type: &'static str,
    /// The number of the call, among the calls of this copy of the package.
    pub call: u32,
    /// When it happened, in milliseconds since 1970.
    pub time: f64,
    /// The attempt of the call, from 1.
    pub attempt: u32,
    /// The URL's path, without its query.
    pub path: String,
    /// The HTTP status, where there was an answer.
    #[tsify(optional)]
    pub status: Option<u16>,
    /// The code of what is wrong with the answer, or why there is none.
    #[tsify(optional, type = "ErrorCode")]
    pub error: Option<&'static str>,
    /// From the request's start to the end of its body, in milliseconds.
    pub duration_ms: f64,
}

/// The attempt failed, and another one follows.
#[derive(Clone, Debug, PartialEq, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RetryEvent {
    /// Which event this is.
    #[tsify(type = "\"retry\"")]
    pub r#type: &'static str,
    /// The number of the call, among the calls of this copy of the package.
    pub call: u32,
    /// When it happened, in milliseconds since 1970.
    pub time: f64,
    /// The attempt of the call, from 1.
    pub attempt: u32,
    /// The code the call would have failed with.
    #[tsify(type = "ErrorCode")]
    pub error: &'static str,
    /// The HTTP status, where there was an answer.
    #[tsify(optional)]
    pub status: Option<u16>,
    /// How long the call waits before it, in milliseconds.
    pub wait_ms: f64,
    /// Whether it counts against `maxRetries`.
    pub charged: bool,
}

/// The call waits for its turn or for a retry.
#[derive(Clone, Debug, PartialEq, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct WaitEvent {
    /// Which event this is.
    #[tsify(type = "\"wait\"")]
    pub r#type: &'static str,
    /// The number of the call, among the calls of this copy of the package.
    pub call: u32,
    /// When it happened, in milliseconds since 1970.
    pub time: f64,
    /// The attempt of the call, from 1.
    pub attempt: u32,
    /// Why it waits.
    pub reason: WaitReason,
    /// How long, in milliseconds: an estimate where other calls are ahead.
    pub wait_ms: f64,
}

/// The server answered 429: no request to its origin starts for a while.
#[derive(Clone, Debug, PartialEq, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct CooldownEvent {
    /// Which event this is.
    #[tsify(type = "\"cooldown\"")]
    pub r#type: &'static str,
    /// The number of the call, among the calls of this copy of the package.
    pub call: u32,
    /// When it happened, in milliseconds since 1970.
    pub time: f64,
    /// When the next one may start, in milliseconds since 1970.
    pub until: f64,
}

/// One step of a call, told apart by `type`.
#[derive(Clone, Debug, PartialEq, Tsify)]
#[serde(untagged)]
pub enum ClientEvent {
    Request(RequestEvent),
    Response(ResponseEvent),
    Retry(RetryEvent),
    Wait(WaitEvent),
    Cooldown(CooldownEvent),
}

/// How far an enumeration is.
#[derive(Clone, Debug, PartialEq, Tsify)]
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
