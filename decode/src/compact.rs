//! The fast road: runners as a server's serializer writes them.
//!
//! A page is a hundred times the same text with different values: members in the contract's order, no
//! escapes, mostly no white space. So instead of asking at each byte what it is, this compares whole
//! stretches of punctuation and member names with what they should be, and reads only the values. White
//! space between them costs a detour, [`between`]. At the first other surprise, be it a syntax error or
//! merely an unknown member, it gives up and leaves no trace, and [`Reader::object`], which knows all of
//! JSON, starts over at the same runner. So this file decides nothing: whatever it accepts, the other
//! accepts with the same columns.
//!
//! What counts here is the number of instructions, and engines need three for a constant vector.

use crate::at::At;
use crate::object::{COLUMNS, RUNNER, Row, column};
use crate::problem::Field;
use crate::reader::{Read, Reader};
use crate::{datetime, names, uuid};

/// From behind one value to the next, past white space: `lead`, the name of `field`, a colon and `open`.
#[inline(never)]
fn between(at: At, lead: u8, field: Field, open: u8) -> Read {
    // SAFETY (all of this file): past bytes that were looked at and are not zero.
    let at = at.after_space();
    if at.byte() != lead {
        return None;
    }
    let at = names::past_member(unsafe { at.add(1) }.after_space(), field)?.after_space();
    if at.byte() == open { Some(at) } else { None }
}

/// To the value behind `text`, whose last byte the value begins with; with white space in it, [`between`].
#[inline(always)]
fn to_value<const N: usize>(at: At, text: &[u8; N], field: Field) -> Read {
    if at.starts_with(text) {
        Some(unsafe { at.add(N - 1) })
    } else {
        between(at, text[0], field, text[N - 1])
    }
}

impl Reader<'_> {
    /// Reads a list of runners.
    #[inline(never)]
    pub(crate) fn runners(&mut self, at: At) -> Read {
        let mut index = 0;
        let mut at = self.first_item(at, b']');
        while self.has_item {
            let row = self.row();
            at = match self.compact_row(at, row) {
                Some(end) => {
                    self.add_row(row);
                    end
                }
                None => self.object(at, RUNNER, Some(index))?,
            };
            index += 1;
            at = self.next_item(at, b']')?;
        }
        Some(at)
    }

    /// Reads the runner at `at`, if it is written in the usual way.
    #[inline(always)]
    fn compact_row(&mut self, at: At, row: Row) -> Read {
        let at = to_value(at, b"{\"id\":\"", Field::Id)?;
        if !uuid::is_uuid(at, 1) {
            return None;
        }
        let at = self.plain(at, uuid::LEN, row, column::ID)?;

        let at = to_value(at, b",\"name\":\"", Field::Name)?;
        let at = match self.plain(at, at.lanes(1).plain(), row, column::NAME) {
            None => self.text(at, row, column::NAME)?,
            end => end?,
        };

        let at = to_value(at, b",\"runner_type\":\"", Field::RunnerType)?;
        let at = self.word(at, row.at(column::RUNNER_TYPE))?;

        let at = to_value(at, b",\"status\":\"", Field::Status)?;
        let at = self.word(at, row.at(column::STATUS))?;

        let at = to_value(at, b",\"tags\":[", Field::Tags)?;
        let mut at = unsafe { at.add(1) }.after_space();
        let mut count = 0;
        if at.byte() != b']' {
            loop {
                if at.byte() != b'"' {
                    return None;
                }
                at = self.word(at, row.at(COLUMNS + count))?.after_space();
                count += 1;
                if at.byte() != b',' {
                    break;
                }
                at = unsafe { at.add(1) }.after_space();
            }
            if at.byte() != b']' {
                return None;
            }
        }
        row.set(column::TAG_COUNT, count as u32);

        let at = to_value(
            unsafe { at.add(1) },
            b",\"created_at\":\"",
            Field::CreatedAt,
        )?;
        let at = self.plain(at, datetime::usual(at, 1)?, row, column::CREATED_AT)?;

        let at = to_value(at, b",\"updated_at\":\"", Field::UpdatedAt)?;
        let at = self.plain(at, datetime::usual(at, 1)?, row, column::UPDATED_AT)?;

        let at = at.after_space();
        if at.byte() == b'}' {
            Some(unsafe { at.add(1) })
        } else {
            None
        }
    }

    /// Writes the place of a string of `len` bytes that were looked at, if its closing quote follows.
    #[inline(always)]
    fn plain(&mut self, quote: At, len: usize, row: Row, column: usize) -> Read {
        if quote.ahead(len + 1) != b'"' {
            return None;
        }
        let from = self.offset(quote) + 1;
        row.set(column, from);
        row.set(column + 1, from + len as u32);
        Some(unsafe { quote.add(len + 2) })
    }

    /// Reads a string that is likely to repeat, and writes its number.
    #[inline(always)]
    fn word(&mut self, quote: At, to: *mut u32) -> Read {
        let start = unsafe { quote.add(1) };
        let len = start.lanes(0).before_quote();
        match self.words.find(start, len) {
            Some(number) => {
                // SAFETY: the caller has room for it.
                unsafe { to.write(number) };
                Some(unsafe { start.add(len + 1) })
            }
            None => self.new_word(quote, to),
        }
    }
}
