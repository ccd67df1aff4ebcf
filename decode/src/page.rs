//! The result of reading, and its options.

use crate::date_time::Instant;
use crate::problem::Problem;

/// How many of [`Page::columns`] come before the rows.
pub const HEADER: usize = 2;

/// The indexes of the header's numbers.
pub(crate) mod header {
    pub(crate) const ROWS: usize = 0;
    pub(crate) const STRING_TABLE: usize = 1;
}

/// The columns of a row. A string takes two, start and end.
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

/// How many problems of runners [`Page::invalid`] keeps; further ones are only counted.
pub const MAX_PROBLEMS: usize = 1000;

/// What happens where a body breaks the contract. A body that is not JSON fails in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnInvalid {
    /// The reading fails with the first problem.
    #[default]
    Fail,
    /// Runners that are wrong are left out, and reported in [`Page::invalid`]. Anything else fails.
    CollectRunners,
    /// Everything is reported in [`Page::invalid`]. Runners that are wrong are left out.
    CollectAll,
}

/// How to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// What happens where the body breaks the contract.
    pub on_invalid: OnInvalid,
    /// Fill [`Page::keys`].
    pub keys: bool,
    /// Parses a JSON number, for a `total` that is not written as digits alone (`1e2`).
    ///
    /// The default is Rust's own parser. In WebAssembly that parser would be larger than the rest of this
    /// crate, so there the default refuses such a `total`.
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
    /// escapes, and the text also contains its quotes: one before the start and one after the end. `id`,
    /// `created_at` and `updated_at` have no inverted numbers.
    pub columns: Vec<i32>,
    /// All strings that are ASCII, one after another.
    ///
    /// There are two texts because JavaScript engines decode a text that is nearly all ASCII up to ten times as
    /// slowly as one that is all ASCII, and then store two bytes for each of its characters. The texts are not
    /// the body itself, because a JavaScript substring keeps the whole text alive that it comes from.
    pub ascii: String,
    /// The other strings, one after another.
    pub wide: String,
    /// The number of rows.
    pub rows: u32,
    /// `total`; 1 for a single runner.
    pub total: u64,
    /// One for each row, if [`Options::keys`] asks for them.
    pub keys: Vec<Key>,
    /// The problems that [`Options::on_invalid`] collects, sorted: of the runners that were left out, then of the
    /// body itself. They are the first problem of each field, at most [`MAX_PROBLEMS`] of runners.
    pub invalid: Vec<Problem>,
    /// How many problems there are, including those that were not kept.
    pub invalid_count: u32,
}
