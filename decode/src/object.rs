//! Objects in whatever way JSON lets them be written: a runner, a page, an API error.

use crate::at::At;
use crate::body::PAD;
use crate::compact::ROOM;
use crate::problem::{Expected, Field, Kind, Problem};
use crate::reader::{NO_TAG, Read, Reader};
use crate::total::safe_integer;
use crate::words::LONGEST;
use crate::{HEADER, Key, MAX_PROBLEMS, datetime, names, uuid};

/// Columns of a row before its tags.
pub(crate) const COLUMNS: usize = 11;

/// Where a row has what.
pub(crate) mod column {
    pub(crate) const ID: usize = 0;
    pub(crate) const NAME: usize = 2;
    pub(crate) const RUNNER_TYPE: usize = 4;
    pub(crate) const STATUS: usize = 5;
    pub(crate) const CREATED_AT: usize = 6;
    pub(crate) const UPDATED_AT: usize = 8;
    pub(crate) const TAG_COUNT: usize = 10;
}

/// The fields of each object, as bits.
pub(crate) const RUNNER: u32 = 0x7f;
pub(crate) const PAGE: u32 = bit(Field::Runners) | bit(Field::Total);
pub(crate) const API_ERROR: u32 = bit(Field::Message);

pub(crate) const fn bit(field: Field) -> u32 {
    1 << field as u32
}

/// A row that is being read.
#[derive(Clone, Copy)]
pub(crate) struct Row(*mut i32);

impl Row {
    /// Where a column is, or a tag behind them.
    #[inline(always)]
    pub(crate) fn at(self, column: usize) -> *mut i32 {
        self.0.wrapping_add(column)
    }
    #[inline(always)]
    pub(crate) fn set(self, column: usize, value: i32) {
        // SAFETY: the columns of a row that was begun and of its tags fit, see `Reader::new`.
        unsafe { self.at(column).write(value) }
    }
    #[inline(always)]
    fn get(self, column: usize) -> i32 {
        // SAFETY: likewise; only columns that were set are asked for.
        unsafe { self.at(column).read() }
    }
}

