//! What reading gives, and what can be asked for.

use crate::date_time::Instant;
use crate::problem::Problem;

/// How many of [`Page::columns`] come before the rows.
pub const HEADER: usize = 2;

/// What the header holds where.
pub(crate) mod header {
    pub(crate) const ROWS: usize = 0;
    pub(crate) const STRING_TABLE: usize = 1;
}

/// What a row holds where. Strings take two columns, start and end.
pub(crate) mod column {
    pub(crate) const ID: usize = 0;
    pub(crate) const NAME: usize = 2;
    pub(crate) const RUNNER_TYPE: usize = 4;
    pub(crate) const STATUS: usize = 5;
    pub(crate) const CREATED_AT: usize = 6;
    pub(crate) const UPDATED_AT: usize = 8;
    pub(crate) const TAG_COUNT: usize = 10;
    pub(crate) const TAGS: usize = 11;
}

/// How many [`Page::invalid`] are kept; further ones are only counted.
pub const MAX_PROBLEMS: usize = 1000;

/// How to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Leave out runners that are wrong, and report them in [`Page::invalid`], instead of failing. Anything
    /// else that is wrong with the body still fails.
    pub collect_invalid: bool,
    /// Fill [`Page::keys`].
    pub keys: bool,
    /// The double that a JSON number means, for a `total` that is not written in plain digits.
    ///
    /// By default, Rust's own parser tells. In WebAssembly that parser would take more room than the rest of
    /// this crate, so there such a `total` is by default refused.
    pub number: Option<fn(&str) -> f64>,
}

/// What identifies and orders a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The 128 bits of `id`.
    pub id: u128,
    /// `created_at`
    pub created_at: Instant,
}

/// The runners of a body that was read, and its `total`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The rows as numbers, for `js/build-page.js` and [`Page::runners`]:
    ///
    /// 1. The header, [`HEADER`] numbers: how many rows there are, and the index at which the string table
    ///    begins.
    /// 2. Each row: start and end of `id`; start and end of `name`; `runner_type` and `status`, each as an
    ///    index into the string table; start and end of `created_at`; start and end of `updated_at`; how many
    ///    tags there are; each tag as an index into the string table.
    /// 3. The string table, up to the end: start and end of each string.
    ///
    /// Starts and ends count UTF-16 units of [`ascii`](Self::ascii). If a start is inverted (`!start`, so
    /// negative), the string is in [`wide`](Self::wide) instead. If an end is inverted, the string has JSON
    /// escapes, and stands in the text with its quotes: right before its start and right behind its end. `id`,
    /// `created_at` and `updated_at` have no inverted numbers.
    pub columns: Vec<i32>,
    /// The strings that are all ASCII, one behind the other.
    ///
    /// There are two texts because JavaScript engines decode a text that is nearly all ASCII up to ten times as
    /// slowly as one that is all ASCII, and then store two bytes for each of its characters. And the body
    /// itself is no such text because a JavaScript string that is cut out of a text keeps all of it alive.
    pub ascii: String,
    /// The other strings, one behind the other.
    pub wide: String,
    /// The number of rows.
    pub rows: u32,
    /// `total`; 1 for a single runner.
    pub total: u64,
    /// One for each row, if [`Options::keys`] asks for them.
    pub keys: Vec<Key>,
    /// What is wrong with the runners that were left out, in their order: the first problem of each field, at
    /// most [`MAX_PROBLEMS`] altogether.
    pub invalid: Vec<Problem>,
    /// How many problems there are, with those that were not kept.
    pub invalid_count: u32,
}
