//! Reads what the ComfyControl API answers: bytes in, checked columns out.
//!
//! ```
//! use comfycontrol_decode::{Body, Kind, Options, read_page};
//!
//! let body = Body::from(&br#"{"runners":[],"total":1e2}"#[..]);
//! let page = read_page(&body, Options::default()).unwrap();
//! assert_eq!((page.rows, page.total), (0, 100));
//!
//! let body = Body::from(&br#"{"runners":[7],"total":1}"#[..]);
//! let problem = read_page(&body, Options::default()).unwrap_err();
//! assert_eq!((problem.kind, problem.path().as_str()), (Kind::Schema, "runners[0]"));
//! ```
//!
//! # Use
//!
//! Put a response into a [`Body`] and read it: [`read_page`] for `{ runners, total }`, [`read_runner`] for a
//! single runner, [`read_error`] for the message of an API error.
//!
//! A [`Page`] holds its rows as numbers and two texts, from which JavaScript builds its objects in one loop
//! (`js/build-page.js`). [`Page::runners`] returns the rows as Rust values. A [`Problem`] says what is wrong
//! with a body and where, and [`Problem::found`] returns the wrong value. The caller writes the message.
//!
//! # What is accepted
//!
//! Exactly what `new TextDecoder("utf-8", { fatal: true })`, then `JSON.parse`, then a check of each field
//! accept. So the reader skips a byte-order mark; of several members with one name the last counts; names may
//! contain escapes; unknown members may nest to any depth; and `total` is the double nearest to its digits.
//! The rules of the fields come from `api/contract.md`.
//!
//! If a body has several problems, they are sorted by runner, and then by field in the contract's order.
//! Problems of `runners` come before those of `total`. If a body is not JSON, that is the problem, even if
//! something before that point breaks the contract, because another request may help ([`Kind::Truncated`]).
//!
//! # How it works
//!
//! ```text
//! read            whole bodies: page, runner, API error
//! compact         runners in the usual form, fast        runner      runners in any form
//! reader          the state that both share
//! builder         rows → columns and texts
//! string_table    strings that repeat
//! scanner         the syntax of JSON
//! cursor          positions in a body
//! lanes           sixteen bytes at once
//! ```
//!
//! Each file uses only files below it. [`Page::runners`] and [`Problem::found`] are outside this order.

#![warn(missing_docs)]
// Everything of `core::fmt` is a trap in the package: see `clippy.toml`.
#![cfg_attr(not(test), warn(clippy::disallowed_macros, clippy::disallowed_methods))]

mod body;
mod buffer;
mod builder;
mod compact;
mod cursor;
mod date_time;
mod escapes;
mod found;
mod integer;
mod lanes;
mod page;
mod problem;
mod read;
mod reader;
mod rows;
mod runner;
mod scanner;
mod string_table;
mod uuid;

pub use body::{Body, MAX_LEN};
pub use date_time::Instant;
pub use found::{EXCERPT, Found};
pub use integer::MAX_SAFE_INTEGER;
pub use page::{HEADER, Key, MAX_PROBLEMS, OnInvalid, Options, Page};
pub use problem::{Expected, Field, Kind, Problem};
pub use read::{read_error, read_page, read_runner};
pub use rows::{Row, Runners};
pub use uuid::is_uuid_text;
