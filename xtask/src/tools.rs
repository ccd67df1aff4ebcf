//! What the commands need on the machine: found, installed, or named with the way to get it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Result, bail};

use crate::sh::{command, quiet, root, run, step, target};

const WASM: &str = "wasm32-unknown-unknown";

/// Whether a program can be started.
pub fn has(program: &str) -> bool {
    let mut probe = command(program);
    let probe = probe
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

/// Node 20 or later, and npm.
pub fn node() -> Result<()> {
    if !has("node") {
        bail!(
            "`node` was not found: install Node.js 20 or later (nodejs.org, or your system's package manager)"
        );
    }
    if !has("npm") {
        bail!(
            "`npm` was not found: it comes with Node.js (nodejs.org); some systems have it as a package of its own, `npm`"
        );
    }
    let version = quiet(command("node").arg("--version"))?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|n| n.parse().ok());
    if major.is_none_or(|major: u32| major < 20) {
        bail!(
            "Node.js {} is too old: 20 or later is needed",
            version.trim()
        );
    }
    Ok(())
}

/// The standard library for WebAssembly.
pub fn wasm_target() -> Result<()> {
    let sysroot = quiet(command("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM)
        .exists()
    {
        return Ok(());
    }
    if !has("rustup") {
        bail!(
            "the Rust target {WASM} is missing: install Rust with rustup (rustup.rs), or add the target with your system's package manager"
        );
    }
    step("installing the Rust target for WebAssembly", || {
        run(command("rustup").args(["target", "add", WASM]))
    })
}

/// What reads the counters of instrumented programs, in the compiler's own version.
pub fn llvm_tools() -> Result<()> {
    let libraries = quiet(command("rustc").args(["--print", "target-libdir"]))?;
    let tools = Path::new(libraries.trim()).with_file_name("bin");
    let program = |name: &str| tools.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if program("llvm-cov").exists() && program("llvm-profdata").exists() {
        return Ok(());
    }
    if !has("rustup") {
        bail!(
            "the compiler's `llvm-cov` and `llvm-profdata` are missing: install Rust with rustup (rustup.rs)"
        );
    }
    step("installing the compiler's tools for coverage", || {
        run(command("rustup").args(["component", "add", "llvm-tools"]))
    })
}

/// A program from crates.io in one version, with the versions of its own lock file, in a folder of
/// the repository.
pub fn program(name: &str, version: &str) -> Result<PathBuf> {
    let folder = target().join("tools").join(format!("{name}-{version}"));
    let program = folder
        .join("bin")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        step(&format!("installing {name} {version}"), || {
            let mut cargo = command(env!("CARGO"));
            cargo.args(["install", "--quiet", "--locked", name, "--version", version]);
            // It works for a second: what matters is how fast it compiles.
            cargo.env("CARGO_PROFILE_RELEASE_LTO", "off");
            cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
            cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
            quiet(cargo.arg("--root").arg(&folder))
        })?;
    }
    Ok(program)
}

/// The npm packages of a folder, as its lock file says.
pub fn npm(folder: &str) -> Result<()> {
    node()?;
    let folder = root().join(folder);
    let lock = std::fs::read(folder.join("package-lock.json"))?;
    // A copy of the lock file tells what is installed.
    let stamp = folder.join("node_modules/.installed");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step(
        &format!("installing the npm packages of {}", folder.display()),
        || {
            quiet(
                command("npm")
                    .args(["ci", "--no-audit", "--no-fund"])
                    .current_dir(&folder),
            )?;
            Ok(std::fs::write(stamp, lock)?)
        },
    )
}

/// Chromium and its driver: installed where that is possible, else named. Gives the program.
pub fn chromium() -> Result<String> {
    let find = || {
        let named = std::env::var("CHROME").ok().into_iter();
        let usual = ["chromium", "chromium-browser", "google-chrome"].map(String::from);
        named.chain(usual).find(|program| has(program))
    };
    if find().is_none() || !has("chromedriver") {
        let root_user = quiet(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
        if !has("apt-get") || !root_user {
            bail!(
                "Chromium with its driver was not found. Install both (Debian: `sudo apt-get install chromium \
                 chromium-driver`), or set CHROME to a Chrome or Chromium and put its chromedriver on the PATH"
            );
        }
        step("installing Chromium", || {
            quiet(command("apt-get").arg("update"))?;
            quiet(command("apt-get").args(["install", "-y", "chromium", "chromium-driver"]))
        })?;
    }
    match find() {
        Some(program) => Ok(quiet(command("which").arg(program))?.trim().to_owned()),
        None => bail!("Chromium was installed but cannot be started"),
    }
}

/// Firefox: installed where that is possible, else named. Gives the program.
pub fn firefox() -> Result<String> {
    let find = || {
        let named = std::env::var("FIREFOX").ok().into_iter();
        let usual = ["firefox-esr", "firefox"].map(String::from);
        named.chain(usual).find(|program| has(program))
    };
    if find().is_none() && has("apt-get") {
        step("installing Firefox", || {
            quiet(command("apt-get").arg("update"))?;
            quiet(command("apt-get").args(["install", "-y", "firefox-esr"]))
        })?;
    }
    match find() {
        Some(program) => Ok(quiet(command("which").arg(program))?.trim().to_owned()),
        None => bail!(
            "Firefox was not found: install it (Debian: `sudo apt-get install firefox-esr`), or set FIREFOX to it"
        ),
    }
}

/// WebKitGTK's small browser with its driver, and a display for it: installed where that is possible. The
/// consumers leave it out elsewhere.
pub fn webkit() -> Result<()> {
    if !Path::new("/usr/bin/WebKitWebDriver").exists() && has("apt-get") {
        step("installing WebKitGTK's browser", || {
            quiet(command("apt-get").arg("update"))?;
            quiet(command("apt-get").args(["install", "-y", "webkit2gtk-driver", "xvfb"]))
        })?;
    }
    Ok(())
}

/// An old Chromium, inside of QtWebEngine, from PyPI into the target folder. Gives the Python that has it; none
/// where there is no Python to install it with.
pub fn qtwebengine() -> Result<Option<PathBuf>> {
    let requirements = root().join("tests/consumers/more/qtwebengine/requirements.txt");
    let folder = target().join("tools").join("qtwebengine");
    let python = folder.join("bin/python");
    let stamp = folder.join("requirements.txt");
    let wanted = std::fs::read(&requirements)?;
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(Some(python));
    }
    let create = command("python3")
        .args(["-m", "venv"])
        .arg(&folder)
        .output();
    if !create.is_ok_and(|output| output.status.success()) {
        eprintln!("no old Chromium: `python3 -m venv` does not work here (Debian: python3-venv)");
        return Ok(None);
    }
    step("installing QtWebEngine", || {
        let mut pip = command(python.to_str().unwrap_or_default());
        pip.args(["-m", "pip", "install", "--quiet", "--only-binary=:all:"]);
        quiet(pip.arg("--requirement").arg(&requirements))
    })?;
    std::fs::write(stamp, wanted)?;
    Ok(Some(python))
}

/// cargo-mutants, of one version, built into the target folder. Gives the program.
pub fn mutants() -> Result<String> {
    const VERSION: &str = "27.1.0";
    let folder = target().join("tools");
    let program = folder.join("bin/cargo-mutants").display().to_string();
    let version = quiet(command(&program).args(["mutants", "--version"])).unwrap_or_default();
    if version.trim() != format!("cargo-mutants {VERSION}") {
        step("installing cargo-mutants", || {
            let mut cargo = command(env!("CARGO"));
            cargo.args([
                "install",
                "cargo-mutants",
                "--locked",
                "--version",
                VERSION,
                "--root",
            ]);
            run(cargo.arg(&folder))
        })?;
    }
    Ok(program)
}
