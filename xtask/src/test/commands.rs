//! The commands that run the tests.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::prepare::Prepared;
use crate::sh::{cargo, command, root};
use crate::tools::wasm_bindgen::{TEST_ADDRESS, free_address};
use crate::{build, pack, tools};

const WASM: &str = "wasm32-unknown-unknown";

pub fn lint() -> Vec<Command> {
    let deny = ["--", "--deny", "warnings"];
    let mut native = cargo(["clippy", "--quiet", "--workspace", "--all-targets"]);
    native.args(deny);
    let mut wasm = cargo(["clippy", "--quiet", "--target", WASM]);
    wasm.args(deny);
    let mut javascript = command("npm");
    javascript.args(["run", "--silent", "--prefix", "xtask/lint", "check"]);
    let documents = [documents(&[]), documents(&["--target", WASM])];
    let mut commands = vec![cargo(["fmt", "--all", "--check"]), native, wasm, javascript];
    commands.extend(documents);
    commands
}

/// rustdoc, which fails for broken links.
fn documents(arguments: &[&str]) -> Command {
    let mut doc = cargo(["doc", "--quiet", "--no-deps"]);
    doc.args(["-p", "comfycontrol-runners", "-p", "comfycontrol-decode"]);
    doc.args(arguments);
    doc.env("RUSTDOCFLAGS", "--deny warnings");
    doc
}

pub fn rust() -> Vec<Command> {
    let arguments = ["test", "--quiet", "--workspace", "--no-fail-fast"];
    vec![cargo(arguments)]
}

/// Tests compiled to WebAssembly.
pub fn wasm(name: &str, prepared: &Prepared) -> Result<Vec<Command>> {
    let mut test = cargo(["test", "--target", WASM, "--test", name]);
    test.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        prepared.wasm_bindgen.test_runner(),
    );
    test.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    test.env(TEST_ADDRESS, free_address()?);
    Ok(vec![test])
}

/// Node's test runner over a folder's `*.test.*`, with its npm packages installed.
pub fn node(folder: &str, prepared: &Prepared) -> Result<Vec<Command>> {
    node_with(&[], folder, prepared)
}

/// The same, one file after the other: files that measure time would disturb each other.
pub fn node_in_turn(folder: &str, prepared: &Prepared) -> Result<Vec<Command>> {
    node_with(&["--test-concurrency=1"], folder, prepared)
}

fn node_with(options: &[&str], folder: &str, prepared: &Prepared) -> Result<Vec<Command>> {
    let path = root().join(folder);
    if path.join("package-lock.json").exists() {
        tools::npm(folder)?;
    }
    let mut files: Vec<_> = fs::read_dir(&path)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.to_string_lossy().contains(".test."))
        .collect();
    files.sort();
    // Node's runner succeeds if it has nothing to run.
    ensure!(!files.is_empty(), "no test in {folder}");
    let mut node = command("node");
    node.args(["--test", "--test-reporter=spec"])
        .args(options)
        .args(files);
    for_tests(&mut node, prepared);
    Ok(vec![node])
}

/// Sets the environment variables through which JavaScript tests find programs and the package.
fn for_tests(node: &mut Command, prepared: &Prepared) {
    node.env("EMULATOR", &prepared.emulator);
    node.env("CHROMIUM", &prepared.chromium);
    node.env("TARBALL", &prepared.tarball);
}

/// wasm-pack, which finds the other programs on the PATH.
pub fn wasm_pack(prepared: &Prepared) -> Result<Vec<Command>> {
    let wasm_pack = tools::WASM_PACK.install()?;
    let mut folders = vec![prepared.wasm_bindgen.folder().to_owned()];
    folders.extend(wasm_pack.parent().map(Path::to_owned));
    // For `wasm-opt`.
    folders.push(root().join("xtask/bundle/node_modules/.bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let path = std::env::join_paths(folders)?;
    let mut commands = node("tests/wasm-pack", prepared)?;
    for command in &mut commands {
        command.env("PATH", &path);
        command.env(TEST_ADDRESS, free_address()?);
    }
    Ok(commands)
}

/// Tests that also need a build that can panic on command.
pub fn faults(prepared: &Prepared) -> Result<Vec<Command>> {
    let package = build::build_with_traps()?;
    let folder = prepared.folder.path().join("traps");
    fs::create_dir_all(&folder)?;
    let tarball = pack::pack_other(&package, &folder)?;
    let mut commands = node("tests/faults", prepared)?;
    for command in &mut commands {
        command.env("TRAPS", &tarball);
    }
    Ok(commands)
}

/// Processes that share a rate limit, on each server that is here.
pub fn ledger(prepared: &Prepared) -> Result<Vec<Command>> {
    let servers = tools::redis()?;
    let mut commands = node_in_turn("tests/ledger", prepared)?;
    for command in &mut commands {
        command.env("REDIS_SERVERS", &servers);
    }
    Ok(commands)
}

/// The consumers; the fast ones, or all with the table in docs/consumers.md.
pub fn consumers(prepared: &Prepared) -> Result<Vec<Command>> {
    let folder = "tests/consumers";
    tools::npm(folder)?;
    let mut node = command("node");
    node.arg("--test-reporter=spec")
        .arg(format!("{folder}/run.mjs"));
    if prepared.all {
        tools::npm(&format!("{folder}/more"))?;
        node.arg("--all").env("FIREFOX", tools::firefox()?);
        tools::webkit()?;
        if let Some(python) = tools::qtwebengine()? {
            node.env("QTWEBENGINE", python);
        }
    }
    for_tests(&mut node, prepared);
    Ok(vec![node])
}

/// Dependencies and the build: the tests build a copy of the repository.
pub fn supply(prepared: &Prepared) -> Result<Vec<Command>> {
    let deny = tools::CARGO_DENY.install()?;
    let mut commands = node("tests/supply", prepared)?;
    for command in &mut commands {
        command.env("CARGO", env!("CARGO"));
        command.env("CARGO_DENY", &deny);
        command.env("XTASK", &prepared.xtask);
    }
    Ok(commands)
}

/// The dashboard's tests, which also need a stock Firefox.
pub fn www(prepared: &Prepared) -> Result<Vec<Command>> {
    let firefox = tools::firefox()?;
    let mut commands = node("tests/www", prepared)?;
    for command in &mut commands {
        command.env("FIREFOX", &firefox);
    }
    Ok(commands)
}
