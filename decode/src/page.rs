//! Whole bodies: a page of runners, and a single one.

use core::mem::take;

use crate::body::{Body, MAX_LEN};
use crate::datetime::Instant;
use crate::problem::{Expected, Field, Kind, Problem};
use crate::reader::{Read, Reader};
use crate::row::expected_of;
use crate::total::safe_integer;

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
    /// 3. start and end of each word after [`KNOWN_WORDS`](crate::KNOWN_WORDS), which have the first numbers;
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
    read(body, options, Reader::page)
}

/// Reads a single `ManagedRunner`, the page's only row. With `collect_invalid` too, a wrong one fails.
pub fn read_runner(body: &Body, options: Options) -> Result<Page, Problem> {
    read(
        body,
        Options {
            collect_invalid: false,
            ..options
        },
        Reader::single,
    )
}

fn read<'a>(
    body: &'a Body,
    options: Options,
    root: fn(&mut Reader<'a>) -> Read<Result<u64, Problem>>,
) -> Result<Page, Problem> {
    if body.len() > MAX_LEN {
        return Err(Problem::syntax(Kind::TooLong, 0));
    }
    let mut reader = Reader::new(body, options);
    let total = match reader.document(root) {
        Some(total) => total?,
        None => return Err(reader.failure()),
    };
    Ok(reader.finish(total))
}

impl<'a> Reader<'a> {
    /// Reads the one value of a body.
    pub(crate) fn document<T>(&mut self, root: fn(&mut Self) -> Read<T>) -> Read<T> {
        // Before the rows, so that the column array begins with them.
        self.columns.extend([0; HEADER]);
        self.skip_space();
        let value = root(self)?;
        self.skip_space();
        if self.is_at_end() {
            Some(value)
        } else {
            self.fail(self.at)
        }
    }

    fn single(&mut self) -> Read<Result<u64, Problem>> {
        self.row(None)?;
        Some(self.problems.first().copied().map_or(Ok(1), Err))
    }

    fn page(&mut self) -> Read<Result<u64, Problem>> {
        let start = self.offset(self.at);
        let problem = Problem {
            expected: Expected::Object,
            ..Problem::syntax(Kind::Schema, start)
        };
        if self.byte() != b'{' {
            self.skip_value()?;
            return Some(Err(problem));
        }
        let of = |field, offset, missing| Problem {
            field: Some(field),
            expected: expected_of(field),
            offset,
            missing,
            ..problem
        };
        let mut bad_runners = Some(of(Field::Runners, start, true));
        let mut bad_total = of(Field::Total, start, true);
        let mut total = None;
        let mut guess = Field::Runners;
        self.step();
        let mut first = true;
        while self.next(&mut first, b'}')? {
            let field = self.member(Some(guess))?;
            let from = self.at;
            match field {
                Some(Field::Runners) => {
                    // A repeated member replaces the earlier one.
                    self.columns.truncate(HEADER);
                    self.rows = 0;
                    self.keys.clear();
                    self.problems.clear();
                    self.problem_count = 0;
                    let bad = of(Field::Runners, self.offset(from), false);
                    bad_runners = if self.rows()? { None } else { Some(bad) };
                    guess = Field::Total;
                }
                Some(Field::Total) => {
                    // Judged at the end, once, since an unusual spelling takes a while.
                    total = self.number_text()?;
                    bad_total = of(Field::Total, self.offset(from), false);
                    guess = Field::Runners;
                }
                _ => self.skip_value()?,
            }
        }
        if !self.options.collect_invalid {
            bad_runners = bad_runners.or(self.problems.first().copied());
        }
        Some(match bad_runners {
            Some(problem) => Err(problem),
            None => total.and_then(safe_integer).ok_or(bad_total),
        })
    }

    /// Steps over the value that is next, and gives its bytes if it is a number.
    pub(crate) fn number_text(&mut self) -> Read<Option<&'a [u8]>> {
        let from = self.at;
        let number = matches!(self.byte(), b'-' | b'0'..=b'9');
        self.skip_value()?;
        Some(if number {
            Some(self.bytes_from(from))
        } else {
            None
        })
    }

    fn finish(&mut self, total: u64) -> Page {
        let words = self.columns.len() as u32;
        self.columns.extend_from_slice(&self.words.spans);
        let texts = self.columns.len() as u32;
        let [ascii, wide] = self.add_texts();
        self.columns[..HEADER].copy_from_slice(&[self.rows, words, texts, ascii, wide]);
        Page {
            columns: take(&mut self.columns),
            rows: self.rows,
            total,
            keys: take(&mut self.keys),
            invalid: take(&mut self.problems),
            invalid_count: self.problem_count,
        }
    }
}
