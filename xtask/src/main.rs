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
mod prune;
mod sh;
mod size;
mod soak;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask COMMAND

  demo [--once]     build everything, list runners from Node through the packed package,
                    then serve the dashboard until Ctrl-C (--once: stop after the listing)
  test [KIND…]      every test there is, or those of some kinds
                    (--all: with every runtime, bundler and framework, into README.md)
  size [--json]     what an app puts on the wire, on this package and on its peers
  bench [--quick]   speed on this package and on its peers, side by side, into BENCHMARKS.md
                    (--json: print the figures instead; bench enumerate: enumerations only)
  coverage          which lines of the plain core the tests run
  soak [--minutes N] [--seed N]
                    everything at once against the emulator with faults, for 10 minutes
  fuzz [TARGET]     inputs nobody would think of, for a minute or --minutes N, of a --seed S
  mutants [FILE…]   changes of the policies and the reader that no test notices (takes hours)
  build             crate → WebAssembly → npm package in pkg/dist
  pack              build, and leave the tarball ready for `npm publish`
  emulator [ARGS…]  the API as a local server; --help lists its options
";

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
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match command.as_str() {
        "build" => build::build().map(drop),
        "pack" => pack::run(),
        "demo" => demo::run(&rest),
        "test" => test::run(&rest),
        "coverage" => coverage::run(&rest),
        "soak" => soak::run(&rest),
        "size" => size::size(&rest),
        "bench" => bench::bench(&rest),
        "emulator" => emulator::run(&rest),
        "fuzz" => fuzz::fuzz(&rest),
        "mutants" => mutants::mutants(&rest),
        // What cargo calls to run a test compiled to WebAssembly; see `test.rs`.
        "wasm-test-runner" => {
            let args = std::iter::once("wasm-bindgen-test-runner".to_owned()).chain(rest);
            wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(args)
        }
        "" | "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("no command \"{other}\"\n\n{HELP}"),
    }
}
