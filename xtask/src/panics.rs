//! A panic in WebAssembly ends in a trap, and its message goes nowhere: there is no standard error to
//! print it to. This pass makes every function that begins a panic the trap it would end in, and so
//! takes its message, and what words it, out of the module: 4 to 5 kB of the package. What says where
//! a panic happened is data, which it blanks: 1 kB.

use anyhow::{Result, ensure};
use walrus::ir::{Instr, Unreachable, Value};
use walrus::{ConstExpr, DataKind, FunctionKind, Module};

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
    let found = blank_locations(module);
    ensure!(
        found >= 5,
        "only {found} locations of panics were found: their layout must follow the compiler"
    );
    Ok(())
}

/// Blanks every `core::panic::Location`, and the names of files that they point to: nobody prints
/// them any more, and zeros compress to nothing. Returns how many there were.
fn blank_locations(module: &mut Module) -> usize {
    let mut found = 0;
    let segments: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    for segment in segments {
        let data = module.data.get_mut(segment);
        let DataKind::Active {
            offset: ConstExpr::Value(Value::I32(start)),
            ..
        } = data.kind
        else {
            continue;
        };
        let word = |at: usize| Some(u32::from_le_bytes(*data.value.get(at..)?.first_chunk()?));
        let mut blanks = Vec::new();
        for at in (0..data.value.len()).step_by(4) {
            // The name's address and length; then line and column.
            let name = word(at)
                .zip(word(at + 4))
                .and_then(|(address, len)| {
                    let begin = address.checked_sub(start as u32)? as usize;
                    Some(begin..begin.checked_add(len as usize)?)
                })
                .filter(|name| {
                    (data.value.get(name.clone())).is_some_and(|name| name.ends_with(b".rs"))
                });
            if let Some(name) = name {
                blanks.extend([at..at + 16, name]);
                found += 1;
            }
        }
        for blank in blanks {
            data.value[blank].fill(0);
        }
    }
    found
}
