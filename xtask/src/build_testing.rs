//! The testing crate → WebAssembly → `comfycontrol-runners/testing`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use wasm_bindgen_cli_support::Bindgen;

use crate::build;
use crate::sh::{command, root, run, step, target};
use crate::tools;

/// Adds the entry to a built package.
pub fn build_into(dist: &Path) -> Result<()> {
    tools::wasm_target()?;
    tools::npm("xtask/bundle")?;
    let wasm = step("compiling the emulator to WebAssembly", compile)?;
    let glue = target().join("testing-glue");
    step("generating its glue and types", || bind(&wasm, &glue))?;
    step("bundling comfycontrol-runners/testing", || {
        let script = root().join("xtask/bundle/testing.mjs");
        run(command("node").arg(script).arg(&glue).arg(dist))
    })
}

fn compile() -> Result<PathBuf> {
    let mut cargo = command(env!("CARGO"));
    cargo.args(["build", "--release", "--package", "comfycontrol-testing"]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", build::rustflags()?);
    run(&mut cargo)?;
    Ok(target().join("wasm32-unknown-unknown/release/comfycontrol_testing.wasm"))
}

/// Generates the types, and the glue for the target `bundler`: `js/testing/core.js` loads the module.
fn bind(wasm: &Path, out: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(out);
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("testing")
        .remove_producers_section(true)
        .typescript(true)
        .bundler(true)?;
    bindgen.generate(out)
}
