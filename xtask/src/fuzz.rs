//! `cargo xtask fuzz`: runs the fuzzers of `tests/fuzz/` for a chosen time.

use anyhow::Result;

use crate::sh::{cargo, run as run_command};

#[derive(clap::Args)]
pub struct Arguments {
    /// The fuzzer; without a name, all of them
    target: Option<String>,
    /// How long each fuzzer runs
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Repeats the inputs of an earlier run, which printed this number
    #[arg(long)]
    seed: Option<u32>,
}

/// Runs one fuzzer or all, optimised but with the checks of a debug build.
pub fn run(arguments: &Arguments) -> Result<()> {
    // A new seed for each run; the output shows it.
    let seed = arguments.seed.unwrap_or(std::process::id() % 1_000_000);
    let mut fuzz = cargo([
        "test",
        "--quiet",
        "--profile",
        "fuzz",
        "--test",
        "fuzz",
        "--",
    ]);
    if let Some(target) = &arguments.target {
        fuzz.args(["--exact", target]);
    }
    fuzz.arg("--nocapture");
    fuzz.env("FUZZ_MINUTES", arguments.minutes.to_string());
    fuzz.env("FUZZ_SEED", seed.to_string());
    run_command(&mut fuzz)
}
