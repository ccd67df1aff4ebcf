//! The rows of a [`Page`] as Rust values. `js/build-page.js` does the same for JavaScript.

use std::borrow::Cow;

use crate::escapes::unescape;
use crate::page::{HEADER, Page, column, header};

/// A managed runner, which borrows from its [`Page`].
///
/// JSON can contain a lone surrogate (`"\ud800"`), which a Rust string cannot hold. Here it becomes U+FFFD;
/// JavaScript gets it unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// A UUID of any version, in the server's spelling.
    pub id: &'a str,
    /// Any text.
    pub name: Cow<'a, str>,
    /// `plus`, `pro`, or a value that the server adds later.
    pub runner_type: Cow<'a, str>,
    /// `active`, `disabled`, or a value that the server adds later.
    pub status: Cow<'a, str>,
    /// Any texts; may be empty.
    pub tags: Vec<Cow<'a, str>>,
    /// A date-time of RFC 3339, in the server's spelling.
    pub created_at: &'a str,
    /// A date-time of RFC 3339, in the server's spelling.
    pub updated_at: &'a str,
}

/// The rows of a page in their order; see [`Page::runners`].
#[derive(Debug, Clone)]
pub struct Runners<'a> {
    columns: &'a [i32],
    texts: Texts<'a>,
    string_table: Vec<Cow<'a, str>>,
    /// The index in `columns` at which the next row begins.
    row: usize,
    rows_left: usize,
}

impl Page {
    /// The rows in their order.
    ///
    /// ```
    /// # use comfycontrol_decode::{Body, Options, read_runner};
    /// let json = br#"{
    ///     "id": "0190a5b4-7c3e-7abc-8def-0123456789ab", "name": "gpu box",
    ///     "runner_type": "plus", "status": "active", "tags": ["gpu"],
    ///     "created_at": "2024-01-15T10:30:00Z", "updated_at": "2024-01-15T10:30:00Z"
    /// }"#;
    /// let page = read_runner(&Body::from(&json[..]), Options::default()).unwrap();
    /// let runner = page.runners().next().unwrap();
    /// assert_eq!((&*runner.name, &*runner.tags[0]), ("gpu box", "gpu"));
    /// ```
    #[must_use]
    pub fn runners(&self) -> Runners<'_> {
        let columns = self.columns.as_slice();
        let mut texts = Texts {
            ascii: &self.ascii,
            wide: &self.wide,
            wide_units: 0,
            wide_bytes: 0,
        };
        let start = columns.get(header::STRING_TABLE).copied();
        let spans = columns.get(start.unwrap_or_default() as usize..);
        let (spans, _) = spans.unwrap_or_default().as_chunks();
        let strings = spans.iter().map(|&[start, end]| texts.string(start, end));
        Runners {
            columns,
            string_table: strings.collect(),
            texts,
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

    /// The string whose start and end are in this column and the next.
    fn string(&mut self, column: usize) -> Cow<'a, str> {
        self.texts
            .string(self.column(column), self.column(column + 1))
    }

    /// The same for a string that is always ASCII and without escapes.
    fn ascii_string(&self, column: usize) -> &'a str {
        let range = self.column(column) as usize..self.column(column + 1) as usize;
        self.texts.ascii.get(range).unwrap_or_default()
    }

    /// A string of the string table.
    fn shared_string(&self, index: i32) -> Cow<'a, str> {
        let string = self.string_table.get(index as usize);
        string.cloned().unwrap_or_default()
    }
}

impl<'a> Iterator for Runners<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        self.rows_left = self.rows_left.checked_sub(1)?;
        let first_tag = self.row + column::TAGS;
        let tag_count = usize::try_from(self.column(column::TAG_COUNT));
        let end = first_tag + tag_count.unwrap_or_default();
        let tags = self.columns.get(first_tag..end).unwrap_or_default();
        let row = Row {
            id: self.ascii_string(column::ID),
            name: self.string(column::NAME),
            runner_type: self.shared_string(self.column(column::RUNNER_TYPE)),
            status: self.shared_string(self.column(column::STATUS)),
            tags: tags.iter().map(|&tag| self.shared_string(tag)).collect(),
            created_at: self.ascii_string(column::CREATED_AT),
            updated_at: self.ascii_string(column::UPDATED_AT),
        };
        self.row = end;
        Some(row)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rows_left, Some(self.rows_left))
    }
}

impl ExactSizeIterator for Runners<'_> {}

/// The two texts of a page, and a position in the wide one.
///
/// Columns count UTF-16 units, but Rust strings count bytes. Rows and strings are read in the order of the text,
/// so it is enough to count from each to the next.
#[derive(Debug, Clone)]
struct Texts<'a> {
    ascii: &'a str,
    wide: &'a str,
    /// The same position in UTF-16 units and in bytes.
    wide_units: usize,
    wide_bytes: usize,
}

impl<'a> Texts<'a> {
    /// The string from `start` to `end`, as [`Page::columns`] has them.
    fn string(&mut self, start: i32, end: i32) -> Cow<'a, str> {
        let has_escapes = end < 0;
        let end = if has_escapes { !end } else { end } as usize;
        let content = if start < 0 {
            let start = self.byte_index(!start as usize);
            self.wide.get(start..self.byte_index(end))
        } else {
            self.ascii.get(start as usize..end)
        };
        let content = content.unwrap_or_default();
        if has_escapes {
            unescape(content).into()
        } else {
            content.into()
        }
    }

    /// The byte index in the wide text that follows this many UTF-16 units.
    fn byte_index(&mut self, units: usize) -> usize {
        if units < self.wide_units {
            (self.wide_units, self.wide_bytes) = (0, 0);
        }
        let rest = self.wide.get(self.wide_bytes..).unwrap_or_default();
        for char in rest.chars() {
            if self.wide_units >= units {
                break;
            }
            self.wide_units += char.len_utf16();
            self.wide_bytes += char.len_utf8();
        }
        self.wide_bytes
    }
}
