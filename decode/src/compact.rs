//! The fast road: runners as a server's serializer writes them.
//!
//! A page is a hundred times the same text with different values: members in the contract's order, no
//! escapes, mostly no white space. So instead of asking at each byte what it is, this compares whole
//! stretches of punctuation and member names with what they should be, and reads only the values. White
//! space between them costs a detour, [`between`]. At the first other surprise, be it a syntax error or
//! merely an unknown member, it gives up and leaves nothing but text that no column means, and
//! [`Reader::object`], which knows all of JSON, starts over at the same runner. So this file decides nothing: whatever it accepts, the other
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

/// What stands between two values: a comma or brace, the member's name, and the byte the value begins with.
struct Lead {
    /// Its first and its last eight bytes; if it is shorter, seven with a zero in front.
    eights: [u64; 2],
    len: usize,
    field: Field,
    open: u8,
}

impl Lead {
    const fn new(text: &[u8], field: Field) -> Self {
        let mut eights = [0u64; 2];
        let mut i = 0;
        while i < 8 {
            if text.len() >= 8 {
                eights[0] |= (text[i] as u64) << (8 * i);
                eights[1] |= (text[text.len() - 8 + i] as u64) << (8 * i);
            } else if i > 0 {
                eights[0] |= (text[i - 1] as u64) << (8 * i);
            }
            i += 1;
        }
        let (len, open) = (text.len(), text[text.len() - 1]);
        Self {
            eights,
            len,
            field,
            open,
        }
    }

    /// Whether this is here, without white space.
    #[inline(always)]
    fn is_here(&self, at: At) -> bool {
        let [head, tail] = self.eights;
        if self.len == 7 {
            at.eight(0) << 8 == head
        } else {
            at.eight(0) == head && at.eight(self.len - 8) == tail
        }
    }

    /// Goes to the value, if this is here or differs in white space only.
    #[inline(always)]
    fn skip(self, at: At) -> Read {
        if self.is_here(at) {
            Some(unsafe { at.add(self.len - 1) })
        } else {
            let lead = if self.len == 7 {
                self.eights[0] >> 8
            } else {
                self.eights[0]
            };
            between(at, lead as u8, self.field, self.open)
        }
    }
}

const ID: Lead = Lead::new(b"{\"id\":\"", Field::Id);
const NAME: Lead = Lead::new(b",\"name\":\"", Field::Name);
const RUNNER_TYPE: Lead = Lead::new(b",\"runner_type\":\"", Field::RunnerType);
const STATUS: Lead = Lead::new(b",\"status\":\"", Field::Status);
const TAGS: Lead = Lead::new(b",\"tags\":[", Field::Tags);
const CREATED_AT: Lead = Lead::new(b",\"created_at\":\"", Field::CreatedAt);
const UPDATED_AT: Lead = Lead::new(b",\"updated_at\":\"", Field::UpdatedAt);

/// Room in the text for the strings of a row that [`Reader::plain`] keeps: four of up to 48 bytes.
/// [`Reader::place`] leaves as much.
pub(crate) const ROOM: usize = 4 * 48;

impl Reader<'_> {
    /// Reads a list of runners.
    #[inline(never)]
    pub(crate) fn runners(&mut self, at: At) -> Read {
        let mut index = 0;
        let mut at = self.first_item(at, b']');
        let mut has_item = self.has_item;
        while has_item {
            let row = self.row();
            at = match self.compact_row(at, row) {
                Some(end) => {
                    self.add_row(row);
                    end
                }
                None => self.object(at, RUNNER, Some(index))?,
            };
            index += 1;
            if at.four(0) as u16 == u16::from_le_bytes(*b",{") {
                at = unsafe { at.add(1) };
            } else {
                at = self.next_item(at, b']')?;
                has_item = self.has_item;
            }
        }
        Some(at)
    }

    /// Reads the runner at `at`, if it is written in the usual way.
    #[inline(always)]
    fn compact_row(&mut self, at: At, row: Row) -> Read {
        if self.text.capacity() - self.text.len() < ROOM {
            self.text.reserve(ROOM);
        }
        let at = ID.skip(at)?;
        if !uuid::is_uuid(at, 1) {
            return None;
        }
        let at = self.plain(at, uuid::LEN, row, column::ID)?;

        let at = NAME.skip(at)?;
        let mut len = at.lanes(1).plain();
        if len == 16 {
            len += at.lanes(17).plain();
        }
        let at = match self.plain(at, len, row, column::NAME) {
            None => self.text(at, row, column::NAME)?,
            end => end?,
        };

        let at = RUNNER_TYPE.skip(at)?;
        let at = self.word(at, row.at(column::RUNNER_TYPE))?;

        let at = STATUS.skip(at)?;
        let at = self.word(at, row.at(column::STATUS))?;

        let at = TAGS.skip(at)?;
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
        row.set(column::TAG_COUNT, count as i32);

        let at = CREATED_AT.skip(unsafe { at.add(1) })?;
        let at = self.plain(at, datetime::usual(at, 1)?, row, column::CREATED_AT)?;

        let at = UPDATED_AT.skip(at)?;
        let at = self.plain(at, datetime::usual(at, 1)?, row, column::UPDATED_AT)?;

        let at = at.after_space();
        if at.byte() == b'}' {
            Some(unsafe { at.add(1) })
        } else {
            None
        }
    }

    /// Keeps a string of `len` bytes, at most 48 and all looked at, if its closing quote follows.
    #[inline(always)]
    fn plain(&mut self, quote: At, len: usize, row: Row, column: usize) -> Read {
        if quote.ahead(len + 1) != b'"' {
            return None;
        }
        let from = self.text.len();
        debug_assert!(self.text.capacity() - from >= 48);
        row.set(column, from as i32);
        row.set(column + 1, (from + len) as i32);
        // SAFETY: see `ROOM`.
        unsafe {
            let to = self.text.as_mut_ptr().add(from);
            quote.lanes(1).store(to);
            quote.lanes(17).store(to.add(16));
            if len > 32 {
                quote.lanes(33).store(to.add(32));
            }
            self.text.set_len(from + len);
        }
        Some(unsafe { quote.add(len + 2) })
    }

    /// Reads a string that is likely to repeat, and writes its number.
    #[inline(never)]
    fn word(&mut self, quote: At, to: *mut i32) -> Read {
        let start = unsafe { quote.add(1) };
        let len = start.lanes(0).before_quote();
        match self.words.find(start, len) {
            Some(number) => {
                // SAFETY: the caller has room for it.
                unsafe { to.write(number as i32) };
                Some(unsafe { start.add(len + 1) })
            }
            None => self.new_word(quote, to),
        }
    }
}

