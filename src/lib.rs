//! The client for ComfyControl's managed runners.
//!
//! | layer | modules | what |
//! |---|---|---|
//! | 3 | `web` | the only module that knows JavaScript: the exports and the call itself |
//! | 2 | [`limiter`], [`ledger`], [`retry`], [`retry_after`], [`response`], [`paging`], [`watch`], [`changes`], [`options`], [`schema`] | policies: plain Rust that takes the time, the random number and the answer as arguments, and returns what to do next |
//! | 1 | [`endpoint`], [`pace`], [`runner`], [`page`], [`error`], [`event`], [`redact`], [`text`] | what the policies speak of: addresses, paces, runners, pages, errors, events |
//! | 0 | `comfycontrol-decode` | bytes → checked columns |
//!
//! Data flows one way: JavaScript's options → `web::options` → [`options`] → `web::call` →
//! [`limiter`] → `web::fetch` → [`response`] → decode → `web::rows` → JavaScript's objects.

#![warn(missing_docs)]
// Everything of `core::fmt` is a trap in the package: see `clippy.toml`.
#![cfg_attr(not(test), warn(clippy::disallowed_macros, clippy::disallowed_methods))]

pub mod changes;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod ledger;
pub mod limiter;
pub mod options;
pub mod pace;
pub mod page;
pub mod paging;
pub mod redact;
pub mod response;
pub mod retry;
pub mod retry_after;
pub mod runner;
pub mod schema;
pub mod text;
pub mod watch;
#[cfg(target_arch = "wasm32")]
pub mod web;
