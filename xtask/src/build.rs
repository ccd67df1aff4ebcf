//! Crate → WebAssembly → npm package.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::{Bindgen, Output};

use crate::sh::{command, quiet, root, run, step, target};
use crate::tools;

/// Exports that the package has functions of its own for, in `pkg/loaders/client.js`. Their types and
/// their documentation are taken from them.
const REPLACED: [&str; 3] = ["listManagedRunners", "getManagedRunner", "matchRunners"];

/// Exports that serve only what the package has no use for: closures, and promises that Rust waits for.
const NEEDLESS: [&str; 4] = [
    "__wbg_jspi_task_poll",
    "__externref_drop_slice",
    "__wbindgen_destroy_closure",
    "__wbindgen_jspi_set_rejected",
];

/// Builds `pkg/dist`, and gives its folder.
pub fn build() -> Result<PathBuf> {
    let dist = root().join("pkg/dist");
    build_into(&dist, &target().join("glue"), &[])?;
    Ok(dist)
}

/// Builds a package that can be told to panic, which is for tests alone, and gives its folder.
pub fn build_with_traps() -> Result<PathBuf> {
    let package = target().join("traps");
    fs::create_dir_all(&package)?;
    fs::copy(
        root().join("pkg/package.json"),
        package.join("package.json"),
    )?;
    let features = ["--features", "traps"];
    build_into(
        &package.join("dist"),
        &target().join("traps-glue"),
        &features,
    )?;
    Ok(package)
}

fn build_into(dist: &Path, glue: &Path, features: &[&str]) -> Result<()> {
    tools::wasm_target()?;
    tools::npm("xtask/bundle")?;
    let wasm = step("compiling the crate to WebAssembly", || compile(features))?;
    let wasm = step("taking out panics and what only they need", || prune(&wasm))?;
    step("generating the glue and the types", || bind(&wasm, glue))?;
    step("bundling the npm package", || {
        let script = root().join("xtask/bundle/bundle.mjs");
        run(command("node").arg(script).arg(glue).arg(dist))
    })?;
    crate::build_testing::build_into(dist)?;
    step("listing what is in it", || {
        for script in ["sbom.mjs", "notices.mjs"] {
            let script = root().join("xtask/bundle").join(script);
            run(command("node")
                .arg(script)
                .arg(dist)
                .env("CARGO", env!("CARGO")))?;
        }
        Ok(())
    })
}

