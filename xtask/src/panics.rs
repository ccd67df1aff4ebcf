//! A panic in WebAssembly ends in a trap, and its message is lost: there is no standard error. This pass
//! replaces every function that begins a panic by the trap. So the messages, and the code that formats
//! them, leave the module: 4 to 5 kB of the package.

use anyhow::{Result, ensure};
use walrus::ir::{Instr, Unreachable};
use walrus::{FunctionKind, Module};

/// Functions of `core`, `alloc` and `std` that begin a panic or format its message. The crate itself does
/// not use `core::fmt`: `clippy.toml` forbids it.
const BEGIN: [&str; 11] = [
    "core::panicking::",
    "core::slice::index::slice_",
    "core::str::slice_error_fail",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::result::unwrap_failed",
    "core::cell::panic_",
    "alloc::raw_vec::handle_error",
    "std::panicking::",
    "core::fmt::",
    "rust_begin_unwind",
];

/// Turns functions that begin a panic into traps.
pub fn trap(module: &mut Module) -> Result<()> {
    let mut found = 0;
    for function in module.funcs.iter_mut() {
        let name = function.name.as_deref().unwrap_or_default();
        let name = format!("{:#}", rustc_demangle::demangle(name));
        if let FunctionKind::Local(local) = &mut function.kind
            && BEGIN.iter().any(|begin| name.contains(begin))
        {
            let entry = local.entry_block();
            local.block_mut(entry).instrs = vec![(Instr::from(Unreachable {}), Default::default())];
            found += 1;
        }
    }
    ensure!(
        found >= 5,
        "only {found} functions that begin a panic were found: BEGIN must follow the compiler"
    );
    Ok(())
}
