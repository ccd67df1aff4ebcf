//! A panic in WebAssembly ends in a trap, and its message goes nowhere: there is no standard error to
//! print it to. This pass makes every function that begins a panic the trap it would end in, and so
//! takes its message, and what words it, out of the module: 4 to 5 kB of the package.

use anyhow::{Result, ensure};
use walrus::ir::{Instr, Unreachable};
use walrus::{FunctionKind, Module};

/// Where panics begin and are worded, in `core`, `alloc` and `std`. The crate itself does without
/// `core::fmt`: `clippy.toml` sees to that.
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
