//! Account tiers.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::runner::Runner;

/// The account tiers of ComfyControl.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
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

impl FromStr for Tier {
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
