//! `cargo xtask bench`: this package and its peers, side by side.

use anyhow::{Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::sh::{command, root, run, step, target};
use crate::{build, tools};

/// Builds the package and what it is compared with, measures, and writes BENCHMARKS.md; `--json`
/// prints the figures instead, `--quick` measures less.
pub fn bench(args: &[String]) -> Result<()> {
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
