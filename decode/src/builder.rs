//! Writes rows as the columns and the texts of a [`Page`].

use crate::buffer::Buffer;
use crate::escapes::unescape;
use crate::lanes::Lanes;
use crate::page::{HEADER, Key, MAX_PROBLEMS, Page, column, header};
use crate::problem::Problem;
use crate::scanner::JsonString;
use crate::string_table::{Span, StringTable};
use crate::{date_time, uuid};

/// The longest string for [`PageBuilder::keep_short`], in bytes.
pub(crate) const SHORT: usize = 48;

/// A row without its tags. `runner_type` and `status` are indexes into the string table.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) id: Span,
    pub(crate) name: Span,
    pub(crate) runner_type: i32,
    pub(crate) status: i32,
    pub(crate) created_at: Span,
    pub(crate) updated_at: Span,
}

pub(crate) struct PageBuilder {
    /// The page, whose columns and ASCII text are still in the fields below.
    pub(crate) page: Page,
    columns: Buffer<i32, { column::TAGS }>,
    ascii: Buffer<u8, SHORT>,
    /// The length of the wide text in UTF-16 units.
    wide_units: usize,
    table: StringTable,
    with_keys: bool,
    /// Where the row that is being read begins: its first column, and how much there was of the ASCII text
    /// and of the string table.
    row: usize,
    row_ascii: usize,
    row_strings: usize,
}

impl PageBuilder {
    /// A page without rows, which has room for the rows of a body of `body_len` bytes.
    pub(crate) fn new(body_len: usize, with_keys: bool) -> Self {
        // A usual row is 250 bytes of JSON. It becomes 16 columns and 100 bytes of text.
        let mut columns = Buffer::with_capacity(body_len / 12 + 32);
        columns.extend(&[0; HEADER]);
        Self {
            page: Page {
                total: 1,
                ..Page::default()
            },
            columns,
            ascii: Buffer::with_capacity(body_len / 2 + SHORT),
            wide_units: 0,
            table: StringTable::new(),
            with_keys,
            row: HEADER,
            row_ascii: 0,
            row_strings: 0,
        }
    }

    /// Drops all rows and all problems.
    pub(crate) fn clear(&mut self) {
        self.row = HEADER;
        self.page.rows = 0;
        self.page.keys.clear();
        self.page.invalid.clear();
        self.page.invalid_count = 0;
    }

    /// Records a problem. Those of the body itself, of which there are at most two, are always kept.
    pub(crate) fn push_invalid(&mut self, problem: Problem) {
        self.page.invalid_count += 1;
        if self.page.invalid.len() < MAX_PROBLEMS || problem.runner.is_none() {
            self.page.invalid.push(problem);
        }
    }

    /// Begins a row. It replaces the row before if that was not ended.
    #[inline(always)]
    pub(crate) fn begin_row(&mut self) {
        self.columns.truncate(self.row);
        self.columns.keep(column::TAGS);
        let strings = self.table.spans().len();
        if strings == self.row_strings {
            // Only the row that was not ended refers to this text.
            self.ascii.truncate(self.row_ascii);
        }
        self.row_strings = strings;
        self.row_ascii = self.ascii.len();
    }

    /// Begins the tags of the row. They replace those that it has.
    pub(crate) fn begin_tags(&mut self) {
        self.columns.truncate(self.row + column::TAGS);
    }

    /// Adds a tag to the row, as an index into the string table.
    #[inline(always)]
    pub(crate) fn push_tag(&mut self, index: i32) {
        self.columns.push(index);
    }

    /// Ends the row that was begun.
    #[inline(always)]
    pub(crate) fn end_row(&mut self, row: &Row) {
        let end = self.columns.len();
        let columns = self.columns.as_mut_slice().get_mut(self.row..);
        let Some((columns, tags)) = columns.and_then(<[i32]>::split_first_chunk_mut) else {
            return;
        };
        // In the order of `Page::columns`.
        *columns = [
            row.id.start,
            row.id.end,
            row.name.start,
            row.name.end,
            row.runner_type,
            row.status,
            row.created_at.start,
            row.created_at.end,
            row.updated_at.start,
            row.updated_at.end,
            tags.len() as i32,
        ];
        self.row = end;
        self.row_ascii = self.ascii.len();
        self.page.rows += 1;
        if self.with_keys {
            self.push_key(row);
        }
    }

    #[cold]
    #[inline(never)]
    fn push_key(&mut self, row: &Row) {
        let key = Key {
            id: uuid::bits(self.ascii_text(row.id)),
            created_at: date_time::read(self.ascii_text(row.created_at)).unwrap_or_default(),
        };
        self.page.keys.push(key);
    }

    /// Keeps the first `len` of these bytes, which must be ASCII.
    ///
    /// It always copies all of them, which takes three instructions, and then lets `len` of them count. Copying
    /// `len` bytes would take a call.
    #[inline(always)]
    pub(crate) fn keep_short(&mut self, bytes: &[u8; SHORT], len: usize) -> Span {
        let start = self.ascii.len();
        let (from, _) = bytes.as_chunks();
        let (to, _) = self.ascii.room().as_chunks_mut();
        // No loop: where the compiler optimizes for size, it would stay one.
        if let ([from_1, from_2, from_3], [to_1, to_2, to_3]) = (from, to) {
            *to_1 = Lanes::load(from_1).to_bytes();
            *to_2 = Lanes::load(from_2).to_bytes();
            *to_3 = Lanes::load(from_3).to_bytes();
        }
        self.ascii.keep(len);
        Span {
            start: start as i32,
            end: (start + len) as i32,
        }
    }

