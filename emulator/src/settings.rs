//! What a run of the emulator can be told, at the start and while it runs.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::auth::Tier;
use crate::limit::Rule;

/// The emulator's settings, as the control interface shows and takes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// The tier of the account the token belongs to.
    pub tier: Tier,
    /// The token that is let through; `None` turns token checks off.
    pub token: Option<String>,
    /// The token that answers 401 `Token has expired`.
    pub expired_token: Option<String>,
    /// The rate limit; `None` turns it off.
    pub limit: Option<Rule>,
    /// What a 429 of the limit says about when to come back.
    pub retry_after: RetryAfter,
    /// Milliseconds every API answer takes before its headers.
    pub latency_ms: u64,
    /// Whether other origins' pages may read the API's answers.
    pub cors: bool,
}

/// The form of the `Retry-After` header in the limit's own 429s. The API's documentation does not
/// promise one, so the default is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

impl std::str::FromStr for RetryAfter {
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
            limit: Some(Rule::default()),
            retry_after: RetryAfter::None,
            latency_ms: 0,
            cors: true,
        }
    }
}

impl Settings {
    /// These settings with the fields of `changes` in place of their own.
    ///
    /// Fails with a sentence when a field is unknown or its value is not one this setting can have.
    pub fn changed(&self, changes: Map<String, Value>) -> Result<Settings, String> {
        let settings: Settings = overlaid(self, changes)?;
        match settings.limit {
            Some(rule) if rule.requests == 0 || rule.window_ms == 0 => {
                Err("limit: requests and windowMs must be at least 1".into())
            }
            _ => Ok(settings),
        }
    }
}

/// `base` with the fields of `changes` laid over its own, read back as the same type.
pub(crate) fn overlaid<T>(base: &T, changes: Map<String, Value>) -> Result<T, String>
where
    T: Serialize + for<'de> Deserialize<'de>,
{
    let mut value = serde_json::to_value(base).expect("the emulator's own types serialize");
    let fields = value.as_object_mut().expect("a struct is a JSON object");
    fields.extend(changes);
    serde_json::from_value(value).map_err(|error| error.to_string())
}