/// Flags of the compiler: SIMD for the reader, and no path of this machine in panic messages.
pub fn rustflags() -> Result<String> {
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")))?;
    let sysroot = quiet(command("rustc").args(["--print", "sysroot"]))?;
    let mut flags = vec![
        "-Ctarget-feature=+simd128".to_owned(),
        format!("--remap-path-prefix={}=.", root().display()),
        format!("--remap-path-prefix={home}=cargo"),
        format!("--remap-path-prefix={}=rust", sysroot.trim()),
        "-Clink-arg=--stack-first".to_owned(),
        "-Clink-arg=-zstack-size=65536".to_owned(),
        // Measured: see BENCHMARKS.md. What must be inlined in the reader says so itself.
        "-Cllvm-args=-inline-threshold=25 -unroll-threshold=1 -disable-lsr \
         -simplifycfg-sink-common=0"
            .to_owned(),
        // For `prune.rs`.
        "-Clink-arg=--emit-relocs".to_owned(),
    ];
    // Crates lie in a folder called after the registry, which may be a mirror. It is there once they
    // are.
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
    cargo.args([
        "build",
        "--release",
        "--lib",
        "--package",
        "comfycontrol-runners",
    ]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    cargo.args(features);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", rustflags()?);
    run(&mut cargo)?;
    Ok(target().join("wasm32-unknown-unknown/release/comfycontrol_runners.wasm"))
}

fn prune(wasm: &Path) -> Result<PathBuf> {
    let mut bytes = fs::read(wasm)?;
    let pruned = crate::prune::prune(&mut bytes, &[&REPLACED[..], &NEEDLESS].concat())?;
    ensure!(
        pruned.panics >= 5,
        "only {} functions that begin a panic were found: the compiler names them differently, and \
         the list in panics.rs must follow",
        pruned.panics
    );
    eprintln!(
        "  {} functions that begin a panic; {} functions and {} bytes of data are out",
        pruned.panics, pruned.functions, pruned.bytes
    );
    let out = wasm.with_extension("pruned.wasm");
    fs::write(&out, bytes)?;
    Ok(out)
}

/// Exports that keep their names: what every module calls so, and what only a module of the tests has.
const KEPT: [&str; 2] = ["memory", "armTrap"];

/// Gives imports and exports short names in the module, and drops the exports that the glue does not
/// use. Gives the names as JSON, with which the bundler does the same to the glue, and to what asks the
/// crate's own exports.
fn shorten(output: &mut Output) -> String {
    let glue = output.js().to_owned();
    let module = output.wasm_mut();
    // The functions of the crate itself have no double underscores.
    let unused = |name: &str| {
        REPLACED.contains(&name)
            || NEEDLESS.contains(&name)
            || name.contains("__") && !glue.contains(&format!("wasm.{name}"))
    };
    let exports = module.exports.iter();
    let dropped: Vec<_> = exports.filter(|export| unused(&export.name)).collect();
    let dropped: Vec<_> = dropped.iter().map(|export| export.id()).collect();
    for export in dropped {
        module.exports.delete(export);
    }
    let mut number = 0;
    let mut rename = |name: &mut String, short: &mut BTreeMap<String, String>| {
        let entry = short.entry(name.clone()).or_insert_with(|| {
            number += 1;
            letters(number - 1)
        });
        *name = entry.clone();
    };
    let (mut glued, mut own) = (BTreeMap::new(), BTreeMap::new());
    for import in module.imports.iter_mut() {
        // What comes straight from a file of pkg/js/ is called what it is called there.
        if import.module.ends_with("glue_bg.js") {
            rename(&mut import.name, &mut glued);
        }
        rename(&mut import.module, &mut glued);
    }
    for export in module.exports.iter_mut() {
        if export.name.contains("__") {
            rename(&mut export.name, &mut glued);
        } else if !KEPT.contains(&export.name.as_str()) {
            rename(&mut export.name, &mut own);
        }
    }
    // None of the names has characters that JSON escapes.
    let object = |names: &BTreeMap<String, String>| {
        let pairs = names
            .iter()
            .map(|(long, short)| format!("    \"{long}\": \"{short}\""));
        format!("{{\n{}\n  }}", pairs.collect::<Vec<_>>().join(",\n"))
    };
    format!(
        "{{\n  \"glued\": {},\n  \"own\": {}\n}}\n",
        object(&glued),
        object(&own)
    )
}

/// a, b, … Z, aa, ba, …
fn letters(number: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let first = char::from(LETTERS[number % LETTERS.len()]);
    let rest = number.checked_sub(LETTERS.len());
    let rest = rest.map(|left| letters(left / LETTERS.len()));
    format!("{first}{}", rest.unwrap_or_default())
}

/// The glue as a module that is handed its WebAssembly (`web`), and the types without anything
/// about loading (`bundler`).
fn bind(wasm: &Path, out: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(out);
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("glue")
        .omit_default_module_path(true);
    bindgen.remove_producers_section(true);
    let mut output = bindgen.web(true)?.typescript(false).generate_output()?;
    let names = shorten(&mut output);
    output.emit(out)?;
    fs::write(out.join("names.json"), names)?;
    let mut types = Bindgen::new();
    types
        .input_path(wasm)
        .out_name("index")
        .bundler(true)?
        .typescript(true);
    let output = types.generate_output()?;
    let text = output.ts().context("the crate has no types")?;
    Ok(fs::write(out.join("index.d.ts"), text)?)
}
