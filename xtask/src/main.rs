//! The commands of this repository. `cargo xtask` lists them.

mod bench;
mod build;
mod build_testing;
mod coverage;
mod demo;
mod emulator;
mod fuzz;
mod mutants;
mod pack;
mod panics;
mod sh;
mod size;
mod soak;
mod test;
mod tools;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
#[command(
    about = "The commands of this repository",
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, list runners from Node through the packed package, serve the dashboard
    Demo(demo::Arguments),
    /// Run all tests, or those of some kinds
    Test(test::Arguments),
    /// Measure how much this package and its peers add to an app, compressed
    Size(size::Arguments),
    /// Measure the speed of this package and its peers, and write BENCHMARKS.md
    Bench(bench::Arguments),
    /// Print the lines of src/ (without src/web/) and decode/ that no native test runs
    Coverage,
    /// Make all kinds of calls at once against the emulator with faults, for a long time
    Soak(soak::Arguments),
    /// Run the fuzzers
    Fuzz(fuzz::Arguments),
    /// Find changes of the policies and the reader that no test notices (takes hours)
    Mutants(mutants::Arguments),
    /// Build the npm package in pkg/
    Build,
    /// Build, and leave the tarball ready for `npm publish`
    Pack,
    /// Serve the API from this machine; its own --help lists the options
    #[command(disable_help_flag = true)]
    Emulator(emulator::Arguments),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nfailed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // Cargo and wasm-pack start this program under other names: see `tools/wasm_bindgen.rs`.
    if let Some(program) = tools::wasm_bindgen::called_as(&arguments) {
        return program(arguments);
    }
    match Arguments::parse_from(arguments).command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Size(arguments) => size::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Coverage => coverage::run(),
        Command::Soak(arguments) => soak::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Mutants(arguments) => mutants::run(&arguments),
        Command::Build => build::build().map(drop),
        Command::Pack => pack::run(),
        Command::Emulator(arguments) => emulator::run(&arguments),
    }
}
