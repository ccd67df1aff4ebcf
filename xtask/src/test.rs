//! `cargo xtask test`: every test there is, and a line for each kind.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail, ensure};

use crate::emulator;
use crate::sh::{command, root, step};
use crate::{build, pack, tools};

/// What the kinds share: built once.
struct Built {
    /// This program. Asked for first of all, since a test may build it anew.
    this: PathBuf,
    emulator: String,
    chromium: String,
    tarball: String,
    /// For what only some kinds need; gone when all have run.
    folder: PathBuf,
    /// Whether everything was asked for, however long it takes.
    all: bool,
}

/// A kind of test: its name, what it is about, and the commands that run it.
type Kind = (
    &'static str,
    &'static str,
    fn(&Built) -> Result<Vec<Command>>,
);

const KINDS: [Kind; 15] = [
    ("lint", "formatting and clippy", lint),
    (
        "rust",
        "the plain core, the reader, the emulator and the tools, natively",
        rust,
    ),
    ("wasm-node", "the exports in Node", |built| {
        wasm("wasm-node", built)
    }),
    (
        "wasm-browser",
        "the exports in headless Chromium",
        |built| wasm("wasm-browser", built),
    ),
    (
        "decode",
        "the reader against JSON.parse, 200,000 documents",
        |built| node("tests/decode", built),
    ),
    (
        "package",
        "the packed package in Node, against the emulator",
        |built| node("tests/package", built),
    ),
    (
        "adversary",
        "hostile callers, servers and neighbours of the packed package, and who sees the token",
        adversary,
    ),
    (
        "faults",
        "what goes wrong on purpose: faults in time, panics, no stack or memory left, a short soak",
        faults,
    ),
    (
        "testing",
        "comfycontrol-runners/testing against the emulator's port, and the guides of docs/testing.md",
        |built| node("tests/testing", built),
    ),
    (
        "consumers",
        "small projects that install the packed package, in runtimes, browsers and bundlers",
        consumers,
    ),
    (
        "size",
        "what an app puts on the wire, against the bar of 28 kB",
        |_| Ok(vec![size()]),
    ),
    (
        "coverage",
        "at least 95 % of the plain core's lines",
        |_| Ok(vec![crate::coverage::measure()?]),
    ),
    (
        "supply",
        "dependencies, the same build twice, and the list of what is inside",
        supply,
    ),
    ("types", "calls that must and must not compile", |built| {
        node("tests/types", built)
    }),
    ("www", "the dashboard in real Chromium and Firefox", www),
];

/// Runs all kinds, or the named ones. `--all` leaves nothing out of them.
pub fn run(args: &[String]) -> Result<()> {
    let (flags, args): (Vec<_>, Vec<_>) = args.iter().partition(|arg| arg.as_str() == "--all");
    let known = || KINDS.map(|(name, ..)| name).join(", ");
    if let Some(unknown) = args
        .iter()
        .find(|arg| KINDS.iter().all(|(name, ..)| name != *arg))
    {
        bail!("no kind of test \"{unknown}\"; known are {}", known());
    }
    let wanted = |name: &str| args.is_empty() || args.iter().any(|arg| *arg == name);
    let this = std::env::current_exe()?;
    build::build()?;
    let folder = tempfile::tempdir()?;
    let built = Built {
        this,
        emulator: emulator::build()?.display().to_string(),
        chromium: tools::chromium()?,
        tarball: step("packing the package", || pack::pack(folder.path()))?
            .display()
            .to_string(),
        folder: folder.path().to_owned(),
        all: !flags.is_empty(),
    };
    let mut lines = Vec::new();
    let mut sum = Tally::default();
    for (name, about, commands) in KINDS.into_iter().filter(|(name, ..)| wanted(name)) {
        eprintln!("\n▸ {name}: {about}");
        let start = Instant::now();
        let mut tally = Tally::default();
        for mut command in commands(&built)? {
            tally.run(&mut command)?;
        }
        sum.add(&tally);
        let time = start.elapsed().as_secs_f32();
        let mark = if tally.failed == 0 {
            "ok    "
        } else {
            "FAILED"
        };
        lines.push(format!(
            "{mark} {name:<13} {tally:>5}, {time:>6.1} s   {about}"
        ));
    }
    println!("\n{}\n\n{sum}", lines.join("\n"));
    ensure!(sum.failed == 0, "{} of the tests above failed", sum.failed);
    ensure!(sum.passed > 0, "no test ran");
    Ok(())
}

/// What the runners' closing lines say.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    /// Left out, with a reason in the output.
    skipped: usize,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let width = f.width().unwrap_or_default();
        write!(f, "{:>width$} passed, {} failed", self.passed, self.failed)?;
        match self.skipped {
            0 => Ok(()),
            skipped => write!(f, ", {skipped} skipped"),
        }
    }
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Runs a command, shows its output, and counts its tests. A command that names no count is
    /// one test of its own; one that fails without a failed test counts as one.
    fn run(&mut self, command: &mut Command) -> Result<()> {
        let output = tee(command)?;
        let mut sum = Self::default();
        for one in output.lines().filter_map(counts) {
            sum.add(&one);
        }
        if !output.success && sum.failed == 0 {
            eprintln!("{command:?} failed");
            sum.failed = 1;
        }
        if output.success && sum.skipped == 0 {
            sum.passed = sum.passed.max(1);
        }
        self.add(&sum);
        Ok(())
    }
}

struct Output {
    text: String,
    success: bool,
}

