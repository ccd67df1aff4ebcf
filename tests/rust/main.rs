//! The plain Rust core: policies, validation and wording, without a clock or a network.

#![cfg(not(target_arch = "wasm32"))]

mod changes;
mod endpoint;
mod error;
mod ledger;
mod limiter;
mod options;
mod page;
mod paging;
mod platform;
mod random;
mod redact;
mod response;
mod retry;
mod runner;
mod watch;
