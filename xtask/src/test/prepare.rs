//! Builds and installs what the tests need, once, before any of them runs.

use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Result, anyhow};

use super::kinds::Kind;
use crate::sh::step;
use crate::tools::wasm_bindgen::Links;
use crate::{build, emulator, pack, tools};

pub struct Prepared {
    /// Links to this program under the names of wasm-bindgen's programs.
    pub wasm_bindgen: Links,
    /// This program.
    pub xtask: PathBuf,
    pub emulator: PathBuf,
    pub chromium: String,
    pub tarball: PathBuf,
    /// A temporary folder for what only some kinds need.
    pub folder: tempfile::TempDir,
    /// Whether to run everything (`--all`), also what takes long.
    pub all: bool,
}

impl Prepared {
    pub fn new(kinds: &[&Kind], all: bool) -> Result<Self> {
        tools::node()?;
        let wasm_bindgen = Links::make()?;
        let xtask = std::env::current_exe()?;
        let folder = tempfile::tempdir()?;
        // Linking keeps one core busy, npm and apt-get mostly wait for the network.
        let (built, installed) = thread::scope(|scope| {
            let installing = scope.spawn(|| install(kinds));
            (build(folder.path()), installing.join())
        });
        let (emulator, tarball) = built?;
        let chromium = installed.map_err(|_| anyhow!("an installation panicked"))??;
        Ok(Self {
            wasm_bindgen,
            xtask,
            emulator,
            chromium,
            tarball,
            folder,
            all,
        })
    }
}

fn build(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    build::build()?;
    let tarball = step("packing the package", || pack::pack(folder))?;
    Ok((emulator::build()?, tarball))
}

/// Installs what the kinds need, one after another. Returns Chromium's path.
fn install(kinds: &[&Kind]) -> Result<String> {
    let chromium = tools::chromium()?;
    for kind in kinds {
        (kind.install)()?;
    }
    Ok(chromium)
}
