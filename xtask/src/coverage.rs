//! `cargo xtask coverage`: the lines of `src/` (without `src/web/`) and `decode/` that native tests run.
//! Tests in Node and in browsers do not count.

use std::process::Command;

use anyhow::Result;

use crate::sh::{command, quiet, run as run_command, step};
use crate::tools;

/// The lowest coverage that passes, in percent of the lines.
const AT_LEAST: &str = "95";

/// Measures, and prints each file's figures and every line that no test runs.
pub fn run() -> Result<()> {
    run_command(&mut measure()?)
}

/// Measures. Returns the command that prints the figures and fails if they are too low.
pub fn measure() -> Result<Command> {
    tools::llvm_tools()?;
    let program = tools::CARGO_LLVM_COV.install()?;
    let llvm_cov = |args: &[&str]| {
        let mut command = command(&program);
        command.arg("llvm-cov").args(args);
        command
    };
    let core = [
        "--package=comfycontrol-runners",
        "--package=comfycontrol-decode",
    ];
    step("running the native tests with coverage counters", || {
        // Remove the results of earlier runs.
        quiet(&mut llvm_cov(&["clean", "--workspace"]))?;
        // A test that fails here also fails in `cargo xtask test rust`, which reports it.
        let how = ["--quiet", "--locked", "--no-report", "--ignore-run-fail"];
        let mut test = llvm_cov(&["test"]);
        // Leave out random cases: a line that only they run has no test of its own.
        test.env("PROPTEST_CASES", "0");
        quiet(test.args(core).args(how))
    })?;
    let mut report = llvm_cov(&["report", "--show-missing-lines"]);
    report.args(["--fail-under-lines", AT_LEAST]).args(core);
    Ok(report)
}
