//! `cargo xtask soak`: everything at once against the emulator with faults, and what came of it.

use anyhow::Result;

use crate::sh::{command, run as run_command, step};
use crate::{build, emulator, pack};

/// Builds, packs, and runs for as long as the arguments say; fails if any promise was broken.
pub fn run(args: &[String]) -> Result<()> {
    build::build()?;
    let folder = tempfile::tempdir()?;
    let tarball = step("packing the package", || pack::pack(folder.path()))?;
    let emulator = emulator::build()?;
    let mut node = command("node");
    node.arg("tests/faults/soak.mjs").args(args);
    node.env("TARBALL", tarball).env("EMULATOR", emulator);
    run_command(&mut node)
}
