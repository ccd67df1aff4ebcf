//! Tests of the policies, the validation and the messages, without a clock or a network.

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
mod retry_after;
mod runner;
mod schema;
mod watch;
