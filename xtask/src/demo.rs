//! `cargo xtask demo`: builds everything, lists runners, and serves the dashboard.

use std::fs;
use std::sync::mpsc;

use anyhow::{Context, Result};

use crate::emulator::{self, Emulator};
use crate::sh::{command, quiet, root, run as run_command, step};
use crate::{build, pack, tools};

#[derive(clap::Args)]
pub struct Arguments {
    /// Stop after the listing
    #[arg(long)]
    once: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    tools::node()?;
    build::build()?;
    let program = emulator::build()?;
    let emulator = step("starting the emulator with 250 runners", || {
        Emulator::start(&program, &["--runners", "250", "--token", "cfc_demo"])
    })?;
    let folder = tempfile::tempdir()?;
    step(
        "packing the package and installing it in a temporary folder",
        || {
            let tarball = pack::pack(folder.path())?;
            fs::write(
                folder.path().join("package.json"),
                r#"{ "private": true, "type": "module" }"#,
            )?;
            let install = ["install", "--no-audit", "--no-fund", "--offline"];
            quiet(
                command("npm")
                    .args(install)
                    .arg(tarball)
                    .current_dir(folder.path()),
            )
        },
    )?;
    let script = folder.path().join("list.mjs");
    fs::copy(root().join("xtask/demo/list.mjs"), &script).context("the listing")?;
    step(
        "listing runners from Node through the installed package",
        || {
            let mut node = command("node");
            node.arg(&script).current_dir(folder.path());
            node.env("COMFYCONTROL_BASE_URL", &emulator.url)
                .env("COMFYCONTROL_TOKEN", "cfc_demo");
            run_command(&mut node)
        },
    )?;
    if arguments.once {
        return Ok(());
    }
    println!(
        "\nThe dashboard:  {}\nIts token:      cfc_demo\n\nCtrl-C ends it.",
        emulator.url
    );
    let (send, ended) = mpsc::channel();
    ctrlc::set_handler(move || {
        let _ = send.send(());
    })?;
    ended.recv()?;
    Ok(())
}
