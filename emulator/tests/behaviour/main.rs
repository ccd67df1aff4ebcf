//! What the emulator does: with a fake time first, then over real HTTP.

mod auth;
mod changes;
mod clock;
mod control;
mod faults;
mod files;
mod http;
mod limit;
mod log;
mod openapi;
mod paging;
mod program;
mod runners;
mod structure;
mod support;
