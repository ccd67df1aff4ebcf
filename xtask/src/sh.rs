//! Runs programs, and prints progress.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The repository, or the copy of it that `tests/supply/build.test.mjs` builds.
pub fn root() -> PathBuf {
    if let Some(copy) = std::env::var_os("XTASK_ROOT") {
        return copy.into();
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Prints the step's name before the work, and its duration afterwards.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("▸ {what}");
    let start = Instant::now();
    let result = work().with_context(|| what.to_owned())?;
    eprintln!("  {what}: {:.1} s", start.elapsed().as_secs_f32());
    Ok(result)
}

/// A command in the repository.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The `cargo` that runs this program.
pub fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut cargo = command(env!("CARGO"));
    cargo.args(arguments);
    cargo
}

/// Runs a command, and shows its output.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

/// Runs a command, and shows its output only if it fails. Returns what it printed.
pub fn quiet(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {command:?}"))?;
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let err = String::from_utf8_lossy(&output.stderr);
        bail!("{command:?} ended with {}\n{out}{err}", output.status);
    }
    Ok(out)
}
