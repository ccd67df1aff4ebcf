//! The rows of a page as Rust values. JavaScript objects are built by `js/build-page.js` instead.

use std::borrow::Cow;

use crate::message::text;
use crate::object::{COLUMNS, column};
use crate::page::{HEADER, Page};

/// A managed runner, as `api/contract.md` describes it. It borrows from its [`Page`].
///
/// JSON can write a surrogate without its other half (`"\ud800"`), which a Rust string cannot hold. Here, and
/// only here, it becomes U+FFFD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// A UUID, in the server's spelling.
    pub id: &'a str,
    /// Any text.
    pub name: Cow<'a, str>,
    /// `plus` or `pro`; other values may come.
    pub runner_type: Cow<'a, str>,
    /// `active` or `disabled`; other values may come.
    pub status: Cow<'a, str>,
    /// May be empty.
    pub tags: Vec<Cow<'a, str>>,
    /// A date-time of RFC 3339, in the server's spelling.
    pub created_at: &'a str,
    /// A date-time of RFC 3339, in the server's spelling.
    pub updated_at: &'a str,
}

/// The rows of a page, in order. See [`Page::runners`].
#[derive(Debug, Clone)]
pub struct Runners<'a> {
    columns: &'a [i32],
    texts: Texts<'a>,
    table: Vec<Cow<'a, str>>,
    /// The index in `columns` at which the next row begins.
    row: usize,
    rows_left: usize,
}

impl Page {
    /// The rows, in order.
    pub fn runners(&self) -> Runners<'_> {
        let columns = self.columns.as_slice();
        let mut texts = Texts {
            ascii: &self.ascii,
            wide: &self.wide,
            units: 0,
            bytes: 0,
        };
        let table = columns.get(1).copied().unwrap_or_default();
        let table = columns.get(table as usize..).unwrap_or_default();
        let table = table.as_chunks().0.iter();
        let table = table
            .map(|&[start, end]| texts.string(start, end))
            .collect();
        Runners {
            columns,
            texts,
            table,
            row: HEADER,
            rows_left: self.rows as usize,
        }
    }
}

impl<'a> Runners<'a> {
    fn column(&self, column: usize) -> i32 {
        let column = self.columns.get(self.row + column);
        column.copied().unwrap_or_default()
    }

    fn string(&mut self, column: usize) -> Cow<'a, str> {
        let (start, end) = (self.column(column), self.column(column + 1));
        self.texts.string(start, end)
    }

    fn plain(&self, column: usize) -> &'a str {
        let (start, end) = (self.column(column), self.column(column + 1));
        let text = self.texts.ascii.get(start as usize..end as usize);
        text.unwrap_or_default()
    }

    fn word(&self, column: usize) -> Cow<'a, str> {
        let word = self.table.get(self.column(column) as usize);
        word.cloned().unwrap_or_default()
    }
}

impl<'a> Iterator for Runners<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        self.rows_left = self.rows_left.checked_sub(1)?;
        let tags = self.column(column::TAG_COUNT) as usize;
        let row = Row {
            id: self.plain(column::ID),
            name: self.string(column::NAME),
            runner_type: self.word(column::RUNNER_TYPE),
            status: self.word(column::STATUS),
            tags: (0..tags).map(|tag| self.word(COLUMNS + tag)).collect(),
            created_at: self.plain(column::CREATED_AT),
            updated_at: self.plain(column::UPDATED_AT),
        };
        self.row += COLUMNS + tags;
        Some(row)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rows_left, Some(self.rows_left))
    }
}

impl ExactSizeIterator for Runners<'_> {}

/// The two texts of a page, and how far the wide one was read.
///
/// Columns count UTF-16 units, Rust strings count bytes. Strings are asked for in the order in which they
/// stand in the text, so the way from one to the next is counted only once.
#[derive(Debug, Clone)]
struct Texts<'a> {
    ascii: &'a str,
    wide: &'a str,
    units: usize,
    bytes: usize,
}

impl<'a> Texts<'a> {
    /// The string from `start` to `end`, as [`Page::columns`] describes them.
    fn string(&mut self, start: i32, end: i32) -> Cow<'a, str> {
        let last = if end < 0 { !end } else { end } as usize;
        let string = if start < 0 {
            let (start, end) = (self.byte(!start as usize), self.byte(last));
            self.wide.get(start..end)
        } else {
            self.ascii.get(start as usize..last)
        };
        let string = string.unwrap_or_default();
        if end < 0 {
            Cow::Owned(text(string.as_bytes()))
        } else {
            Cow::Borrowed(string)
        }
    }

    /// The index of the byte of the wide text at which that many UTF-16 units end.
    fn byte(&mut self, units: usize) -> usize {
        if units < self.units {
            (self.units, self.bytes) = (0, 0);
        }
        let rest = self.wide.get(self.bytes..).unwrap_or_default();
        for char in rest.chars() {
            if self.units >= units {
                break;
            }
            self.units += char.len_utf16();
            self.bytes += char.len_utf8();
        }
        self.bytes
    }
}
