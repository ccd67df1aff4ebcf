//! The plain Rust core: policies, validation and wording, without a clock or a network.

#![cfg(not(target_arch = "wasm32"))]

mod limiter;
mod paging;
mod random;
