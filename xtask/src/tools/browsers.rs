//! Browsers: installed where that is possible, else named with the way to get them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{can_install, has, install};
use crate::sh::{command, quiet, root, step, target};

/// Chromium and its driver. Returns Chromium's path.
pub fn chromium() -> Result<String> {
    let find = || find("CHROME", &["chromium", "chromium-browser", "google-chrome"]);
    if find().is_none() || !has("chromedriver") {
        if !can_install() {
            bail!(
                "Chromium with its driver was not found. Install both (Debian: `sudo apt-get install chromium \
                 chromium-driver`), or set CHROME to a Chrome or Chromium and put its chromedriver on the PATH"
            );
        }
        step("installing Chromium", || {
            install(&["chromium", "chromium-driver"])
        })?;
    }
    let program = find().context("Chromium was installed but cannot be started")?;
    Ok(quiet(command("which").arg(program))?.trim().to_owned())
}

/// Firefox. Returns its path.
pub fn firefox() -> Result<String> {
    let find = || find("FIREFOX", &["firefox-esr", "firefox"]);
    if find().is_none() {
        if !can_install() {
            bail!(
                "Firefox was not found: install it (Debian: `sudo apt-get install firefox-esr`), or set FIREFOX to it"
            );
        }
        step("installing Firefox", || install(&["firefox-esr"]))?;
    }
    let program = find().context("Firefox was installed but cannot be started")?;
    Ok(quiet(command("which").arg(program))?.trim().to_owned())
}

/// WebKitGTK's small browser with its driver, and a display for it. The consumers leave it out where
/// it cannot be installed.
pub fn webkit() -> Result<()> {
    if !Path::new("/usr/bin/WebKitWebDriver").exists() && can_install() {
        step("installing WebKitGTK's browser", || {
            install(&["webkit2gtk-driver", "xvfb"])
        })?;
    }
    Ok(())
}

/// An old Chromium, inside of QtWebEngine, from PyPI into the target folder. Returns the Python that
/// has it; none where there is no Python to install it with.
pub fn qtwebengine() -> Result<Option<PathBuf>> {
    let requirements = root().join("tests/consumers/more/qtwebengine/requirements.txt");
    let folder = target().join("tools").join("qtwebengine");
    let python = folder.join("bin/python");
    // A copy of the requirements tells what is installed.
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

/// The program that a variable names, or the first of the usual ones, that can be started.
fn find(variable: &str, usual: &[&str]) -> Option<String> {
    let named = std::env::var(variable).ok().into_iter();
    let usual = usual.iter().map(|&name| name.to_owned());
    named.chain(usual).find(|program| has(program))
}
