//! `cargo xtask soak`: makes all kinds of calls at once against the emulator with faults, and checks the results.

use anyhow::Result;

use crate::sh::{command, run as run_command, step};
use crate::{build, emulator, pack};

#[derive(clap::Args)]
pub struct Arguments {
    /// How long
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Repeats the random choices of an earlier run, which printed this number
    #[arg(long)]
    seed: Option<u32>,
}

/// Builds, packs, and runs for as long as the arguments say; fails if any promise was broken.
pub fn run(arguments: &Arguments) -> Result<()> {
    build::build()?;
    let folder = tempfile::tempdir()?;
    let tarball = step("packing the package", || pack::pack(folder.path()))?;
    let emulator = emulator::build()?;
    let mut node = command("node");
    node.args(["tests/faults/soak.mjs", "--minutes"]);
    node.arg(arguments.minutes.to_string());
    if let Some(seed) = arguments.seed {
        node.args(["--seed", &seed.to_string()]);
    }
    node.env("TARBALL", tarball).env("EMULATOR", emulator);
    run_command(&mut node)
}
