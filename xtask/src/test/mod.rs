//! `cargo xtask test`: runs all tests, and prints a line for each kind.

mod commands;
mod kinds;
mod prepare;

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::builder::PossibleValuesParser;

use kinds::{KINDS, Kind};
use prepare::Prepared;

#[derive(clap::Args)]
pub struct Arguments {
    /// Run only these; without a name, all of them
    #[arg(value_name = "KIND", value_parser = PossibleValuesParser::new(KINDS.iter().map(|kind| kind.name)))]
    kinds: Vec<String>,
    /// Leave nothing out: every runtime, bundler and framework, with the table in docs/consumers.md
    #[arg(long)]
    all: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let wanted = |kind: &&Kind| {
        arguments.kinds.is_empty() || arguments.kinds.iter().any(|name| name == kind.name)
    };
    let kinds: Vec<&Kind> = KINDS.iter().filter(wanted).collect();
    let prepared = Prepared::new(&kinds, arguments.all)?;
    let mut failed = 0;
    let mut lines = Vec::new();
    for kind in &kinds {
        eprintln!("\n▸ {}: {}", kind.name, kind.about);
        let start = Instant::now();
        let passed = passes(kind, &prepared)?;
        failed += usize::from(!passed);
        let mark = if passed { "ok    " } else { "FAILED" };
        let seconds = start.elapsed().as_secs_f32();
        lines.push(format!(
            "{mark} {:<13} {seconds:>6.1} s   {}",
            kind.name, kind.about
        ));
    }
    println!("\n{}\n", lines.join("\n"));
    // Counts kinds, not tests: each test runner has printed its own count.
    println!("{} passed, {failed} failed", kinds.len() - failed);
    ensure!(failed == 0, "{failed} of the kinds of tests above failed");
    Ok(())
}

/// Runs all commands of a kind, also after one fails.
fn passes(kind: &Kind, prepared: &Prepared) -> Result<bool> {
    let mut passed = true;
    for mut command in (kind.commands)(prepared)? {
        passed &= succeeds(&mut command)?;
    }
    Ok(passed)
}

fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        eprintln!("{command:?} ended with {status}");
    }
    Ok(status.success())
}
