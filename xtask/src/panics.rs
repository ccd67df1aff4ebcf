//! Where panics begin.
//!
//! A panic in WebAssembly ends in a trap, and its message goes nowhere: there is no standard error
//! to print it to. The standard library words it all the same, and the formatting machinery is a
//! third of the module. `prune.rs` makes every function that begins a panic the trap it would end
//! in, and takes out whatever only they need.

/// Where panics begin, in `core`, `alloc` and `std`.
const BEGIN: [&str; 17] = [
    "core::panicking::",
    "core::slice::index::slice_",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::str::slice_error_fail",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::result::unwrap_failed",
    "core::cell::panic_",
    "::assert_failed",
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::handle_error",
    "alloc::raw_vec::capacity_overflow",
    "rust_begin_unwind",
    "std::panicking::",
    "core::fmt::",
    "alloc::fmt::",
    " as alloc::string::SpecToString",
];

/// Whether a function of this name, as the compiler mangles it, begins a panic or words one.
pub fn begins(name: &str) -> bool {
    // Without the hashes.
    let plain = format!("{:#}", rustc_demangle::demangle(name));
    let plain = plain.trim_start_matches('<');
    BEGIN.iter().any(|begin| plain.contains(begin))
}
