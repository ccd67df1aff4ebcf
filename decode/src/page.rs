//! Whole bodies: a page of runners, and a single one.

use crate::body::{Body, MAX_LEN};
use crate::datetime::Instant;
use crate::object::{PAGE, RUNNER};
use crate::problem::{Kind, Problem};
use crate::reader::Reader;

/// How many of [`Page::columns`] come before the rows.
pub const HEADER: usize = 5;

/// How many [`Page::invalid`] are kept; the rest is only counted.
pub const MAX_PROBLEMS: usize = 1000;

/// What to read besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Leave out runners that are wrong, and report them, instead of failing. What is wrong with the body
    /// itself still fails.
    pub collect_invalid: bool,
    /// Fill [`Page::keys`].
    pub keys: bool,
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
    /// For `pkg/js/rows.js`, in one array:
    ///
    /// 1. [`HEADER`] numbers: the rows; the index at which the words begin, and the one at which the texts
    ///    do; the number of bytes of the first text, and of the second;
    /// 2. each row: start and end of `id` and `name`; the words of `runner_type` and `status`; start and
    ///    end of `created_at` and `updated_at`; the number of tags, and each tag's word;
    /// 3. start and end of each word;
    /// 4. unless the body is all ASCII, two texts, byte after byte: the body with the high bit of each byte
    ///    cleared, so that offsets into it are those of the body's bytes; and, in UTF-8, the strings that are
    ///    not all ASCII, each in its quotes.
    ///
    /// Starts and ends are byte offsets into the body and exclude the quotes. A start is inverted (`!start`,
    /// so negative as `i32`) if the string is not all ASCII: then both count UTF-16 units of the second text.
    /// An end is inverted if the string holds escapes.
    ///
    /// Why two texts: decoding as UTF-8 what is mostly but not all ASCII costs JS engines up to ten times the
    /// time of ASCII, and makes all of it two bytes a character. This way only what needs it does.
    pub columns: Vec<u32>,
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
    if body.len() > MAX_LEN {
        return Err(Problem::syntax(Kind::TooLong, 0));
    }
    let mut reader = Reader::new(body, options);
    if !reader.document(wanted) {
        return Err(reader.failure());
    }
    let first = reader.problems.first().copied();
    match first
        .filter(|_| !options.collect_invalid)
        .or(reader.problem)
    {
        Some(problem) => Err(problem),
        None => Ok(reader.finish()),
    }
}

impl Reader<'_> {
    fn finish(mut self) -> Page {
        let words = self.columns.len() as u32;
        self.columns.extend_from_slice(&self.words.spans);
        let texts = self.columns.len() as u32;
        let [ascii, wide] = self.add_texts();
        self.columns[..HEADER].copy_from_slice(&[self.rows, words, texts, ascii, wide]);
        Page {
            columns: self.columns,
            rows: self.rows,
            total: self.total,
            keys: self.keys,
            invalid: self.problems,
            invalid_count: self.problem_count,
        }
    }
}
