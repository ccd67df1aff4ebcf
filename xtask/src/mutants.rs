//! `cargo xtask mutants`: changes the policies and the reader in every way that cargo-mutants knows,
//! and tells which changes no test notices.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::sh::{command, quiet, step, target};
use crate::tools;

/// A part of the code, and the tests that have to notice a change of it: the fast ones, then more
/// of them for what those let pass.
struct Part {
    name: &'static str,
    package: &'static str,
    files: &'static [&'static str],
    passes: &'static [&'static [&'static str]],
    /// How long each fuzz test goes on; otherwise it tries a fixed number of inputs, which takes as
    /// long as a change makes it.
    fuzz_minutes: Option<&'static str>,
}

const PARTS: [Part; 3] = [
    Part {
        name: "policies",
        package: "comfycontrol-runners",
        files: &["src/limiter.rs", "src/retry.rs"],
        passes: &[&["--test", "rust", "--", "limiter::", "retry::"]],
        fuzz_minutes: None,
    },
    Part {
        name: "enumeration",
        package: "comfycontrol-runners",
        files: &["src/enumerate/*.rs"],
        passes: &[
            &[
                "--test",
                "rust",
                "--",
                "enumerate_cases::",
                "enumerate_steps::",
            ],
            &[
                "--test",
                "rust",
                "--test",
                "fuzz",
                "--",
                "enumerat",
                "checkpoints",
            ],
        ],
        // Three seconds.
        fuzz_minutes: Some("0.05"),
    },
    Part {
        name: "reader",
        package: "comfycontrol-decode",
        files: &["decode/src/*.rs"],
        passes: &[
            &["--lib", "--test", "fields"],
            &[
                "--package",
                "comfycontrol-runners",
                "--test",
                "fuzz",
                "--",
                "reader",
                "instants",
            ],
            &["--test", "syntax", "--test", "totals"],
        ],
        fuzz_minutes: None,
    },
];

/// All parts, or only the named files.
pub fn mutants(files: &[String]) -> Result<()> {
    let program = tools::mutants()?;
    let mut missed = String::new();
    for part in PARTS {
        let named = files
            .iter()
            .map(String::as_str)
            .filter(|file| part.has(file));
        let chosen: Vec<&str> = if files.is_empty() {
            part.files.to_vec()
        } else {
            named.collect()
        };
        if !chosen.is_empty() {
            step(&format!("mutants of {}", chosen.join(", ")), || {
                missed += &part.run(&program, &chosen)?;
                Ok(())
            })?;
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

    /// Runs all passes and prints what came of it; gives the mutants that none noticed.
    fn run(&self, program: &str, files: &[&str]) -> Result<String> {
        let output = target().join("mutants").join(self.name);
        if output.exists() {
            fs::remove_dir_all(&output)?;
        }
        fs::create_dir_all(&output)?;
        let listed = |config: &[&str]| -> Result<usize> {
            let mut list = self.command(program, files);
            Ok(quiet(list.arg("--list").args(config))?.lines().count())
        };
        let (all, left) = (listed(&["--no-config"])?, listed(&CONFIG)?);
        let (mut caught, mut endless, mut unviable) = (0, 0, 0);
        for (pass, tests) in self.passes.iter().enumerate() {
            let mut run = self.command(program, files);
            run.args(CONFIG)
                .args(["--profile", "mutants", "--minimum-test-timeout", "5"]);
            run.arg("--output").arg(&output);
            if pass > 0 {
                run.arg("--iterate");
            }
            let status = run.arg("--").args(*tests).status()?;
            // 2: some were missed; 3: some ran for ever, which is noticed.
            if !matches!(status.code(), Some(0 | 2 | 3)) {
                bail!("cargo-mutants ended with {status}");
            }
            let count = |file| lines(&output, file).map(|text| text.lines().count());
            caught += count("caught.txt")?;
            unviable += count("unviable.txt")?;
            endless = count("timeout.txt")?;
        }
        let missed = lines(&output, "missed.txt")?;
        println!(
            "{}: {all} mutants: {caught} caught, {endless} without end, {unviable} that do not compile, \
             {} missed, {} explained in tests/mutants.toml",
            self.name,
            missed.lines().count(),
            all - left,
        );
        Ok(missed)
    }

    fn command(&self, program: &str, files: &[&str]) -> Command {
        let mut mutants = command(program);
        mutants.args(["mutants", "--package", self.package]);
        mutants.args(files.iter().flat_map(|file| ["--file", file]));
        // Cases that fail need not be small, nor be kept.
        mutants.envs([("PROPTEST_MAX_SHRINK_ITERS", "0"), ("RUST_BACKTRACE", "0")]);
        mutants.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
        mutants.env("FUZZ_SHRINK", "0");
        mutants.envs((self.fuzz_minutes).map(|minutes| ("FUZZ_MINUTES", minutes)));
        mutants
    }
}

const CONFIG: [&str; 2] = ["--config", "tests/mutants.toml"];

fn lines(output: &Path, file: &str) -> Result<String> {
    let path = output.join("mutants.out").join(file);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}
