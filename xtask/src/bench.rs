//! `cargo xtask bench`: this package and its peers, side by side.

use std::fs;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::sh::{command, quiet, root, run, step, target};
use crate::{build, tools};

/// Where the figures of enumerations stand in BENCHMARKS.md.
const BEGIN: &str = "<!-- begin of the enumerations -->\n";
const END: &str = "<!-- end of the enumerations -->\n";

/// Builds the package and what it is compared with, measures, and writes BENCHMARKS.md; `--json`
/// prints the figures instead, `--quick` measures less. `enumerate` measures enumerations on the
/// emulator, and nothing else.
pub fn bench(args: &[String]) -> Result<()> {
    if let [what, rest @ ..] = args
        && what == "enumerate"
    {
        return enumerate(rest);
    }
    if let Some(unknown) = args
        .iter()
        .find(|arg| !["--json", "--quick"].contains(&arg.as_str()))
    {
        bail!("bench knows --json and --quick, not {unknown}");
    }
    let chromium = tools::chromium()?;
    build::build()?;
    tools::npm("benches")?;
    let codecs = target().join("codecs");
    step("compiling the codecs", || {
        let mut cargo = command(env!("CARGO"));
        cargo.args([
            "build",
            "--quiet",
            "--release",
            "--target",
            "wasm32-unknown-unknown",
        ]);
        cargo.args(["--manifest-path", "benches/codecs/Cargo.toml"]);
        cargo.env("CARGO_TARGET_DIR", target());
        cargo.env("CARGO_ENCODED_RUSTFLAGS", build::rustflags()?);
        run(&mut cargo)?;
        let mut bindgen = Bindgen::new();
        bindgen.input_path(target().join("wasm32-unknown-unknown/release/codecs.wasm"));
        bindgen.web(true)?.typescript(false).generate(&codecs)?;
        let mut optimize = command("node");
        optimize.arg("xtask/bundle/node_modules/binaryen/bin/wasm-opt");
        let wasm = codecs.join("codecs_bg.wasm");
        run(optimize
            .args(["-Oz", "--converge", "-o"])
            .arg(&wasm)
            .arg(&wasm))
    })?;
    let script = root().join("benches/bench.mjs");
    run(command("node")
        .arg(script)
        .arg(&codecs)
        .args(args)
        .env("CHROMIUM", chromium))
}

fn enumerate(args: &[String]) -> Result<()> {
    build::build()?;
    tools::npm("benches")?;
    step("building the emulator for speed", || {
        run(command(env!("CARGO")).args([
            "build",
            "--release",
            "--package",
            "comfycontrol-emulator",
        ]))
    })?;
    let mut node = command("node");
    node.arg("benches/enumerate.mjs").args(args);
    node.env("EMULATOR", target().join("release/comfycontrol-emulator"));
    let printed = quiet(&mut node)?;
    print!("{printed}");
    if !args.is_empty() {
        return Ok(());
    }
    let path = root().join("BENCHMARKS.md");
    let text = fs::read_to_string(&path)?;
    let (before, rest) = text.split_once(BEGIN).context("no place for the figures")?;
    let (_, after) = rest.split_once(END).context("no place for the figures")?;
    let text = format!("{before}{BEGIN}\n```text\n{printed}```\n\n{END}{after}");
    Ok(fs::write(path, text)?)
}
