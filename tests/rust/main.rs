//! The plain Rust core: policies, validation and wording, without a clock or a network.

#![cfg(not(target_arch = "wasm32"))]

mod enumerate;
mod enumerate_cases;
mod enumerate_model;
mod enumerate_steps;
mod error;
mod http_date;
mod limiter;
mod options;
mod page;
mod random;
mod request;
mod response;
mod retry;
mod runner;
mod watch;