    /// Keeps the value of a string, without escapes, if it `is_valid`, which must refuse all but ASCII.
    pub(crate) fn keep_if(
        &mut self,
        string: &JsonString,
        is_valid: impl FnOnce(&[u8]) -> bool,
    ) -> Option<Span> {
        let span = if string.has_escapes {
            self.keep_ascii(&unescape(string.content))
        } else {
            self.keep_ascii(string.content)
        };
        if is_valid(self.ascii_text(span)) {
            Some(span)
        } else {
            self.ascii.truncate(span.start as usize);
            None
        }
    }

    /// Keeps a string.
    #[inline(never)]
    pub(crate) fn keep(&mut self, string: &JsonString) -> Span {
        if string.has_escapes {
            self.push_quote(string.is_ascii);
        }
        let mut span = if string.is_ascii {
            self.keep_ascii(string.content)
        } else {
            self.keep_wide(string.content)
        };
        if string.has_escapes {
            self.push_quote(string.is_ascii);
            span.end = !span.end;
        }
        span
    }

    fn push_quote(&mut self, is_ascii: bool) {
        if is_ascii {
            self.ascii.push(b'"');
        } else {
            self.page.wide.push('"');
            self.wide_units += 1;
        }
    }

    fn keep_ascii(&mut self, text: &str) -> Span {
        let start = self.ascii.len();
        self.ascii.extend(text.as_bytes());
        Span {
            start: start as i32,
            end: self.ascii.len() as i32,
        }
    }

    fn keep_wide(&mut self, text: &str) -> Span {
        let start = self.wide_units;
        for byte in text.bytes() {
            // Each character has one first byte, and is one UTF-16 unit, or two if it has four bytes.
            let is_first = byte & 0xc0 != 0x80;
            self.wide_units += usize::from(is_first) + usize::from(byte >= 0xf0);
        }
        self.page.wide.push_str(text);
        Span {
            start: !(start as i32),
            end: self.wide_units as i32,
        }
    }

    /// The bytes that [`keep_ascii`](Self::keep_ascii) kept.
    fn ascii_text(&self, span: Span) -> &[u8] {
        let range = span.start as usize..span.end as usize;
        self.ascii.as_slice().get(range).unwrap_or_default()
    }

    /// The index in the string table of the string at the start of `text`, if the table remembers it. See
    /// [`StringTable::find`].
    #[inline(always)]
    pub(crate) fn find_shared(&self, text: &[u8; 16], len: usize) -> Option<i32> {
        self.table.find(text, len)
    }

    /// Keeps a string that is likely to repeat, and returns its index in the string table.
    pub(crate) fn keep_shared(&mut self, string: &JsonString) -> i32 {
        if let Some(index) = self.table.find_string(string) {
            return index;
        }
        let span = self.keep(string);
        self.table.add(string, span)
    }

    /// The page.
    pub(crate) fn finish(mut self) -> Page {
        self.columns.truncate(self.row);
        let columns = self.columns.as_mut_slice();
        columns[header::ROWS] = self.page.rows as i32;
        columns[header::STRING_TABLE] = self.row as i32;
        for span in self.table.spans() {
            self.columns.extend(&[span.start, span.end]);
        }
        self.page.columns = self.columns.into_vec();
        self.page.ascii = ascii_string(self.ascii.into_vec());
        self.page
    }
}

/// These bytes as a string, if all of them are ASCII.
fn ascii_string(bytes: Vec<u8>) -> String {
    let (chunks, rest) = bytes.as_chunks();
    if chunks.iter().all(|chunk| Lanes::load(chunk).is_ascii()) && rest.is_ascii() {
        // SAFETY: ASCII is UTF-8.
        unsafe { String::from_utf8_unchecked(bytes) }
    } else {
        debug_assert!(false, "something else was kept as ASCII");
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Body;
    use crate::scanner::Scanner;

    /// A builder without rows, and what `run` returns for it and for the string at the start of a body.
    fn with_string<T>(json: &str, run: impl FnOnce(&mut PageBuilder, &JsonString) -> T) -> T {
        let body = Body::from(json.as_bytes());
        let string = Scanner::new(&body).string().expect("a string");
        run(&mut PageBuilder::new(body.len(), false), &string)
    }

    #[test]
    fn a_long_string_takes_little_more_room_than_it_is_long() {
        for char in ["x", "é"] {
            let json = format!("\"{}\"", char.repeat(10_000));
            with_string(&json, |builder, string| {
                builder.keep(string);
                let room = builder.ascii.as_slice().len() + builder.page.wide.capacity();
                assert!(room < 2 * json.len(), "{room}");
            });
        }
    }

    #[test]
    fn what_is_not_valid_is_not_kept() {
        with_string("\"a\\u00e9\"", |builder, string| {
            assert_eq!(builder.keep_if(string, |text| text.is_ascii()), None);
            assert_eq!(builder.ascii.len(), 0);
        });
    }

    #[test]
    fn a_row_that_was_not_ended_leaves_nothing() {
        with_string("\"gpu box\"", |builder, string| {
            builder.begin_row();
            builder.keep(string);
            builder.push_tag(7);
            builder.begin_row();
            let name = builder.keep(string);
            builder.end_row(&Row {
                name,
                ..Row::default()
            });
            builder.begin_row();
            builder.keep(string);
            builder.begin_row();
            assert_eq!(builder.ascii.as_slice(), b"gpu box");
            assert_eq!(builder.row, HEADER + column::TAGS);
        });
    }
}
