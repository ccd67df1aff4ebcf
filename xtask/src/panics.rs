//! Takes the wording of panics out of the module.
//!
//! A panic in WebAssembly ends in a trap, and its message goes nowhere: there is no standard error
//! to print it to. The standard library formats it all the same, and the formatting machinery is a
//! third of the module. Here every function that begins a panic becomes the trap it would end in;
//! `wasm-opt` then drops whatever only they called.

use anyhow::{Result, ensure};
use walrus::{FunctionKind, LocalFunction, Module, ModuleFunctions};

/// Where panics begin, in `core`, `alloc` and `std`.
const BEGIN: [&str; 13] = [
    "core::panicking::",
    "core::slice::index::slice_",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::str::slice_error_fail",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::result::unwrap_failed",
    "core::cell::panic_",
    "rust_begin_unwind",
    "std::panicking::",
    "core::fmt::",
    "alloc::fmt::",
    " as alloc::string::SpecToString",
];

/// Cuts them, and says how many. Fails if there are suspiciously few: then the compiler names them
/// differently, and the list above must follow.
pub fn cut(module: &mut Module) -> Result<usize> {
    let begins: Vec<_> = module
        .funcs
        .iter_local()
        .filter(|(id, _)| {
            module
                .funcs
                .get(*id)
                .name
                .as_deref()
                .is_some_and(|name| begins_panic(name))
        })
        .map(|(id, _)| id)
        .collect();
    ensure!(
        begins.len() >= 5,
        "only {} functions that begin a panic were found",
        begins.len()
    );
    for &id in &begins {
        let kind = trap(&module.funcs, id, &mut module.types, &mut module.locals);
        module.funcs.get_mut(id).kind = FunctionKind::Local(kind);
    }
    Ok(begins.len())
}

/// Names are demangled, with a hash behind the crate: `core[c5930c85a12de822]::panicking::panic`.
fn begins_panic(name: &str) -> bool {
    let mut plain = String::new();
    let mut hash = false;
    for c in name.chars() {
        match c {
            '[' => hash = true,
            ']' => hash = false,
            c if !hash => plain.push(c),
            _ => {}
        }
    }
    let plain = plain.trim_start_matches('<');
    BEGIN.iter().any(|begin| plain.contains(begin))
}

fn trap(
    funcs: &ModuleFunctions,
    id: walrus::FunctionId,
    types: &mut walrus::ModuleTypes,
    locals: &mut walrus::ModuleLocals,
) -> LocalFunction {
    let (params, results) = types.params_results(funcs.get(id).ty());
    let (params, results) = (params.to_vec(), results.to_vec());
    let args = params.iter().map(|ty| locals.add(*ty)).collect();
    let mut builder = walrus::FunctionBuilder::new(types, &params, &results);
    builder.func_body().unreachable();
    builder.local_func(args)
}
