//! The documented ComfyControl API as a library without I/O: it takes a request and the time, and returns
//! an answer and how to deliver it.
//!
//! Only [`server`] reads a clock or opens a socket. A test drives an [`Emulator`] with its own time:
//!
//! ```
//! use std::time::Duration;
//! use comfycontrol_emulator::{Emulator, Request, Runners, Settings, VIRTUAL_START};
//!
//! let runners = Runners::generated(250, 0);
//! let mut emulator = Emulator::new(Settings::default(), runners, VIRTUAL_START);
//! let request = Request::get("/v1/managed-runner?page=3&per_page=100")
//!     .with("authorization", "Bearer cfc_demo");
//! let reply = emulator.handle(&request, Duration::ZERO);
//! assert_eq!(reply.status, 200);
//! ```
//!
//! The same library runs behind the program of this crate and, compiled to WebAssembly, in the npm
//! entry `comfycontrol-runners/testing`. The README describes the program and the control interface.
//!
//! From the bottom up:
//!
//! - [`request`], [`reply`]: input and output
//! - [`runner`], [`tier`], [`timestamp`], [`generate`], [`runners`]: the runners
//! - [`settings`], [`auth`], [`limit`], [`list_query`], [`fault`]: the checks of a request
//! - [`changes`], [`schedule`], [`log`]: for tests
//! - [`emulator`]: all state; [`api`] and [`control`] answer from it; [`dispatch`] chooses between them
//! - the module [`server`]: HTTP (feature `server`)

#![warn(missing_docs)]

pub mod api;
pub mod auth;
pub mod changes;
pub mod control;
pub mod dispatch;
pub mod emulator;
pub mod fault;
pub mod generate;
pub mod limit;
pub mod list_query;
pub mod log;
mod overlay;
pub mod reply;
pub mod request;
pub mod runner;
pub mod runners;
pub mod schedule;
#[cfg(feature = "server")]
pub mod server;
pub mod settings;
pub mod tier;
pub mod timestamp;

pub use emulator::Emulator;
pub use limit::LimitRule;
pub use reply::{Delivery, End, Position, Reply};
pub use request::Request;
pub use runner::Runner;
pub use runners::Runners;
pub use settings::{RetryAfter, Settings, Timestamps};
pub use tier::Tier;
pub use timestamp::VIRTUAL_START;