impl Reader<'_> {
    /// Reads an object with the `wanted` fields: the `runner`th of a list, or the body itself. Notes what is
    /// wrong; adds a row if it is a runner and right.
    #[inline(never)]
    pub(crate) fn object(&mut self, object: At, wanted: u32, runner: Option<u32>) -> Read {
        let mut problem = Problem {
            runner,
            expected: Expected::Object,
            ..Problem::syntax(Kind::Schema, self.offset(object))
        };
        if object.byte() != b'{' {
            self.note(problem);
            return self.skip_value(object);
        }
        let row = self.row();
        let mut seen = 0;
        self.bad &= !wanted;
        let mut at = self.first_item(object, b'}');
        while self.has_item {
            at = self.member(at)?;
            at = match self.field.filter(|&field| wanted & bit(field) != 0) {
                None => self.skip_value(at)?,
                Some(field) => {
                    seen |= bit(field);
                    // The last of several counts.
                    self.bad &= !bit(field);
                    if field == Field::Runners {
                        self.page.columns.truncate(HEADER);
                        self.page.rows = 0;
                        self.page.keys.clear();
                        self.page.invalid.clear();
                        self.page.invalid_count = 0;
                        self.problem = None;
                    }
                    self.value(at, field, row)?
                }
            };
            at = self.next_item(at, b'}')?;
        }
        // Without a `total` it looks at the body's first byte, which is not of a number.
        if wanted == PAGE
            && let Some(total) = self.integer(Field::Total)
        {
            self.page.total = total;
            self.bad &= !bit(Field::Total);
        }
        if wanted == RUNNER && seen == RUNNER && self.bad & RUNNER == 0 {
            self.add_row(row);
            return Some(at);
        }
        for field in Field::ALL {
            problem.missing = seen & bit(field) == 0;
            if wanted & bit(field) == 0 || !problem.missing && self.bad & bit(field) == 0 {
                continue;
            }
            problem.field = Some(field);
            problem.expected = expected_of(field);
            problem.offset = self.offset(object);
            problem.tag = None;
            if !problem.missing {
                let wrong = self.wrong[field as usize];
                let (offset, tag) = (wrong as u32, (wrong >> 32) as u32);
                problem.offset = offset;
                if tag != NO_TAG {
                    problem.expected = Expected::String;
                    problem.tag = Some(tag);
                }
            }
            self.note(problem);
        }
        Some(at)
    }

    /// Reads the value of a field, and sets its columns. A number is always called wrong, and judged when
    /// all of the object was read.
    fn value(&mut self, at: At, field: Field, row: Row) -> Read {
        let column = match (field, at.byte()) {
            (Field::Runners, b'[') => return self.runners(at),
            (Field::Tags, b'[') => return self.tags(at, row),
            (Field::RunnerType, b'"') => return self.new_word(at, row.at(column::RUNNER_TYPE)),
            (Field::Status, b'"') => return self.new_word(at, row.at(column::STATUS)),
            (Field::Id, b'"') => column::ID,
            (Field::Name | Field::Message, b'"') => column::NAME,
            (Field::CreatedAt, b'"') => column::CREATED_AT,
            (Field::UpdatedAt, b'"') => column::UPDATED_AT,
            _ => {
                self.blame(at, field, NO_TAG);
                return self.skip_value(at);
            }
        };
        if column == column::NAME {
            let end = self.text(at, row, column)?;
            // Only an API error's is ever asked for.
            self.message = Some(self.span);
            return Some(end);
        }
        let end = self.string(at)?;
        let span = self.span;
        let (text, len) = self.unescaped(span.start, span.len(), span.has_escapes);
        let is_right = if column == column::ID {
            len == uuid::LEN && uuid::is_uuid(text, 0)
        } else {
            datetime::read(text, len).is_some()
        };
        if is_right {
            // SAFETY: what `unescaped` gave.
            self.text
                .extend_from_slice(unsafe { text.up_to(text.add(len)) });
            let to = self.text.len();
            row.set(column, (to - len) as i32);
            row.set(column + 1, to as i32);
            self.text.reserve(ROOM);
        } else {
            self.blame(at, field, NO_TAG);
        }
        Some(end)
    }

    /// Reads a string, and sets the columns that say where it is.
    #[inline(never)]
    pub(crate) fn text(&mut self, at: At, row: Row, column: usize) -> Read {
        let end = self.string(at)?;
        let (from, to) = self.place();
        row.set(column, from as i32);
        row.set(column + 1, to as i32);
        Some(end)
    }

    fn tags(&mut self, at: At, row: Row) -> Read {
        let mut count = 0;
        let mut at = self.first_item(at, b']');
        while self.has_item {
            at = if at.byte() == b'"' {
                self.new_word(at, row.at(COLUMNS + count))?
            } else {
                if self.bad & bit(Field::Tags) == 0 {
                    self.blame(at, Field::Tags, count as u32);
                }
                self.skip_value(at)?
            };
            count += 1;
            at = self.next_item(at, b']')?;
        }
        row.set(column::TAG_COUNT, count as i32);
        Some(at)
    }

    /// Reads a string that is likely to repeat, and writes its number.
    #[cold]
    #[inline(never)]
    pub(crate) fn new_word(&mut self, at: At, to: *mut i32) -> Read {
        let end = self.string(at)?;
        let span = self.span;
        let len = if span.has_escapes {
            usize::MAX
        } else {
            span.len()
        };
        let known = if len <= LONGEST {
            self.words.find(span.start, len)
        } else {
            None
        };
        let number = known.unwrap_or_else(|| {
            let place = self.place();
            self.words.add(span.start, len, place)
        });
        // SAFETY: the caller has room for it.
        unsafe { to.write(number as i32) };
        Some(end)
    }

    /// The row that is next.
    #[inline(always)]
    pub(crate) fn row(&mut self) -> Row {
        Row(self.page.columns.spare_capacity_mut().as_mut_ptr().cast())
    }

    /// Keeps a row whose columns are all set.
    #[inline(always)]
    pub(crate) fn add_row(&mut self, row: Row) {
        self.page.rows += 1;
        let len = self.page.columns.len() + COLUMNS + row.get(column::TAG_COUNT) as usize;
        debug_assert!(len <= self.page.columns.capacity());
        // SAFETY: see `Row`.
        unsafe { self.page.columns.set_len(len) };
        if self.options.keys {
            self.add_key(row);
        }
    }

    #[cold]
    #[inline(never)]
    fn add_key(&mut self, row: Row) {
        let (id, _) = self.checked(row, column::ID);
        let (created, len) = self.checked(row, column::CREATED_AT);
        let id = uuid::number(id);
        let created_at = datetime::read(created, len).unwrap_or_default();
        self.page.keys.push(Key { id, created_at });
    }

    /// The text of `id` or a date-time.
    fn checked(&mut self, row: Row, column: usize) -> (At, usize) {
        let from = row.get(column);
        let to = row.get(column + 1);
        self.text.reserve(PAD);
        // SAFETY: the text goes on for PAD bytes, and is not changed while this is used.
        let start = unsafe { At::new(self.text.as_ptr().add(from as usize)) };
        (start, (to - from) as usize)
    }

    /// Notes that the value at `at` is wrong.
    fn blame(&mut self, at: At, field: Field, tag: u32) {
        self.bad |= bit(field);
        self.wrong[field as usize] = u64::from(tag) << 32 | u64::from(self.offset(at));
    }

    /// The integer that stands where the value of a field is wrong.
    pub(crate) fn integer(&self, field: Field) -> Option<u64> {
        let offset = self.wrong[field as usize] as u32;
        // SAFETY (all of this function): within the body, past bytes that are not zero, and all ASCII.
        let number = unsafe { self.start.add(offset as usize) };
        let mut end = number;
        while matches!(end.byte(), b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E') {
            end = unsafe { end.add(1) };
        }
        if end == number {
            None
        } else {
            let text = unsafe { str::from_utf8_unchecked(number.up_to(end)) };
            safe_integer(text, self.options.number)
        }
    }

    /// Notes a problem: the first, if it makes the reading fail; else it is only counted if there are enough.
    #[inline(never)]
    fn note(&mut self, problem: Problem) {
        if !self.options.collect_invalid || problem.runner.is_none() {
            self.problem.get_or_insert(problem);
            return;
        }
        self.page.invalid_count += 1;
        if self.page.invalid.len() < MAX_PROBLEMS {
            self.page.invalid.push(problem);
        }
    }

    /// Reads the name of a member, which may hold escapes, into `field`, and steps over the colon.
    #[inline(never)]
    pub(crate) fn member(&mut self, at: At) -> Read {
        let at = self.string(at)?.after_space();
        if at.byte() != b':' {
            return self.fail(at);
        }
        let span = self.span;
        let (name, len) = self.unescaped(span.start, span.len(), span.has_escapes);
        // SAFETY: what `unescaped` gave, and past the colon.
        self.field = names::find(unsafe { name.up_to(name.add(len)) });
        Some(unsafe { at.add(1) }.after_space())
    }

    /// Steps into an array or object: to its first item if `has_item`, else past `close`.
    #[inline(never)]
    pub(crate) fn first_item(&mut self, open: At, close: u8) -> At {
        // SAFETY (both): past a bracket.
        let at = unsafe { open.add(1) }.after_space();
        self.has_item = at.byte() != close;
        if self.has_item {
            at
        } else {
            unsafe { at.add(1) }
        }
    }

    /// Steps behind an item: past the comma if `has_item`, else past `close`.
    #[inline(never)]
    pub(crate) fn next_item(&mut self, at: At, close: u8) -> Read {
        let at = at.after_space();
        self.has_item = at.byte() == b',';
        if !self.has_item && at.byte() != close {
            return self.fail(at);
        }
        // SAFETY: past the comma or bracket.
        let at = unsafe { at.add(1) };
        Some(if self.has_item { at.after_space() } else { at })
    }
}

fn expected_of(field: Field) -> Expected {
    match field {
        Field::Id => Expected::Uuid,
        Field::CreatedAt | Field::UpdatedAt => Expected::DateTime,
        Field::Tags | Field::Runners => Expected::Array,
        Field::Total => Expected::Integer,
        _ => Expected::String,
    }
}
