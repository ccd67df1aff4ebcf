//! Redis, and Valkey where there is one.

use anyhow::{Result, bail};

use super::{can_install, has, install};
use crate::sh::{command, quiet, step};

/// The servers that are here, by name: `redis-server`, and `valkey-server` where the system has it.
pub fn redis() -> Result<String> {
    if !has("redis-server") {
        if !can_install() {
            bail!(
                "`redis-server` was not found: install Redis (Debian: `sudo apt-get install redis-server`)"
            );
        }
        step("installing Redis", || install(&["redis-server"]))?;
    }
    // Debian has it from version 13 on.
    let is_offered = || {
        let mut policy = command("apt-cache");
        quiet(policy.args(["policy", "valkey-server"]))
            .is_ok_and(|text| text.contains("Candidate: "))
    };
    if !has("valkey-server") && can_install() && is_offered() {
        step("installing Valkey", || install(&["valkey-server"]))?;
    }
    Ok(if has("valkey-server") {
        "redis-server,valkey-server".to_owned()
    } else {
        "redis-server".to_owned()
    })
}
