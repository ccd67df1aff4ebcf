//! Reads whole bodies: a page of runners, a single runner, an API error.

use crate::body::{Body, MAX_LEN};
use crate::escapes::unescape;
use crate::integer::safe_integer;
use crate::page::{Options, Page};
use crate::problem::{Field, Kind, Problem};
use crate::reader::{MemberState, Reader};
use crate::scanner::Scanner;

/// Reads `{ "runners": ManagedRunner[], "total": integer }`.
///
/// # Errors
///
/// The first problem of the body that [`Options::on_invalid`] does not collect.
pub fn read_page(body: &Body, options: Options) -> Result<Page, Problem> {
    check_len(body)?;
    let mut reader = Reader::new(body, options);
    let read = reader.page();
    reader.finish(read)
}

/// Reads a single `ManagedRunner`, which becomes the only row of a page.
///
/// # Errors
///
/// The first problem of the body. With [`OnInvalid::CollectAll`](crate::OnInvalid), only that it is no JSON, or too
/// long.
pub fn read_runner(body: &Body, options: Options) -> Result<Page, Problem> {
    check_len(body)?;
    let mut reader = Reader::new(body, options);
    let read = reader.runner(None);
    reader.finish(read)
}

/// Reads the message of an API error, `{ "status": integer, "message": string }`. Returns `None` if the body is
/// not an object whose `message` is a string.
///
/// An error may come from anything in front of the API, so nothing else in the body is checked. A lone
/// surrogate, which a Rust string cannot hold, becomes U+FFFD.
#[must_use]
pub fn read_error(body: &Body) -> Option<String> {
    check_len(body).ok()?;
    let mut scanner = Scanner::new(body);
    if scanner.at.byte() != b'{' {
        return None;
    }
    let mut message = None;
    let mut has_item = scanner.first_item(b'}');
    while has_item {
        let is_message = scanner.member()? == Some(Field::Message);
        let is_string = scanner.at.byte() == b'"';
        if is_message && is_string {
            message = Some(scanner.string()?);
        } else {
            scanner.skip_value()?;
        }
        // The last of several members with one name counts.
        if is_message && !is_string {
            message = None;
        }
        has_item = scanner.next_item(b'}')?;
    }
    scanner.end()?;
    message.map(|message| unescape(message.content))
}

/// Refuses a body that is too long.
fn check_len(body: &Body) -> Result<(), Problem> {
    if body.len() > MAX_LEN {
        Err(Problem::syntax(Kind::TooLong, 0))
    } else {
        Ok(())
    }
}

impl Reader<'_> {
    /// Reads a page.
    fn page(&mut self) -> Option<()> {
        let object = Problem::no_object(None, self.scanner.offset());
        if self.scanner.at.byte() != b'{' {
            self.note(object);
            return self.scanner.skip_value();
        }
        // The last of several members with one name counts.
        let mut runners = MemberState::Missing;
        let mut total = MemberState::Missing;
        let mut has_item = self.scanner.first_item(b'}');
        while has_item {
            match self.scanner.member()? {
                Some(Field::Runners) => runners = self.runners()?,
                Some(Field::Total) => total = self.total()?,
                _ => self.scanner.skip_value()?,
            }
            has_item = self.scanner.next_item(b'}')?;
        }
        self.note_members(object, &[Field::Runners, Field::Total], &[runners, total]);
        Some(())
    }

    /// Reads the value of `total`.
    fn total(&mut self) -> Option<MemberState> {
        let offset = self.scanner.offset();
        let start = self.scanner.at;
        self.scanner.skip_value()?;
        let is_number = matches!(start.byte(), b'-' | b'0'..=b'9');
        if is_number
            && let Ok(text) = str::from_utf8(self.scanner.bytes_since(start))
            && let Some(total) = safe_integer(text, self.options.number)
        {
            self.builder.page.total = total;
            return Some(MemberState::Valid);
        }
        Some(MemberState::Invalid { offset })
    }

    /// Reads the value of `runners`. It replaces the runners that were read before.
    #[inline(never)]
    fn runners(&mut self) -> Option<MemberState> {
        self.clear();
        if self.scanner.at.byte() != b'[' {
            let offset = self.scanner.offset();
            self.scanner.skip_value()?;
            return Some(MemberState::Invalid { offset });
        }
        let mut index = 0;
        let mut has_item = self.scanner.first_item(b']');
        while has_item {
            let start = self.scanner.at;
            if self.compact_runner().is_none() {
                self.scanner.at = start;
                self.runner(Some(index))?;
            }
            index += 1;
            has_item = match self.scanner.at.after(b',') {
                // The usual form, without white space.
                Some(next) if next.byte() == b'{' => {
                    self.scanner.at = next;
                    true
                }
                _ => self.scanner.next_item(b']')?,
            };
        }
        Some(MemberState::Valid)
    }
}
