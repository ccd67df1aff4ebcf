//! The WebAssembly module of `comfycontrol-runners/testing`: the library of `comfycontrol-emulator`
//! behind exports for JavaScript.
//!
//! `js/testing/` calls these exports. Their arguments are JSON text, because serde finds unknown and
//! misspelt members there, but not in JavaScript objects. They return objects.
//!
//! - [`input`]: JSON text to Rust values, or a `TypeError` that names the member
//! - [`options`]: the options of `createEmulator` and their defaults
//! - [`runner`]: runners with camelCase members, as the client returns them
//! - [`exchange`]: a request, its answer, and what is recorded of both
//! - [`emulator`]: the exported class
//! - [`fake`]: `fakeRunner` and `fakeRunners`

#![warn(missing_docs)]

pub mod emulator;
pub mod exchange;
pub mod fake;
pub mod input;
pub mod options;
pub mod runner;
