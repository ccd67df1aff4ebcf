//! Whole bodies: a page of runners, and a single one.

use core::mem::take;

use crate::body::Body;
use crate::datetime::Instant;
use crate::object::{PAGE, RUNNER};
use crate::problem::{Kind, Problem};
use crate::reader::Reader;

/// How many of [`Page::columns`] come before the rows.
pub const HEADER: usize = 5;

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
    /// For `pkg/js/rows.js`, in one array:
    ///
    /// 1. [`HEADER`] numbers: the rows; the index at which the words begin, and the one at which the texts
    ///    do; the number of bytes of the first text, and of the second;
    /// 2. each row: start and end of `id` and `name`; the words of `runner_type` and `status`; start and
    ///    end of `created_at` and `updated_at`; the number of tags, and each tag's word;
    /// 3. start and end of each word;
    /// 4. two texts, byte after byte: the strings that are all ASCII, and the others, in UTF-8.
    ///
    /// Starts and ends count UTF-16 units of the first text. A start is inverted (`!start`, so negative as
    /// `i32`) if the string is in the second one. An end is inverted if the string has escapes; then it
    /// stands there in its quotes, which are before the start and behind the end.
    ///
    /// Why two texts: decoding as UTF-8 what is mostly but not all ASCII costs JS engines up to ten times the
    /// time of ASCII, and makes all of it two bytes a character. Why not the body: what is cut out of a text
    /// keeps it alive, and most of a body is member names.
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
        let words = columns.len() as u32;
        columns.extend_from_slice(&self.words.spans);
        let texts = columns.len() as u32;
        let ascii = self.text.len() as u32;
        self.text.extend_from_slice(&self.wide);
        let len = self.text.len();
        // A column that is only begun, or one too many.
        let last = len / 4;
        columns.reserve(last + 1);
        debug_assert!(columns.capacity() - columns.len() > len / 4);
        let to = columns.spare_capacity_mut().as_mut_ptr();
        // SAFETY: there is room for all of the text, and the rest of its last column is set before.
        unsafe {
            to.add(last).cast::<u32>().write(0);
            let to = to.cast::<u8>();
            to.copy_from_nonoverlapping(self.text.as_ptr(), len);
            columns.set_len(columns.len() + len.div_ceil(4));
        }
        let wide = self.wide.len() as u32;
        columns[..HEADER].copy_from_slice(&[self.page.rows, words, texts, ascii, wide]);
        take(&mut self.page)
    }
}
