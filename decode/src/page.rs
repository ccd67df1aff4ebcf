//! Whole bodies: a page of runners, and a single one.

use core::mem::take;

use crate::body::Body;
use crate::datetime::Instant;
use crate::object::{PAGE, RUNNER};
use crate::problem::{Kind, Problem};
use crate::reader::Reader;

/// How many of [`Page::columns`] come before the rows.
pub const HEADER: usize = 2;

/// How many [`Page::invalid`] are kept; the rest is only counted.
pub const MAX_PROBLEMS: usize = 1000;

/// What to read besides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Leave out runners that are wrong, and report them, instead of failing. What is wrong with the body
    /// itself still fails.
    pub collect_invalid: bool,
    /// Fill [`Page::keys`].
    pub keys: bool,
    /// The double that a JSON number means, for a `total` that is not written in plain digits. Without it
    /// Rust's own parser says so, except in WebAssembly, where that takes more room than this crate: there
    /// such a total is no integer.
    pub number: Option<fn(&str) -> f64>,
}

/// What enumeration needs of a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// `id`, the 128 bits of the UUID.
    pub id: u128,
    /// `created_at`.
    pub created_at: Instant,
}

/// A checked body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The rows as numbers, for `js/build-page.js` and [`Page::runners`]:
    ///
    /// 1. [`HEADER`] numbers: how many rows there are, and the index at which the string table begins.
    /// 2. Each row: start and end of `id`; start and end of `name`; `runner_type` and `status`, each as an
    ///    index into the string table; start and end of `created_at`; start and end of `updated_at`; the
    ///    number of tags; each tag as an index into the string table.
    /// 3. The string table, up to the end: start and end of each string.
    ///
    /// Starts and ends count UTF-16 units of [`ascii`](Self::ascii). If a start is inverted (`!start`, a
    /// negative number), the string is in [`wide`](Self::wide) instead. If an end is inverted, the string has
    /// JSON escapes, and its quotes stand right before its start and right behind its end. Neither happens to
    /// `id`, `created_at` and `updated_at`.
    pub columns: Vec<i32>,
    /// The strings that are all ASCII, one behind the other.
    ///
    /// There are two texts because JavaScript engines decode text that is mostly ASCII up to ten times as
    /// slowly as text that is all ASCII, and then store two bytes for each character of it.
    pub ascii: String,
    /// The other strings, one behind the other.
    pub wide: String,
    /// The number of rows.
    pub rows: u32,
    /// `total`; 1 for a single runner.
    pub total: u64,
    /// One for each row, if asked for.
    pub keys: Vec<Key>,
    /// What is wrong with the runners that were left out, in order: the first problem of each field, at
    /// most [`MAX_PROBLEMS`].
    pub invalid: Vec<Problem>,
    /// How many there would be.
    pub invalid_count: u32,
}

/// Reads `{ "runners": ManagedRunner[], "total": integer }`.
pub fn read_page(body: &Body, options: Options) -> Result<Page, Problem> {
    read(body, options, PAGE)
}

/// Reads a single `ManagedRunner`, the page's only row. With `collect_invalid` too, a wrong one fails.
pub fn read_runner(body: &Body, options: Options) -> Result<Page, Problem> {
    read(body, options, RUNNER)
}

fn read(body: &Body, options: Options, wanted: u32) -> Result<Page, Problem> {
    if body.is_too_long() {
        return Err(Problem::syntax(Kind::TooLong, 0));
    }
    let mut reader = Reader::new(body, options);
    if !reader.document(wanted) {
        return Err(reader.failure());
    }
    match reader.problem {
        Some(problem) => Err(problem),
        None => Ok(reader.finish()),
    }
}

impl Reader<'_> {
    fn finish(&mut self) -> Page {
        let columns = &mut self.page.columns;
        let table = columns.len() as i32;
        columns.extend(self.words.spans.iter().map(|&end| end as i32));
        columns[..HEADER].copy_from_slice(&[self.page.rows as i32, table]);
        // SAFETY (both): `place` and `plain` append only whole strings, which `string` and `plain` saw to be
        // UTF-8.
        self.page.ascii = unsafe { String::from_utf8_unchecked(take(&mut self.text)) };
        self.page.wide = unsafe { String::from_utf8_unchecked(take(&mut self.wide)) };
        take(&mut self.page)
    }
}
