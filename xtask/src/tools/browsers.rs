//! Browsers: installed where that is possible, else named with the way to get them.

use anyhow::{Context, Result, bail};

use super::has;
use crate::sh::{command, quiet, step};

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

/// The program that a variable names, or the first of the usual ones, that can be started.
fn find(variable: &str, usual: &[&str]) -> Option<String> {
    let named = std::env::var(variable).ok().into_iter();
    let usual = usual.iter().map(|&name| name.to_owned());
    named.chain(usual).find(|program| has(program))
}

fn can_install() -> bool {
    let root_user = quiet(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    root_user && has("apt-get")
}

fn install(packages: &[&str]) -> Result<()> {
    quiet(command("apt-get").arg("update"))?;
    quiet(command("apt-get").args(["install", "-y"]).args(packages))?;
    Ok(())
}