impl std::ops::Deref for Output {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

/// Runs a command, and both shows and keeps its standard output.
fn tee(command: &mut Command) -> Result<Output> {
    use std::io::{BufRead, BufReader};
    let mut child = command.stdout(std::process::Stdio::piped()).spawn()?;
    let mut text = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            println!("{line}");
            text.push_str(&line);
            text.push('\n');
        }
    }
    let success = child.wait()?.success();
    Ok(Output { text, success })
}

/// What a line of cargo's or Node's summary counts.
fn counts(line: &str) -> Option<Tally> {
    let words: Vec<&str> = line
        .split([' ', ';'])
        .filter(|word| !word.is_empty())
        .collect();
    let before = |what: &str| {
        let place = words.iter().position(|word| *word == what)?;
        words.get(place.checked_sub(1)?)?.parse().ok()
    };
    let mut tally = Tally::default();
    match words[..] {
        ["test", "result:", ..] => {
            tally.passed = before("passed")?;
            tally.failed = before("failed")?;
            tally.skipped = before("ignored")?;
        }
        ["ℹ" | "#", "pass", count] => tally.passed = count.parse().ok()?,
        ["ℹ" | "#", "fail" | "cancelled", count] => tally.failed = count.parse().ok()?,
        ["ℹ" | "#", "skipped", count] => tally.skipped = count.parse().ok()?,
        _ => return None,
    }
    Some(tally)
}

fn lint(_: &Built) -> Result<Vec<Command>> {
    let mut format = command(env!("CARGO"));
    format.args(["fmt", "--all", "--check"]);
    let mut clippy = command(env!("CARGO"));
    clippy.args([
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]);
    let mut wasm = command(env!("CARGO"));
    wasm.args([
        "clippy",
        "--quiet",
        "--target",
        "wasm32-unknown-unknown",
        "--",
        "--deny",
        "warnings",
    ]);
    Ok(vec![format, clippy, wasm])
}

fn rust(_: &Built) -> Result<Vec<Command>> {
    let mut cargo = command(env!("CARGO"));
    cargo.args(["test", "--quiet", "--workspace", "--no-fail-fast"]);
    Ok(vec![cargo])
}

/// Tests compiled to WebAssembly. This program is their runner, so that nobody has to install one
/// of the right version.
fn wasm(name: &str, built: &Built) -> Result<Vec<Command>> {
    let mut cargo = command(env!("CARGO"));
    cargo.args(["test", "--target", "wasm32-unknown-unknown", "--test", name]);
    cargo.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        format!("{} wasm-test-runner", built.this.display()),
    );
    cargo.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    Ok(vec![cargo])
}

fn size() -> Command {
    let mut script = crate::size::script();
    script.arg("--check");
    script
}

/// Attacks, among them some on the dashboard in Chromium, which is driven as by its own tests.
fn adversary(built: &Built) -> Result<Vec<Command>> {
    tools::npm("tests/www")?;
    node("tests/adversary", built)
}

/// The dashboard's tests, which ask for a stock Firefox besides.
fn www(built: &Built) -> Result<Vec<Command>> {
    let firefox = tools::firefox()?;
    let mut commands = node("tests/www", built)?;
    for command in &mut commands {
        command.env("FIREFOX", &firefox);
    }
    Ok(commands)
}

/// What comes from others, and how the package comes of it: the tests build a copy of the repository.
fn supply(built: &Built) -> Result<Vec<Command>> {
    let deny = tools::program("cargo-deny", "0.20.2")?;
    let mut commands = node("tests/supply", built)?;
    for command in &mut commands {
        command.env("CARGO", env!("CARGO"));
        command.env("CARGO_DENY", &deny).env("XTASK", &built.this);
    }
    Ok(commands)
}

/// Tests that also ask for a build that can be told to panic.
fn faults(built: &Built) -> Result<Vec<Command>> {
    let package = build::build_with_traps()?;
    let folder = built.folder.join("traps");
    fs::create_dir_all(&folder)?;
    let tarball = pack::pack_other(&package, &folder)?;
    let mut commands = node("tests/faults", built)?;
    for command in &mut commands {
        command.env("TRAPS", &tarball);
    }
    Ok(commands)
}

/// Node's test runner over a folder's `*.test.*`, with its npm packages installed.
fn node(folder: &str, built: &Built) -> Result<Vec<Command>> {
    let path = root().join(folder);
    if path.join("package-lock.json").exists() {
        tools::npm(folder)?;
    }
    let mut files: Vec<_> = fs::read_dir(&path)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.to_string_lossy().contains(".test."))
        .collect();
    files.sort();
    ensure!(!files.is_empty(), "no test in {folder}");
    let mut node = command("node");
    node.args(["--test", "--test-reporter=spec"]).args(files);
    node.env("EMULATOR", &built.emulator);
    node.env("CHROMIUM", &built.chromium);
    node.env("TARBALL", &built.tarball);
    Ok(vec![node])
}

/// The consumers; the fast ones, or all with the table in README.md.
fn consumers(built: &Built) -> Result<Vec<Command>> {
    let folder = "tests/consumers";
    tools::npm(folder)?;
    let mut node = command("node");
    node.arg("--test-reporter=spec")
        .arg(format!("{folder}/run.mjs"));
    if built.all {
        tools::npm(&format!("{folder}/more"))?;
        node.arg("--all").env("FIREFOX", tools::firefox()?);
    }
    node.env("EMULATOR", &built.emulator);
    node.env("CHROMIUM", &built.chromium);
    node.env("TARBALL", &built.tarball);
    Ok(vec![node])
}
