//! Crate → WebAssembly → npm package: cargo, wasm-bindgen, and one script that runs wasm-opt and
//! esbuild.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::build_testing;
use crate::panics;
use crate::sh::{command, quiet, root, run, step, target};
use crate::tools;

/// Builds the npm package in `pkg/`, and returns its folder.
pub fn build() -> Result<PathBuf> {
    let package = root().join("pkg");
    build_into(&package, &target().join("glue"), &[])?;
    Ok(package)
}

/// Builds a package that can panic on command, for tests only, and returns its folder.
pub fn build_with_traps() -> Result<PathBuf> {
    let package = target().join("traps");
    build_into(
        &package,
        &target().join("traps-glue"),
        &["--features", "traps"],
    )?;
    Ok(package)
}

fn build_into(package: &Path, glue: &Path, features: &[&str]) -> Result<()> {
    tools::wasm_target()?;
    tools::npm("xtask/bundle")?;
    empty(package)?;
    let wasm = step("compiling the crate to WebAssembly", || compile(features))?;
    step("generating the glue and the types", || bind(&wasm, glue))?;
    step("bundling the npm package", || {
        let script = root().join("xtask/bundle/bundle.mjs");
        run(command("node").arg(script).arg(glue).arg(package))
    })?;
    build_testing::build_into(&package.join("dist"))?;
    step("listing what is in it", || {
        for script in ["sbom.mjs", "notices.mjs"] {
            let script = root().join("xtask/bundle").join(script);
            run(command("node")
                .arg(script)
                .arg(package.join("dist"))
                .env("CARGO", env!("CARGO")))?;
        }
        Ok(())
    })
}

/// Removes what another build left, such as one of wasm-pack. Keeps `.gitignore`, which is committed.
fn empty(package: &Path) -> Result<()> {
    fs::create_dir_all(package)?;
    for entry in fs::read_dir(package)? {
        let path = entry?.path();
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        } else if !path.ends_with(".gitignore") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Compiler flags: SIMD for the reader, a guarded stack, and no path of this machine in the module.
pub fn rustflags() -> Result<String> {
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")))?;
    let sysroot = quiet(command("rustc").args(["--print", "sysroot"]))?;
    let mut flags = vec![
        "-Ctarget-feature=+simd128".to_owned(),
        format!("--remap-path-prefix={}=.", root().display()),
        format!("--remap-path-prefix={home}=cargo"),
        format!("--remap-path-prefix={}=rust", sysroot.trim()),
        // A stack that ends at address 0 traps if it overflows. 64 KiB are ten times what calls need.
        "-Clink-arg=--stack-first".to_owned(),
        "-Clink-arg=-zstack-size=65536".to_owned(),
        // Measured: makes the package 2 kB smaller.
        "-Cllvm-args=-inline-threshold=25 -unroll-threshold=1 -disable-lsr".to_owned(),
    ];
    // Crates are in a folder named after the registry, which may be a mirror. Fetching creates the folder.
    let mut fetch = command(env!("CARGO"));
    quiet(fetch.args(["fetch", "--locked", "--target", "wasm32-unknown-unknown"]))?;
    for folder in fs::read_dir(Path::new(&home).join("registry/src"))? {
        let folder = folder?.path();
        flags.push(format!("--remap-path-prefix={}=cargo", folder.display()));
    }
    Ok(flags.join("\u{1f}"))
}

fn compile(features: &[&str]) -> Result<PathBuf> {
    let mut cargo = command(env!("CARGO"));
    cargo.args(["build", "--release", "--lib"]);
    cargo.args(["--package", "comfycontrol-runners"]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    cargo.args(features);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", rustflags()?);
    run(&mut cargo)?;
    Ok(target().join("wasm32-unknown-unknown/release/comfycontrol_runners.wasm"))
}

/// Removes the members that free a Rust object: clients need no disposal, and TypeScript without
/// `lib.esnext.disposable` rejects `Symbol.dispose`.
fn without_disposal(types: &str) -> String {
    types
        .lines()
        .filter(|line| !matches!(line.trim(), "free(): void;" | "[Symbol.dispose](): void;"))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Generates the glue for the target `web`, which takes the WebAssembly as an argument, and the types for
/// the target `bundler`, which declare nothing about loading.
fn bind(wasm: &Path, out: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(out);
    let mut module = walrus::Module::from_file(wasm)?;
    panics::trap(&mut module)?;
    let mut glue = Bindgen::new();
    glue.input_module("glue", module)
        .omit_default_module_path(true)
        .remove_producers_section(true)
        .reset_state_function(true);
    glue.web(true)?.typescript(false).generate(out)?;
    let mut types = Bindgen::new();
    types.input_path(wasm).out_name("index");
    let output = types.bundler(true)?.typescript(true).generate_output()?;
    let text = output.ts().context("the crate has no types")?;
    Ok(fs::write(out.join("index.d.ts"), without_disposal(text))?)
}
