//! The local API: builds it, starts it, and ends it together with this program.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result};

use crate::sh::{cargo, command, root, run as run_command, step, target};

/// Builds the program, and returns its path.
pub fn build() -> Result<PathBuf> {
    step("building the emulator", || {
        run_command(&mut cargo(["build", "--package", "comfycontrol-emulator"]))
    })?;
    Ok(target().join("debug").join(format!(
        "comfycontrol-emulator{}",
        std::env::consts::EXE_SUFFIX
    )))
}

/// With the dashboard beside the API, and the package where it is built.
fn program(path: &Path) -> Command {
    let mut program = command(path);
    program.arg("--www").arg(root().join("www"));
    let package = root().join("pkg/dist");
    if package.exists() {
        program.arg("--pkg").arg(package);
    }
    program
}

#[derive(clap::Args)]
pub struct Arguments {
    /// The emulator's own options
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<String>,
}

/// `cargo xtask emulator`: in the foreground, with the caller's options.
pub fn run(arguments: &Arguments) -> Result<()> {
    let path = build()?;
    run_command(program(&path).args(&arguments.options))
}

/// A running emulator on a free port; it ends when this is dropped.
pub struct Emulator {
    pub url: String,
    child: Child,
    /// The emulator ends when its standard input closes, so also if this program is killed.
    _stdin: Option<ChildStdin>,
}

impl Emulator {
    pub fn start(path: &Path, args: &[&str]) -> Result<Self> {
        let mut program = program(path);
        program
            .args(["--port", "0", "--exit-with-stdin"])
            .args(args);
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .context("the emulator did not start")?;
        Ok(Self {
            url: url.to_owned(),
            _stdin: child.stdin.take(),
            child,
        })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
