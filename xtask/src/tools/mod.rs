//! What the commands need on the machine: found, installed, or named with the way to get it.

mod browsers;
mod crates;
mod node;
mod redis;
mod rust;
pub mod wasm_bindgen;

pub use browsers::{chromium, firefox, qtwebengine, webkit};
pub use crates::{CARGO_DENY, CARGO_LLVM_COV, CARGO_MUTANTS, WASM_PACK};
pub use node::{node, npm};
pub use redis::redis;
pub use rust::{llvm_tools, wasm_target};

use std::process::Stdio;

use anyhow::Result;

use crate::sh::{command, quiet};

/// Whether a program can be started.
fn has(program: &str) -> bool {
    let mut probe = command(program);
    let probe = probe
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

/// Whether Debian's packages can be installed here.
fn can_install() -> bool {
    let root_user = quiet(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    root_user && has("apt-get")
}

/// Installs packages of Debian.
fn install(packages: &[&str]) -> Result<()> {
    quiet(command("apt-get").arg("update"))?;
    quiet(command("apt-get").args(["install", "-y"]).args(packages))?;
    Ok(())
}
