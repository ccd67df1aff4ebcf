//! Who asks: the bearer token, and what the account's tier may see.

use serde::{Deserialize, Serialize};

use crate::reply::Reply;
use crate::runners::Runner;
use crate::settings::Settings;

/// The account tiers of ComfyControl.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Has no managed runners: every call answers 403.
    Free,
    /// Sees runners of type `plus`.
    Plus,
    /// Sees every runner.
    Pro,
    /// Sees every runner.
    Enterprise,
}

impl Tier {
    /// Whether an account of this tier may see `runner`.
    pub fn sees(self, runner: &Runner) -> bool {
        match self {
            Tier::Free => false,
            Tier::Plus => runner.runner_type == "plus",
            Tier::Pro | Tier::Enterprise => true,
        }
    }
}

impl std::str::FromStr for Tier {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "free" => Ok(Tier::Free),
            "plus" => Ok(Tier::Plus),
            "pro" => Ok(Tier::Pro),
            "enterprise" => Ok(Tier::Enterprise),
            _ => Err("expected free, plus, pro or enterprise".into()),
        }
    }
}

/// Why a request is not let through: 401 for its token, 403 for its tier; `None` when it is.
///
/// `authorization` is the value of the request's `Authorization` header.
pub fn refusal(settings: &Settings, authorization: Option<&str>) -> Option<Reply> {
    if let Some(expected) = &settings.token {
        let token = authorization.and_then(bearer);
        if token.is_some() && token == settings.expired_token.as_deref() {
            return Some(Reply::error(401, "Token has expired"));
        }
        if token != Some(expected) {
            return Some(Reply::error(401, "Invalid token"));
        }
    }
    let message = "Managed runners require Pro or Plus tier";
    (settings.tier == Tier::Free).then(|| Reply::error(403, message))
}

/// The token of a `Bearer` header; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}
