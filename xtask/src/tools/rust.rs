//! Parts of the Rust toolchain.

use std::path::Path;

use anyhow::{Result, bail};

use super::has;
use crate::sh::{command, quiet, run, step};

const WASM: &str = "wasm32-unknown-unknown";

/// The standard library for WebAssembly.
pub fn wasm_target() -> Result<()> {
    let sysroot = quiet(command("rustc").args(["--print", "sysroot"]))?;
    let libraries = Path::new(sysroot.trim()).join("lib/rustlib").join(WASM);
    if libraries.exists() {
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

/// The LLVM tools that read coverage counters, in the compiler's version.
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