#[cfg(test)]
mod tests {
    //! Whether the fast road is taken: no result tells.

    use super::*;
    use crate::{Body, Options};

    /// A runner in the usual form, with `~` where white space may stand; nobody writes it before a colon.
    fn runner(name: &str, word: &str, tags: &str, time: &str) -> String {
        format!(
            "{{~\"id\":~\"0190a5b4-7c3e-7abc-8def-0123456789ab\"~,~\"name\":~\"{name}\"~,\
             ~\"runner_type\":~\"{word}\"~,~\"status\":~\"{word}\"~,~\"tags\":~[~{tags}~]~,\
             ~\"created_at\":~\"{time}\"~,~\"updated_at\":~\"{time}\"~}}"
        )
    }

    const TAGS: &str = "\"gpu\"~,~\"a100\"";
    const TIME: &str = "2024-01-15T10:30:00Z";

    /// What is kept of a runner's strings if the fast road reads it, all of it.
    fn kept(runner: &str) -> Option<String> {
        let body = Body::from(runner.as_bytes());
        let mut reader = Reader::new(&body, Options::default());
        let row = reader.row();
        let end = reader.compact_row(body.start(), row)?;
        assert!(end == body.end(), "{runner}");
        Some(String::from_utf8_lossy(&reader.text).into_owned())
    }

    #[test]
    fn the_usual_form_takes_the_fast_road() {
        let is_fast = |name: &str, word: &str, tags: &str, time: &str| {
            let runner = runner(name, word, tags, time).replace('~', "");
            assert!(kept(&runner).is_some(), "{runner}");
        };
        for len in 0..70 {
            let text = "x".repeat(len);
            is_fast(&text, "plus", TAGS, TIME);
            is_fast("gpu box", &text, &format!("\"{text}\""), TIME);
        }
        is_fast("é \\n", "日本", "\"\\n\",\"é\"", TIME);
        is_fast("gpu box", "plus", "", TIME);
        for digits in 1..=9 {
            let time = format!("2024-01-15T10:30:00.{}Z", "1".repeat(digits));
            is_fast("gpu box", "plus", TAGS, &time);
        }
    }

    #[test]
    fn white_space_leaves_it_on_the_fast_road() {
        let marked = runner("gpu box", "plus", TAGS, TIME);
        let pieces: Vec<&str> = marked.split('~').collect();
        for space in [" ", "\n\t", "\r\n                                  "] {
            assert!(kept(&pieces.join(space)).is_some());
            for at in 1..pieces.len() {
                let spaced = [pieces[..at].concat(), pieces[at..].concat()].join(space);
                assert!(kept(&spaced).is_some(), "{spaced}");
            }
        }
    }

    #[test]
    fn short_names_are_kept_without_their_quotes() {
        for len in 0..=40 {
            let name = "x".repeat(len);
            let runner = runner(&name, "plus", "\"gpu\"", TIME).replace('~', "");
            let quote = if len <= 32 { "" } else { "\"" };
            assert_eq!(
                kept(&runner).unwrap(),
                format!(
                    "0190a5b4-7c3e-7abc-8def-0123456789ab{quote}{name}{quote}\"plus\"\"gpu\"{TIME}{TIME}"
                )
            );
        }
    }

    #[test]
    fn a_lead_is_here_only_byte_for_byte() {
        for (lead, text) in [
            (ID, "{\"id\":\""),
            (NAME, ",\"name\":\""),
            (RUNNER_TYPE, ",\"runner_type\":\""),
            (STATUS, ",\"status\":\""),
            (super::TAGS, ",\"tags\":["),
            (CREATED_AT, ",\"created_at\":\""),
            (UPDATED_AT, ",\"updated_at\":\""),
        ] {
            let is_here = |bytes: &[u8]| lead.is_here(Body::from(bytes).start());
            assert!(is_here(text.as_bytes()), "{text}");
            assert!(is_here(&[text.as_bytes(), b"x\"]"].concat()), "{text}");
            for at in 0..text.len() {
                let mut other = text.as_bytes().to_vec();
                other[at] ^= 1;
                assert!(!is_here(&other), "{text} but for {at}");
            }
        }
    }
}
