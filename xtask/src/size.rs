//! `cargo xtask size`: what an app puts on the wire, on this package and on its peers.

use std::process::Command;

use anyhow::{Result, bail};

use crate::sh::{command, run};
use crate::{build, tools};

/// Builds the package, and prints the sizes: `--json` as JSON, `--check` of this package alone, with
/// an error above the bar.
pub fn size(args: &[String]) -> Result<()> {
    if let Some(unknown) = args
        .iter()
        .find(|arg| !["--json", "--check"].contains(&arg.as_str()))
    {
        bail!("size knows --json and --check, not {unknown}");
    }
    build::build()?;
    if !args.iter().any(|arg| arg == "--check") {
        tools::npm("benches")?;
    }
    run(script().args(args))
}

/// The script, for the tests to check what is built already.
pub fn script() -> Command {
    let mut node = command("node");
    node.arg("benches/size.mjs");
    node
}
