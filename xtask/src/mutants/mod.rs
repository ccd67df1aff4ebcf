//! `cargo xtask mutants`: changes the policies and the reader in every way that cargo-mutants knows, and
//! lists the changes that no test notices.

mod parts;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::sh::{command, step, target};
use crate::tools;
use parts::{PARTS, Part};

#[derive(clap::Args)]
pub struct Arguments {
    /// Change only these files; without a name, all files of `parts.rs`
    files: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let named = &arguments.files;
    let program = tools::CARGO_MUTANTS.install()?;
    let mut missed = String::new();
    for part in PARTS {
        let chosen: Vec<&str> = if named.is_empty() {
            part.files.to_vec()
        } else {
            let named = named.iter().map(String::as_str);
            named.filter(|file| part.has(file)).collect()
        };
        if !chosen.is_empty() {
            let about = format!("mutants of {}", chosen.join(", "));
            missed += &step(&about, || part.run(&program, &chosen))?;
        }
    }
    ensure!(missed.is_empty(), "no test notices these:\n{missed}");
    Ok(())
}

impl Part {
    fn has(&self, file: &str) -> bool {
        let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let same = |known: &&str| {
            *known == file || (known.ends_with("*.rs") && folder(known) == folder(file))
        };
        self.files.iter().any(same)
    }

    /// Runs all passes. Returns the mutants that none noticed, one on each line.
    fn run(&self, program: &Path, files: &[&str]) -> Result<String> {
        let output = target().join("mutants").join(self.name);
        if output.exists() {
            fs::remove_dir_all(&output)?;
        }
        fs::create_dir_all(&output)?;
        for (pass, tests) in self.passes.iter().enumerate() {
            let mut mutants = self.command(program, files);
            mutants.arg("--output").arg(&output);
            // Only the mutants that the passes before have missed.
            mutants.args((pass > 0).then_some("--iterate"));
            let status = mutants.arg("--").args(*tests).status()?;
            // 2: some were missed; 3: some ran for ever, which is noticed.
            if !matches!(status.code(), Some(0 | 2 | 3)) {
                bail!("cargo-mutants ended with {status}");
            }
        }
        // Where some ran for ever, the exit code does not say whether others were missed.
        let missed = output.join("mutants.out/missed.txt");
        fs::read_to_string(&missed).with_context(|| missed.display().to_string())
    }

    fn command(&self, program: &Path, files: &[&str]) -> Command {
        let mut mutants = command(program);
        mutants.args(["mutants", "--package", self.package]);
        mutants.args(["--config", "tests/mutants.toml"]);
        mutants.args(["--profile", "mutants", "--minimum-test-timeout", "5"]);
        mutants.args(files.iter().flat_map(|file| ["--file", file]));
        // proptest need not shrink failing cases, nor save them.
        mutants.envs([("PROPTEST_MAX_SHRINK_ITERS", "0"), ("RUST_BACKTRACE", "0")]);
        mutants.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
        mutants.env("FUZZ_SHRINK", "0");
        mutants.envs((self.fuzz_minutes).map(|minutes| ("FUZZ_MINUTES", minutes)));
        mutants
    }
}
