//! One runner, in whatever way JSON lets it be written, and the list of them.

use crate::Key;
use crate::datetime;
use crate::lanes::Lanes;
use crate::problem::{Expected, Field, Kind, Problem};
use crate::reader::{NO_TAG, Read, Reader, Wrong};
use crate::strings::Span;
use crate::uuid;

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

impl<'a> Reader<'a> {
    /// Reads the value of `runners`; `false` if it is no array.
    pub(crate) fn rows(&mut self) -> Read<bool> {
        if self.byte() != b'[' {
            self.skip_value()?;
            return Some(false);
        }
        self.step();
        let mut index = 0;
        let mut first = true;
        while self.next(&mut first, b']')? {
            if !self.compact_row() {
                self.row(Some(index))?;
            }
            index += 1;
        }
        Some(true)
    }

    /// Reads one runner. If it is wrong, notes why and leaves no row.
    #[inline(never)]
    pub(crate) fn row(&mut self, index: Option<u32>) -> Read<()> {
        let row = self.columns.len();
        let start = self.at;
        let mut problem = Problem {
            runner: index,
            expected: Expected::Object,
            ..Problem::syntax(Kind::Schema, self.offset(start))
        };
        if self.byte() != b'{' {
            self.skip_value()?;
            self.note(problem);
            return Some(());
        }
        self.columns.extend([0; COLUMNS]);
        let [mut seen, mut bad] = [0u32; 2];
        let mut guess = Field::Id;
        let mut id = None;
        let mut created = None;
        self.step();
        let mut first = true;
        while self.next(&mut first, b'}')? {
            let field = self.member(Some(guess))?;
            let Some(field) = field.filter(|&field| (field as usize) < 7) else {
                self.skip_value()?;
                continue;
            };
            guess = Field::ALL[field as usize + 1];
            let bit = 1 << field as u32;
            seen |= bit;
            bad &= !bit;
            if let Some(wrong) = self.field(row, field, &mut id, &mut created)? {
                bad |= bit;
                self.wrong[field as usize] = wrong;
            }
        }
        if seen & !bad == 0x7f {
            if let (true, Some(id), Some(created)) = (self.options.keys, id, created) {
                self.keys.push(Key {
                    id,
                    created_at: created,
                });
            }
            self.rows += 1;
            return Some(());
        }
        self.columns.truncate(row);
        for field in Field::ALL.into_iter().take(7) {
            let bit = 1 << field as u32;
            problem.field = Some(field);
            problem.expected = expected_of(field);
            problem.missing = seen & bit == 0;
            problem.tag = None;
            problem.offset = self.offset(start);
            if bad & bit != 0 {
                let [offset, tag] = self.wrong[field as usize];
                problem.offset = offset;
                if tag != NO_TAG {
                    problem.expected = Expected::String;
                    problem.tag = Some(tag);
                }
            } else if !problem.missing {
                continue;
            }
            self.note(problem);
        }
        Some(())
    }

    /// Reads the value of a field of the row that begins at column `row`, and says what is wrong with it.
    #[inline(always)]
    fn field(
        &mut self,
        row: usize,
        field: Field,
        id: &mut Option<u128>,
        created: &mut Option<datetime::Instant>,
    ) -> Read<Option<Wrong>> {
        let wrong = Some([self.offset(self.at), NO_TAG]);
        if field == Field::Tags {
            // A repeated member replaces the earlier one.
            self.columns.truncate(row + COLUMNS);
            return self.tags(row, wrong);
        }
        if self.byte() != b'"' {
            self.skip_value()?;
            return Some(wrong);
        }
        let place = match field {
            Field::RunnerType | Field::Status => {
                let word = self.word()?;
                let place = if field == Field::Status {
                    column::STATUS
                } else {
                    column::RUNNER_TYPE
                };
                self.columns[row + place] = word;
                return Some(None);
            }
            Field::Id => column::ID,
            Field::Name => column::NAME,
            Field::CreatedAt => column::CREATED_AT,
            _ => column::UPDATED_AT,
        };
        let span = self.string()?;
        (self.columns[row + place], self.columns[row + place + 1]) = self.place(span);
        let right = match field {
            Field::Name => true,
            Field::Id => self.is_uuid(span, id),
            _ => self.is_datetime(
                span,
                if field == Field::CreatedAt {
                    Some(created)
                } else {
                    None
                },
            ),
        };
        Some(if right { None } else { wrong })
    }

    fn tags(&mut self, row: usize, wrong: Option<Wrong>) -> Read<Option<Wrong>> {
        if self.byte() != b'[' {
            self.skip_value()?;
            return Some(wrong);
        }
        let mut first_wrong = None;
        let mut count = 0;
        self.step();
        let mut first = true;
        while self.next(&mut first, b']')? {
            if self.byte() == b'"' {
                let word = self.word()?;
                self.columns.push(word);
            } else {
                first_wrong = first_wrong.or(Some([self.offset(self.at), count]));
                self.skip_value()?;
            }
            count += 1;
        }
        self.columns[row + column::TAG_COUNT] = count;
        Some(first_wrong)
    }

    /// Reads a string that is likely to repeat, and gives its number.
    #[inline(never)]
    pub(crate) fn word(&mut self) -> Read<u32> {
        let span = self.string()?;
        let mut word = None;
        if span.len() <= 16 && !span.has_escapes {
            // SAFETY: PAD bytes follow a string's start.
            let lanes = unsafe { Lanes::load(span.start) }.first(span.len());
            if let Some(number) = self.words.find(lanes) {
                return Some(number);
            }
            word = Some(lanes);
        }
        let (from, to) = self.place(span);
        Some(self.words.add(word, from, to))
    }

    fn is_uuid(&mut self, span: Span<'a>, id: &mut Option<u128>) -> bool {
        let (start, len) = self.unescaped(span);
        // SAFETY: PAD bytes follow the start, more than a UUID has.
        let right = len == uuid::LEN && unsafe { uuid::is_uuid(start) };
        if right && self.options.keys {
            // SAFETY: it is a UUID.
            *id = Some(unsafe { uuid::number(start) });
        }
        right
    }

    fn is_datetime(
        &mut self,
        span: Span<'a>,
        instant: Option<&mut Option<datetime::Instant>>,
    ) -> bool {
        let (start, len) = self.unescaped(span);
        let end = start.wrapping_add(len);
        match instant {
            Some(instant) if self.options.keys => {
                // SAFETY: zeros follow the body and what was unescaped.
                let read = unsafe { datetime::read(start) };
                *instant = read.map(|(_, instant)| instant);
                read.is_some_and(|(at, _)| at == end)
            }
            _ => {
                // SAFETY: likewise.
                let read = unsafe { datetime::end(start) };
                read == Some(end)
            }
        }
    }

    /// Adds the key of a runner whose `id` and `created_at` are known to be right.
    ///
    /// # Safety
    /// Both must point at them, without escapes.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn add_key(&mut self, id: *const u8, created: *const u8) {
        // SAFETY: passed on to the caller.
        let (id, read) = unsafe { (uuid::number(id), datetime::read(created)) };
        let created_at = read.map(|(_, instant)| instant).unwrap_or_default();
        self.keys.push(Key { id, created_at });
    }
}

pub(crate) fn expected_of(field: Field) -> Expected {
    match field {
        Field::Id => Expected::Uuid,
        Field::CreatedAt | Field::UpdatedAt => Expected::DateTime,
        Field::Tags | Field::Runners => Expected::Array,
        Field::Total => Expected::Integer,
        _ => Expected::String,
    }
}
