//! Reads a runner in whatever form JSON allows.

use crate::builder::Row;
use crate::problem::{Field, Problem};
use crate::reader::{MemberState, Reader};
use crate::scanner::JsonString;
use crate::{date_time, uuid};

impl Reader<'_> {
    /// Reads a runner: the one at `index` in `runners`, or the only one. Adds a row if the runner is valid,
    /// and otherwise records its problems.
    #[inline(never)]
    pub(crate) fn runner(&mut self, index: Option<u32>) -> Option<()> {
        let object = Problem::no_object(index, self.scanner.offset());
        if self.scanner.at.byte() != b'{' {
            self.note(object);
            return self.scanner.skip_value();
        }
        self.builder.begin_row();
        let mut row = Row::default();
        let mut states = [MemberState::Missing; Field::OF_RUNNER.len()];
        let mut has_item = self.scanner.first_item(b'}');
        while has_item {
            match self.scanner.member()? {
                // The last of several members with one name counts.
                Some(field) if Field::OF_RUNNER.contains(&field) => {
                    states[field as usize] = self.runner_member(field, &mut row)?;
                }
                _ => self.scanner.skip_value()?,
            }
            has_item = self.scanner.next_item(b'}')?;
        }
        if self.note_members(object, &Field::OF_RUNNER, &states) {
            self.builder.end_row(&row);
        }
        Some(())
    }

    /// Reads the value of a runner's member into `row`.
    fn runner_member(&mut self, field: Field, row: &mut Row) -> Option<MemberState> {
        let offset = self.scanner.offset();
        let first = self.scanner.at.byte();
        if field == Field::Tags && first == b'[' {
            return self.tags();
        }
        if field != Field::Tags && first == b'"' {
            let string = self.scanner.string()?;
            if self.keep_field(field, &string, row).is_some() {
                return Some(MemberState::Valid);
            }
        } else {
            self.scanner.skip_value()?;
        }
        Some(MemberState::Invalid { offset })
    }

    /// Keeps the string of a field, if it is valid.
    fn keep_field(&mut self, field: Field, string: &JsonString, row: &mut Row) -> Option<()> {
        let builder = &mut self.builder;
        match field {
            Field::Name => row.name = builder.keep(string),
            Field::RunnerType => row.runner_type = builder.keep_shared(string),
            Field::Status => row.status = builder.keep_shared(string),
            Field::Id => row.id = builder.keep_if(string, uuid::is_uuid_text)?,
            _ => {
                let span = builder.keep_if(string, date_time::is_date_time)?;
                if field == Field::CreatedAt {
                    row.created_at = span;
                } else {
                    row.updated_at = span;
                }
            }
        }
        Some(())
    }

    /// Reads the array `tags`.
    fn tags(&mut self) -> Option<MemberState> {
        self.builder.begin_tags();
        let mut state = MemberState::Valid;
        let mut tag = 0;
        let mut has_item = self.scanner.first_item(b']');
        while has_item {
            if self.scanner.at.byte() == b'"' {
                let string = self.scanner.string()?;
                let index = self.builder.keep_shared(&string);
                self.builder.push_tag(index);
            } else {
                if state == MemberState::Valid {
                    let offset = self.scanner.offset();
                    state = MemberState::InvalidTag { tag, offset };
                }
                self.scanner.skip_value()?;
            }
            tag += 1;
            has_item = self.scanner.next_item(b']')?;
        }
        Some(state)
    }
}
