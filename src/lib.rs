//! The client for ComfyControl's managed runners.
//!
//! Policies are plain Rust that is handed the clock, the random number and the answer, and says
//! what to do next; they compile and test natively. Only `wasm` knows JavaScript, and it decides
//! nothing. Data flows one way: options → limiter → request → fetch → response → decode → rows.

pub mod enumerate;
pub mod error;
pub mod event;
pub mod http_date;
pub mod limiter;
pub mod options;
pub mod page;
pub mod request;
pub mod response;
pub mod retry;
pub mod runner;
mod text;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
pub mod watch;
