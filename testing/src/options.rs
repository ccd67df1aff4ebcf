//! The options of `createEmulator`.

use comfycontrol_emulator::{
    LimitRule, RetryAfter, Runners, Settings, Tier, Timestamps, VIRTUAL_START, runners::Stamp,
    timestamp,
};
use js_sys::TypeError;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use tsify::Tsify;

use crate::input::{parse_value, wrong};
use crate::runner::{RunnerOverrides, in_camel_case};

/// How the emulated API starts and behaves.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    default,
    expecting = "an object with options"
)]
pub struct EmulatorOptions {
    /// The runners at the start: a number of generated ones, at most 1,000,000, or the runners
    /// themselves. Members that are left out are generated. Default: none.
    #[tsify(optional, type = "number | RunnerOverrides[] | undefined")]
    pub runners: Value,
    /// Which runners are generated: the same seed gives the same runners everywhere. Default 0.
    pub seed: Option<u32>,
    /// The account's tier. `free` has no managed runners and answers 403. Default `pro`.
    pub tier: Option<Tier>,
    /// The accepted token; `false` accepts every request. Default `cfc_test`.
    #[tsify(optional, type = "string | false | undefined")]
    pub token: Option<Token>,
    /// The token that answers 401 `Token has expired`. Default `cfc_expired`.
    pub expired_token: Option<String>,
    /// The API's own rate limit, which answers 429 and starts a cooldown. `true` is the documented
    /// one, 40 requests in 10 seconds. Default `false`.
    #[tsify(optional, type = "boolean | LimitRule | undefined")]
    pub rate_limit: Option<RateLimit>,
    /// The `Retry-After` header of the rate limit's 429s. Default `none`.
    pub retry_after: Option<RetryAfter>,
    /// Milliseconds before the headers of every answer, by `setTimeout`. Default 0.
    pub latency: Option<u32>,
    /// Where the time for rate limits, cooldowns and timestamps comes from. `virtual` time stands
    /// still until `clock.advance`; `real` time passes by itself. Default `virtual`.
    pub clock: Option<Clock>,
    /// What the virtual clock shows at the start: RFC 3339 or a `Date`. Default
    /// 2026-01-01T00:00:00Z.
    #[tsify(optional, type = "string | Date | undefined")]
    pub start_time: Option<String>,
    /// The base URL in `clientOptions`. Default: an origin of its own, `https://emulator-1.invalid`, so
    /// that emulators share no rate limit in the client.
    pub base_url: Option<String>,
}

/// The accepted token.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a text, or false for any token")]
pub enum Token {
    /// This one.
    Text(String),
    /// `false`: every token, and none.
    Any(False),
}

/// The rate limit.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected true, false or { requests, windowMs }, both at least 1"
)]
pub enum RateLimit {
    /// `true`: the documented one. `false`: none.
    Documented(bool),
    /// This one.
    LimitRule(LimitRule),
}

/// The literal `false`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "bool")]
pub struct False;

impl TryFrom<bool> for False {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        match value {
            false => Ok(False),
            true => Err("expected false"),
        }
    }
}

/// Where time comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// It stands still until it is advanced.
    #[default]
    Virtual,
    /// It passes by itself.
    Real,
}

const NAME: &str = "createEmulator";

/// More runners than any account has. They take 300 MB.
const MOST_RUNNERS: u32 = 1_000_000;

/// How many runners to generate.
pub fn checked_count(name: &str, count: u32) -> Result<usize, TypeError> {
    if count > MOST_RUNNERS {
        let message = format!("at most {MOST_RUNNERS} runners are generated, not {count}");
        return Err(wrong(name, &message));
    }
    Ok(count as usize)
}

impl EmulatorOptions {
    /// The emulator's settings.
    pub fn settings(&self) -> Result<Settings, TypeError> {
        let limit = match self.rate_limit {
            None | Some(RateLimit::Documented(false)) => None,
            Some(RateLimit::Documented(true)) => Some(LimitRule::default()),
            Some(RateLimit::LimitRule(rule)) if rule.requests > 0 && rule.window_ms > 0 => {
                Some(rule)
            }
            Some(RateLimit::LimitRule(_)) => {
                return Err(wrong(
                    NAME,
                    "rateLimit: requests and windowMs must be at least 1",
                ));
            }
        };
        let token = match &self.token {
            None => Some("cfc_test".to_owned()),
            Some(Token::Text(token)) if token.is_empty() => {
                return Err(wrong(
                    NAME,
                    "token: must not be empty; false accepts every request",
                ));
            }
            Some(Token::Text(token)) => Some(token.clone()),
            Some(Token::Any(False)) => None,
        };
        let expired_token = self.expired_token.as_deref().unwrap_or("cfc_expired");
        Ok(Settings {
            tier: self.tier.unwrap_or(Tier::Pro),
            token,
            expired_token: Some(expired_token.to_owned()),
            limit,
            retry_after: self.retry_after.unwrap_or_default(),
            latency_ms: self.latency.unwrap_or_default().into(),
            cors: true,
            timestamps: Timestamps::Clock,
        })
    }

    /// The runners at the start.
    pub fn start_runners(&self) -> Result<Runners, TypeError> {
        let seed = self.seed.unwrap_or_default().into();
        match &self.runners {
            Value::Null => Ok(Runners::empty(seed)),
            Value::Array(given) => listed(given, seed),
            other => {
                let name = format!("{NAME}: runners");
                let count = parse_value(&name, other.clone())?;
                Ok(Runners::generated(checked_count(&name, count)?, seed))
            }
        }
    }

    /// When the emulator's clock starts; `now` is the host's time.
    pub fn started_at(&self, now: OffsetDateTime) -> Result<OffsetDateTime, TypeError> {
        match (self.clock.unwrap_or_default(), &self.start_time) {
            (Clock::Real, None) => Ok(now),
            (Clock::Real, Some(_)) => Err(wrong(
                NAME,
                "startTime: only a virtual clock starts at a chosen time",
            )),
            (Clock::Virtual, None) => Ok(VIRTUAL_START),
            (Clock::Virtual, Some(text)) => timestamp::parse(text)
                .map_err(|message| wrong(NAME, &format!("startTime: {message}"))),
        }
    }
}

/// The given runners. The list shows them in this order, unless their dates imply another one.
fn listed(given: &[Value], seed: u64) -> Result<Runners, TypeError> {
    let mut runners = Runners::empty(seed);
    for (index, value) in given.iter().enumerate().rev() {
        let name = format!("{NAME}: runners[{index}]");
        let overrides: RunnerOverrides = parse_value(&name, value.clone())?;
        runners
            .add(overrides.into_fields(), Stamp::NextTick)
            .map_err(|message| wrong(&name, &in_camel_case(&message)))?;
    }
    Ok(runners)
}
