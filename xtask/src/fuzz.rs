//! `cargo xtask fuzz`: the fuzzers of `tests/fuzz/`, for as long as it is wanted.

use anyhow::{Context, Result, bail};

use crate::sh::{command, run};

/// Runs one target or all, optimised but with all checks of a debug build.
pub fn fuzz(args: &[String]) -> Result<()> {
    let (mut target, mut minutes, mut seed) = (None, "1".to_owned(), None);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut number = || -> Result<String> {
            let value = args
                .next()
                .with_context(|| format!("{arg} needs a number"))?;
            value
                .parse::<f64>()
                .with_context(|| format!("{arg} {value}"))?;
            Ok(value.clone())
        };
        match arg.as_str() {
            "--minutes" => minutes = number()?,
            "--seed" => seed = Some(number()?),
            flag if flag.starts_with('-') => bail!("no option \"{flag}\""),
            name => target = Some(name),
        }
    }
    // Another one each time, and always named: the output says it.
    let seed = seed.unwrap_or_else(|| (std::process::id() % 1_000_000).to_string());
    let mut cargo = command(env!("CARGO"));
    cargo.args([
        "test",
        "--quiet",
        "--profile",
        "fuzz",
        "--test",
        "fuzz",
        "--",
    ]);
    if let Some(target) = target {
        cargo.args(["--exact", target]);
    }
    cargo.arg("--nocapture");
    cargo.envs([("FUZZ_MINUTES", minutes), ("FUZZ_SEED", seed)]);
    run(&mut cargo)
}
