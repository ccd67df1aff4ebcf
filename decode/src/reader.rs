//! What a reader holds, and how it fails. Objects are in [`crate::object`], strings in [`crate::strings`],
//! values that nobody asked for in [`crate::skip`].
//!
//! Accepts what `TextDecoder` (fatal) followed by `JSON.parse` accepts. Nothing is bounds-checked: the
//! zeros behind the body (see [`crate::body`]) belong to no token, so every scan stops there at the
//! latest. Nothing nests deeper than the contract does, and nothing allocates for each value except where
//! a string that is checked has escapes.

use core::marker::PhantomData;

use crate::at::At;
use crate::body::Body;
use crate::problem::{Field, Kind, Problem};
use crate::strings::{Span, character};
use crate::words::Words;
use crate::{HEADER, Options, Page};

/// What follows the thing that was read, or `None` after [`Reader::fail`].
pub(crate) type Read = Option<At>;

/// The tag of what is wrong with something else.
pub(crate) const NO_TAG: u32 = u32::MAX;

pub(crate) struct Reader<'a> {
    pub(crate) start: At,
    pub(crate) end: At,
    failed_at: At,
    pub(crate) options: Options,
    /// What was read. Its columns have room for all that can follow, see [`new`](Self::new).
    pub(crate) page: Page,
    pub(crate) words: Words,
    /// The string that was read last.
    pub(crate) span: Span,
    /// The member whose name was read last, if it is known.
    pub(crate) field: Option<Field>,
    /// Whether an array or object has another item, see [`crate::object`].
    pub(crate) has_item: bool,
    /// The levels of what is skipped, see [`crate::skip`].
    pub(crate) levels: Vec<u32>,
    /// An API error's message.
    pub(crate) message: Option<Span>,
    /// One bit for each field whose value is wrong, then at which offset, and which tag of it, in the
    /// upper half.
    pub(crate) bad: u32,
    pub(crate) wrong: [u64; 10],
    /// What makes the reading fail.
    pub(crate) problem: Option<Problem>,
    /// A string without its escapes, followed by zeros.
    pub(crate) plain: Vec<u8>,
    /// The strings that are kept: those that are all ASCII, and the others, each in its quotes, with their
    /// length in UTF-16 units.
    pub(crate) text: Vec<u8>,
    pub(crate) wide: Vec<u8>,
    pub(crate) wide_units: u32,
    body: PhantomData<&'a Body>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(body: &'a Body, options: Options) -> Self {
        let start = body.start();
        // A row has 11 columns and takes more bytes than that; a tag is one column for at least three
        // bytes. The rest is for a row that was only begun.
        let mut columns = Vec::with_capacity(body.len() / 3 + 32);
        columns.extend_from_slice(&[0; HEADER]);
        Self {
            start,
            end: body.end(),
            failed_at: start,
            options,
            page: Page {
                columns,
                total: 1,
                ..Page::default()
            },
            words: Words::new(),
            span: Span {
                start,
                end: start,
                has_escapes: false,
                surplus: 0,
            },
            field: None,
            has_item: false,
            levels: Vec::new(),
            message: None,
            bad: 0,
            wrong: [0; 10],
            problem: None,
            plain: Vec::new(),
            // More than the usual share.
            text: Vec::with_capacity(body.len() / 2),
            wide: Vec::new(),
            wide_units: 0,
            body: PhantomData,
        }
    }

    /// Reads a body that is one object with the `wanted` fields, and says whether it is JSON.
    pub(crate) fn document(&mut self, wanted: u32) -> bool {
        // The start of a byte-order mark is one that was cut off.
        let mark = [0xef, 0xbb, 0xbf];
        let len = (0..3)
            .take_while(|&i| self.start.ahead(i) == mark[i])
            .count();
        let mut at = self.start;
        // SAFETY: these bytes are not zero.
        let marked = unsafe { at.add(len) };
        if len == 3 || marked == self.end {
            at = marked;
        }
        let Some(at) = self.object(at.after_space(), wanted, None) else {
            return false;
        };
        let at = at.after_space();
        self.failed_at = at;
        at == self.end
    }

    pub(crate) fn offset(&self, at: At) -> u32 {
        at.since(self.start) as u32
    }

    /// Notes that `at` is where the body stops being JSON.
    #[cold]
    #[inline(never)]
    pub(crate) fn fail(&mut self, at: At) -> Read {
        self.failed_at = at;
        None
    }

    /// Why [`document`](Self::document) said no.
    #[cold]
    pub(crate) fn failure(&self) -> Problem {
        let mut at = self.failed_at;
        let mut kind = Kind::Malformed;
        if at == self.end {
            kind = Kind::Truncated;
        }
        // Like `TextDecoder`, which runs first, complain about bytes that are no text anywhere.
        let mut here = at;
        while here != self.end {
            // SAFETY (both): the bytes of the character that are right are not zero.
            match character(here) {
                Ok(len) => here = unsafe { here.add(len) },
                Err(right) => {
                    if unsafe { here.add(right) } != self.end {
                        kind = Kind::InvalidUtf8;
                        at = here;
                    }
                    break;
                }
            }
        }
        Problem::syntax(kind, self.offset(at))
    }
}
