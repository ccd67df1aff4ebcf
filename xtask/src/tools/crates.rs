//! Programs from crates.io in fixed versions, built into a folder of the repository.

use std::path::PathBuf;

use anyhow::Result;

use crate::sh::{cargo, quiet, step, target};

pub const CARGO_DENY: Program = Program::new("cargo-deny", "0.20.2");
pub const CARGO_LLVM_COV: Program = Program::new("cargo-llvm-cov", "0.9.1");
pub const CARGO_MUTANTS: Program = Program::new("cargo-mutants", "27.1.0");
pub const WASM_PACK: Program = Program::new("wasm-pack", "0.15.1");

pub struct Program {
    name: &'static str,
    version: &'static str,
}

impl Program {
    const fn new(name: &'static str, version: &'static str) -> Self {
        Self { name, version }
    }

    /// Installs the program with the versions of its own lock file, if needed. Returns its path.
    pub fn install(&self) -> Result<PathBuf> {
        let Self { name, version } = self;
        let folder = target().join(format!("tools/{name}-{version}"));
        let program = folder.join(format!("bin/{name}{}", std::env::consts::EXE_SUFFIX));
        if program.exists() {
            return Ok(program);
        }
        step(&format!("installing {name} {version}"), || {
            let mut install = cargo(["install", "--quiet", "--locked", name, "--version", version]);
            install.arg("--root").arg(&folder);
            // Share the target folder, so that common dependencies are compiled once.
            install.env("CARGO_TARGET_DIR", target().join("tools/build"));
            // The programs run for seconds, so compiling fast matters more than optimizing.
            install.env("CARGO_PROFILE_RELEASE_LTO", "off");
            install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
            install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
            quiet(&mut install)
        })?;
        Ok(program)
    }
}
