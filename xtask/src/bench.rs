//! `cargo xtask bench`: compares the speed of this package and its peers.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::sh::{cargo, command, quiet, root, run as run_command, step, target};
use crate::{build, pack, tools};

#[derive(clap::Args)]
pub struct Arguments {
    /// Measure only this
    only: Option<Only>,
    /// Measure fewer cases
    #[arg(long)]
    quick: bool,
    /// Print the figures as JSON, and leave BENCHMARKS.md alone
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Only {
    /// Whole lists, on the emulator
    Enumerate,
    /// Rate limits that processes share, on Redis
    Ledger,
    /// How long the command takes as a whole process
    Cli,
    /// A test file of 100 cases on the testing entry
    Testing,
}

/// Builds the package and its peers, measures, and writes BENCHMARKS.md.
pub fn run(arguments: &Arguments) -> Result<()> {
    let json = arguments.json.then_some("--json");
    match arguments.only {
        Some(Only::Enumerate) => return enumerate(json),
        Some(Only::Ledger) => return ledger(json),
        Some(Only::Cli) => return emulated("benches/cli-start.mjs"),
        Some(Only::Testing) => return emulated("benches/testing.mjs"),
        None => {}
    }
    let chromium = tools::chromium()?;
    build::build()?;
    tools::npm("benches")?;
    let codecs = target().join("codecs");
    step("compiling the codecs", || compile_codecs(&codecs))?;
    let mut bench = command("node");
    bench.arg("benches/bench.mjs").arg(&codecs);
    bench.args(arguments.quick.then_some("--quick")).args(json);
    run_command(bench.env("CHROMIUM", chromium))
}

/// Compiles another decoder in Rust (serde), with the flags of the package.
fn compile_codecs(folder: &Path) -> Result<()> {
    let wasm = "wasm32-unknown-unknown";
    let mut build = cargo(["build", "--quiet", "--release", "--target", wasm]);
    build.args(["--manifest-path", "benches/codecs/Cargo.toml"]);
    build.env("CARGO_TARGET_DIR", target());
    build.env("CARGO_ENCODED_RUSTFLAGS", build::rustflags()?);
    run_command(&mut build)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(target().join(wasm).join("release/codecs.wasm"));
    bindgen.web(true)?.typescript(false).generate(folder)?;
    let wasm = folder.join("codecs_bg.wasm");
    let mut optimize = command("node");
    optimize.arg("xtask/bundle/node_modules/binaryen/bin/wasm-opt");
    optimize
        .args(["-Oz", "--converge", "-o"])
        .arg(&wasm)
        .arg(&wasm);
    run_command(&mut optimize)
}

/// Runs a script that asks for the packed package, and for the emulator as tests have it.
fn emulated(script: &str) -> Result<()> {
    build::build()?;
    let folder = target().join("npm");
    fs::create_dir_all(&folder)?;
    let tarball = pack::pack(&folder)?;
    run_command(&mut cargo(["build", "--package", "comfycontrol-emulator"]))?;
    let mut node = command("node");
    node.arg(script).env("TARBALL", tarball);
    node.env("EMULATOR", target().join("debug/comfycontrol-emulator"));
    run_command(&mut node)
}

fn enumerate(json: Option<&str>) -> Result<()> {
    build::build()?;
    tools::npm("benches")?;
    measure("benches/enumerate.mjs", json, "the enumerations")
}

fn ledger(json: Option<&str>) -> Result<()> {
    build::build()?;
    tools::redis()?;
    tools::npm("benches/ledger")?;
    measure("benches/ledger/bench.mjs", json, "the shared limits")
}

/// Runs a script on the emulator. What it prints goes into BENCHMARKS.md, between its marks, unless it is JSON.
fn measure(script: &str, json: Option<&str>, what: &str) -> Result<()> {
    step("building the emulator for speed", || {
        run_command(&mut cargo([
            "build",
            "--release",
            "--package",
            "comfycontrol-emulator",
        ]))
    })?;
    let mut node = command("node");
    node.arg(script).args(json);
    node.env("EMULATOR", target().join("release/comfycontrol-emulator"));
    let printed = quiet(&mut node)?;
    print!("{printed}");
    if json.is_some() {
        return Ok(());
    }
    let path = root().join("BENCHMARKS.md");
    let text = fs::read_to_string(&path)?;
    let (begin, end) = (
        format!("<!-- begin of {what} -->\n"),
        format!("<!-- end of {what} -->\n"),
    );
    let (before, rest) = text
        .split_once(&begin)
        .context("no place for the figures")?;
    let (_, after) = rest.split_once(&end).context("no place for the figures")?;
    let text = format!("{before}{begin}\n```text\n{printed}```\n\n{end}{after}");
    Ok(fs::write(path, text)?)
}
