//! Bytes in, checked columns out: reads what `api/contract.md` says the API answers.
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
//! # The interface
//!
//! | | |
//! |---|---|
//! | [`Body`] | the response's bytes, with room behind them |
//! | [`read_page`] | `{ runners, total }` → [`Page`] or the first [`Problem`] |
//! | [`read_runner`] | a runner → [`Page`] of one row or the first [`Problem`] |
//! | [`read_error`] | `{ message }` → the message, `None` if it is not that |
//! | [`Page::columns`] | numbers from which `buildPage(columns, ascii, wide)` of `js/build-page.js` makes the objects |
//! | [`Page::keys`] | ids and instants for enumeration, if asked for |
//! | [`Page::invalid`] | what is wrong with runners that were left out, if asked for |
//! | [`Page::runners`] | the same as borrowed Rust values |
//! | [`Problem`] | kind, place, what was expected, byte offset; [`Problem::path`] and [`Problem::found`] in words |
//!
//! # What is accepted
//!
//! Exactly what `new TextDecoder("utf-8", { fatal: true })`, `JSON.parse` and a check of each field accept,
//! one after the other. So a byte-order mark is skipped, the last of several members with one name counts,
//! names may hold escapes, unknown members may nest as deep as they like, and `total` is judged by the
//! double that its digits mean. A body that is not JSON is called that even if something earlier in it
//! breaks the contract as well, since the caller tries [`Kind::Truncated`] again.
//!
//! Of several problems the first is the first runner's, and within it the first field's in the contract's
//! order; those of `runners` come before `total`.

// Everything of `core::fmt` is a trap in the package: see `clippy.toml`.
#![cfg_attr(not(test), warn(clippy::disallowed_macros, clippy::disallowed_methods))]

mod at;
mod body;
mod compact;
mod datetime;
mod escapes;
mod lanes;
mod message;
mod names;
mod object;
mod page;
mod problem;
mod reader;
mod row;
mod skip;
mod strings;
mod total;
mod uuid;
mod words;

pub use body::{Body, MAX_LEN};
pub use datetime::Instant;
pub use message::read_error;
pub use page::{HEADER, Key, MAX_PROBLEMS, Options, Page, read_page, read_runner};
pub use problem::{EXCERPT, Expected, Field, Found, Kind, Problem};
pub use row::{Row, Runners};
