//! `cargo xtask size`: how much this package and its peers add to an app, compressed.

use std::process::Command;

use anyhow::Result;

use crate::sh::{command, run as run_command};
use crate::{build, tools};

#[derive(clap::Args)]
pub struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Measure only this package, and fail if it is above its limit
    #[arg(long)]
    check: bool,
}

/// Builds the package, and prints the sizes.
pub fn run(arguments: &Arguments) -> Result<()> {
    build::build()?;
    if arguments.check {
        return run_command(&mut check());
    }
    tools::npm("benches")?;
    let mut script = script();
    script.args(arguments.json.then_some("--json"));
    run_command(&mut script)
}

/// The command that checks the size of a built package.
pub fn check() -> Command {
    let mut script = script();
    script.arg("--check");
    script
}

fn script() -> Command {
    let mut node = command("node");
    node.arg("benches/size.mjs");
    node
}
