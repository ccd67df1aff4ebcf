//! Programs that the commands need: finds them, installs them, or says how to install them.

mod browsers;
mod crates;
mod node;
mod rust;
pub mod wasm_bindgen;

pub use browsers::{chromium, firefox, qtwebengine, webkit};
pub use crates::{CARGO_DENY, CARGO_LLVM_COV, CARGO_MUTANTS, WASM_PACK};
pub use node::{node, npm};
pub use rust::{llvm_tools, wasm_target};

use std::process::Stdio;

use crate::sh::command;

/// Whether a program can be started.
fn has(program: &str) -> bool {
    let mut probe = command(program);
    let probe = probe
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
