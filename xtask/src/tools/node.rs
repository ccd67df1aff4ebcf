//! Node.js and npm packages.

use std::fs;

use anyhow::{Result, bail};

use super::has;
use crate::sh::{command, quiet, root, step};

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
    let major = version.trim_start_matches('v').split('.').next();
    let major: Option<u32> = major.and_then(|number| number.parse().ok());
    if major.is_none_or(|major| major < 20) {
        bail!(
            "Node.js {} is too old: 20 or later is needed",
            version.trim()
        );
    }
    Ok(())
}

/// Installs the npm packages of a folder, in the versions of its lock file.
pub fn npm(folder: &str) -> Result<()> {
    node()?;
    let path = root().join(folder);
    let lock = fs::read(path.join("package-lock.json"))?;
    // A copy of the lock file shows what is installed.
    let stamp = path.join("node_modules/.installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step(&format!("installing the npm packages of {folder}"), || {
        let mut npm = command("npm");
        npm.args(["ci", "--no-audit", "--no-fund"]);
        quiet(npm.current_dir(&path))?;
        Ok(fs::write(stamp, lock)?)
    })
}
