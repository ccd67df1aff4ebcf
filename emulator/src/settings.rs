//! How the emulated API behaves: set at the start, and changed while it runs.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::limit::LimitRule;
use crate::overlay::overlay;
use crate::tier::Tier;

/// The emulator's settings, as the control interface reads and writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// The tier of the account the token belongs to.
    pub tier: Tier,
    /// The token that is accepted; `None` turns token checks off.
    pub token: Option<String>,
    /// The token that answers 401 `Token has expired`.
    pub expired_token: Option<String>,
    /// The rate limit; `None` turns it off.
    pub limit: Option<LimitRule>,
    /// The `Retry-After` header of the limit's 429s.
    pub retry_after: RetryAfter,
    /// Milliseconds before the headers of every API answer.
    pub latency_ms: u64,
    /// Whether pages of other origins may read the API's answers.
    pub cors: bool,
    /// Where the timestamps of added and changed runners come from.
    pub timestamps: Timestamps,
}

/// The form of the `Retry-After` header in the limit's own 429s. The API's documentation does not
/// promise one, so the default is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
#[serde(rename_all = "lowercase")]
pub enum RetryAfter {
    /// No header.
    #[default]
    None,
    /// Whole seconds, rounded up.
    Seconds,
    /// An HTTP date (RFC 9110 §5.6.7), rounded up to the second.
    Date,
}

/// Where the timestamps of added and changed runners come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Timestamps {
    /// A calendar that moves on by 37 minutes with every change: the same in every run.
    #[default]
    Calendar,
    /// The emulator's clock.
    Clock,
}

impl FromStr for RetryAfter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(RetryAfter::None),
            "seconds" => Ok(RetryAfter::Seconds),
            "date" => Ok(RetryAfter::Date),
            _ => Err("expected none, seconds or date".into()),
        }
    }
}

impl Default for Settings {
    /// A `pro` account with the token `cfc_demo` under the documented limit.
    fn default() -> Self {
        Settings {
            tier: Tier::Pro,
            token: Some("cfc_demo".into()),
            expired_token: Some("cfc_expired".into()),
            limit: Some(LimitRule::default()),
            retry_after: RetryAfter::None,
            latency_ms: 0,
            cors: true,
            timestamps: Timestamps::Calendar,
        }
    }
}

impl Settings {
    /// These settings with the values of `changes`. The error is a message: a field is unknown, or its
    /// value is not allowed.
    pub fn changed(&self, changes: Map<String, Value>) -> Result<Settings, String> {
        let settings: Settings = overlay(self, changes)?;
        match settings.limit {
            Some(rule) if rule.requests == 0 || rule.window_ms == 0 => {
                Err("limit: requests and windowMs must be at least 1".into())
            }
            _ => Ok(settings),
        }
    }
}
