//! Reads a runner in the form in which a server's serializer writes it.
//!
//! A page repeats the same text a hundred times with other values: members in the contract's order, no escapes,
//! and mostly no white space. So this reader does not examine each byte. It compares whole stretches of
//! punctuation and member names with the expected ones, and examines only the values.
//!
//! White space and members that the contract does not name take a slower path, [`Reader::find_further`]. At
//! anything else that is unusual this reader gives up, and [`Reader::runner`], which knows all of JSON, reads
//! the same runner from its start. So this reader only makes reading faster: whatever it accepts, the other one
//! accepts too, with the same result.
//!
//! It reads a page of 100 in 8 µs. At that speed the number of instructions counts, and above all how early the
//! reader knows where the next value begins.

use crate::builder::{Row, SHORT};
use crate::cursor::Cursor;
use crate::reader::Reader;
use crate::scanner::JsonString;
use crate::string_table::Span;
use crate::{date_time, uuid};

/// What leads to a value: a brace or comma, the member's name, a colon, and the first byte of the value.
struct Lead<const LEN: usize>(&'static [u8; LEN]);

const ID: Lead<7> = Lead::new(b"{\"id\":\"");
const NAME: Lead<9> = Lead::new(b",\"name\":\"");
const RUNNER_TYPE: Lead<16> = Lead::new(b",\"runner_type\":\"");
const STATUS: Lead<11> = Lead::new(b",\"status\":\"");
const TAGS: Lead<9> = Lead::new(b",\"tags\":[");
const CREATED_AT: Lead<15> = Lead::new(b",\"created_at\":\"");
const UPDATED_AT: Lead<15> = Lead::new(b",\"updated_at\":\"");

impl<const LEN: usize> Lead<LEN> {
    const fn new(text: &'static [u8; LEN]) -> Self {
        let mut index = 0;
        while index < LEN {
            assert!(text[index] != 0, "`Reader::find` relies on this");
            index += 1;
        }
        Self(text)
    }

    /// Whether this lead is here, without white space.
    ///
    /// It compares the first and the last eight bytes as numbers, which may overlap. For more than eight bytes,
    /// `==` calls `memcmp` where the compiler optimizes for size.
    #[inline(always)]
    fn is_at(&self, at: Cursor) -> bool {
        let (here, lead) = (at.bytes_at::<0, LEN>(), self.0);
        let firsts = (here.first_chunk(), lead.first_chunk());
        let lasts = (here.last_chunk(), lead.last_chunk());
        match (firsts, lasts) {
            ((Some(a), Some(b)), (Some(c), Some(d))) => {
                u64::from_le_bytes(*a) == u64::from_le_bytes(*b)
                    && u64::from_le_bytes(*c) == u64::from_le_bytes(*d)
            }
            _ => here == lead,
        }
    }
}

impl<'a> Reader<'a> {
    /// Reads a runner and adds a row, if the runner is written in the usual form. If not, the scanner may be
    /// anywhere in the runner.
    #[inline(always)]
    pub(crate) fn compact_runner(&mut self) -> Option<()> {
        self.builder.begin_row();
        let at = self.scanner.at;

        let at = self.find(&ID, at)?;
        if !uuid::is_uuid(at.bytes_at::<1, { uuid::LEN }>()) {
            return None;
        }
        // SAFETY: a UUID has no zeros.
        let (id, at) = unsafe { self.short_string(at, uuid::LEN) }?;

        let at = self.find(&NAME, at)?;
        let mut len = at.lanes_at::<1>().ascii_text_len();
        if len == 16 {
            len += at.lanes_at::<17>().ascii_text_len();
        }
        // SAFETY: ASCII text has no zeros.
        let (name, at) = match unsafe { self.short_string(at, len) } {
            Some(short) => short,
            None => self.any_string(at)?,
        };

        let at = self.find(&RUNNER_TYPE, at)?;
        let mut runner_type = 0;
        let at = self.shared_string(at, &mut runner_type)?;

        let at = self.find(&STATUS, at)?;
        let mut status = 0;
        let at = self.shared_string(at, &mut status)?;

        let at = self.find(&TAGS, at)?;
        let at = self.compact_tags(at)?;

        let at = self.find(&CREATED_AT, at)?;
        let (created_at, at) = self.date_time(at)?;

        let at = self.find(&UPDATED_AT, at)?;
        let (updated_at, at) = self.date_time(at)?;

        self.scanner.at = match at.after(b'}') {
            Some(end) => end,
            None => self.find_end(at)?,
        };
        self.builder.end_row(&Row {
            id,
            name,
            runner_type,
            status,
            created_at,
            updated_at,
        });
        Some(())
    }

    /// The position of the value to which `lead` leads from here.
    #[inline(always)]
    fn find<const LEN: usize>(&mut self, lead: &Lead<LEN>, at: Cursor<'a>) -> Option<Cursor<'a>> {
        if lead.is_at(at) {
            // SAFETY: the next LEN bytes are those of the lead, of which `new` saw that none is zero.
            Some(unsafe { at.skip(LEN - 1) })
        } else {
            self.find_further(lead.0, at)
        }
    }

    /// The same where there is white space, or a member that the contract does not name.
    #[inline(never)]
    fn find_further(&mut self, lead: &[u8], at: Cursor<'a>) -> Option<Cursor<'a>> {
        let [separator, name @ .., value] = lead else {
            return None;
        };
        let mut at = at.after_space().after(*separator)?.after_space();
        loop {
            if let Some(end) = after_text(at, name) {
                let end = end.after_space();
                return (end.byte() == *value).then_some(end);
            }
            at = self.skip_unknown(at)?.after(b',')?.after_space();
        }
    }

    /// The position behind the closing brace, if only white space and members that the contract does not name
    /// are before it.
    #[cold]
    #[inline(never)]
    fn find_end(&mut self, at: Cursor<'a>) -> Option<Cursor<'a>> {
        let mut at = at.after_space();
        while let Some(member) = at.after(b',') {
            at = self.skip_unknown(member.after_space())?;
        }
        at.after(b'}')
    }

    /// The position behind the member at `at` and white space, if the contract does not name the member.
    fn skip_unknown(&mut self, at: Cursor<'a>) -> Option<Cursor<'a>> {
        self.scanner.at = at;
        if self.scanner.member()?.is_some() {
            return None;
        }
        self.scanner.skip_value()?;
        Some(self.scanner.at.after_space())
    }

    /// Reads an array of strings.
    #[inline(always)]
    fn compact_tags(&mut self, open: Cursor<'a>) -> Option<Cursor<'a>> {
        let mut at = open.after(b'[')?.after_space();
        if let Some(end) = at.after(b']') {
            return Some(end);
        }
        loop {
            if at.byte() != b'"' {
                return None;
            }
            let mut tag = 0;
            at = self.shared_string(at, &mut tag)?.after_space();
            self.builder.push_tag(tag);
            match at.after(b',') {
                Some(next) => at = next.after_space(),
                None => return at.after(b']'),
            }
        }
    }

    /// Keeps a date-time.
    #[inline(always)]
    fn date_time(&mut self, quote: Cursor<'a>) -> Option<(Span, Cursor<'a>)> {
        match date_time::usual_len(quote.bytes_at::<1, { date_time::USUAL_REACH }>()) {
            // SAFETY: a date-time has no zeros.
            Some(len) => unsafe { self.short_string(quote, len) },
            None => self.unusual_date_time(quote),
        }
    }

    /// Keeps a string of `len` bytes, which must be ASCII, if its closing quote follows.
    ///
    /// # Safety
    ///
    /// None of the `len` bytes behind the opening quote may be zero.
    #[inline(always)]
    unsafe fn short_string(&mut self, quote: Cursor<'a>, len: usize) -> Option<(Span, Cursor<'a>)> {
        if quote.byte_at(len + 1) != b'"' {
            return None;
        }
        let span = self.builder.keep_short(quote.bytes_at::<1, SHORT>(), len);
        // SAFETY: the caller promises it for the string, and the quotes around it are not zero either.
        Some((span, unsafe { quote.skip(len + 2) }))
    }

    /// Keeps a string that is likely to repeat, and sets `index` to its index in the string table.
    ///
    /// `index` is not part of the returned value, so that the cursor is returned in a register: the next step
    /// waits for it.
    #[inline(never)]
    fn shared_string(&mut self, quote: Cursor<'a>, index: &mut i32) -> Option<Cursor<'a>> {
        let len = quote.lanes_at::<1>().before_quote();
        match self.builder.find_shared(quote.bytes_at::<1, 16>(), len) {
            Some(found) => {
                *index = found;
                // SAFETY: the string is one that the table holds, and none of those has zeros; nor are the
                // quotes around it zero.
                Some(unsafe { quote.skip(len + 2) })
            }
            None => self.new_shared_string(quote, index),
        }
    }

    #[cold]
    #[inline(never)]
    fn new_shared_string(&mut self, quote: Cursor<'a>, index: &mut i32) -> Option<Cursor<'a>> {
        let string = self.string_at(quote)?;
        *index = self.builder.keep_shared(&string);
        Some(self.scanner.at)
    }

    /// Keeps a date-time of any form.
    #[cold]
    #[inline(never)]
    fn unusual_date_time(&mut self, quote: Cursor<'a>) -> Option<(Span, Cursor<'a>)> {
        let string = self.string_at(quote)?;
        let span = self.builder.keep_if(&string, date_time::is_date_time)?;
        Some((span, self.scanner.at))
    }

    /// Keeps a string of any length and with any characters.
    #[inline(never)]
    fn any_string(&mut self, quote: Cursor<'a>) -> Option<(Span, Cursor<'a>)> {
        let string = self.string_at(quote)?;
        Some((self.builder.keep(&string), self.scanner.at))
    }

    /// Reads a string, and leaves the scanner behind it.
    fn string_at(&mut self, quote: Cursor<'a>) -> Option<JsonString<'a>> {
        self.scanner.at = quote;
        self.scanner.string()
    }
}

/// The position behind a text, if it is here.
fn after_text<'a>(mut at: Cursor<'a>, text: &[u8]) -> Option<Cursor<'a>> {
    for &byte in text {
        at = at.after(byte)?;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    //! The result does not show which reader read a runner. These tests do.

    use super::*;
    use crate::{Body, Options};

    /// A runner in the usual form. `~` marks where white space is possible; nobody writes it before a colon.
    fn runner(name: &str, word: &str, tags: &str, time: &str) -> String {
        format!(
            "{{~\"id\":~\"0190a5b4-7c3e-7abc-8def-0123456789ab\"~,~\"name\":~\"{name}\"~,\
             ~\"runner_type\":~\"{word}\"~,~\"status\":~\"{word}\"~,~\"tags\":~[~{tags}~]~,\
             ~\"created_at\":~\"{time}\"~,~\"updated_at\":~\"{time}\"~}}"
        )
    }

    const TAGS: &str = "\"gpu\"~,~\"a100\"";
    const TIME: &str = "2024-01-15T10:30:00Z";

    /// The ASCII text of a runner, if the compact reader reads all of it.
    fn compact(runner: &str) -> Option<String> {
        let body = Body::from(runner.as_bytes());
        let mut reader = Reader::new(&body, Options::default());
        reader.compact_runner()?;
        assert!(reader.scanner.at == body.end(), "{runner}");
        Some(reader.builder.finish().ascii)
    }

    #[test]
    fn the_usual_form_is_compact() {
        let is_compact = |name: &str, word: &str, tags: &str, time: &str| {
            let runner = runner(name, word, tags, time).replace('~', "");
            assert!(compact(&runner).is_some(), "{runner}");
        };
        for len in 0..70 {
            let text = "x".repeat(len);
            is_compact(&text, "plus", TAGS, TIME);
            is_compact("gpu box", &text, &format!("\"{text}\""), TIME);
        }
        is_compact("é \\n", "日本", "\"\\n\",\"é\"", TIME);
        is_compact("gpu box", "plus", "", TIME);
        for digits in 1..=9 {
            let time = format!("2024-01-15T10:30:00.{}Z", "1".repeat(digits));
            is_compact("gpu box", "plus", TAGS, &time);
        }
        for time in ["2024-02-29T10:30:00Z", "2024-01-15T10:30:00+00:00"] {
            is_compact("gpu box", "plus", TAGS, time);
        }
    }

    #[test]
    fn white_space_leaves_a_runner_compact() {
        let marked = runner("gpu box", "plus", TAGS, TIME);
        let pieces: Vec<&str> = marked.split('~').collect();
        for space in [" ", "\n\t", "\r\n                                  "] {
            assert!(compact(&pieces.join(space)).is_some());
            for index in 1..pieces.len() {
                let spaced = [pieces[..index].concat(), pieces[index..].concat()].join(space);
                assert!(compact(&spaced).is_some(), "{spaced}");
            }
        }
    }

    #[test]
    fn unknown_members_leave_a_runner_compact() {
        let usual = runner("gpu box", "plus", TAGS, TIME).replace('~', "");
        let text = compact(&usual);
        assert!(text.is_some());
        for unknown in [
            "\"x\":1",
            "\"idd\":{\"id\":[7]}",
            "\"\" : null , \"i\\u0064d\":[]",
        ] {
            for name in ["id", "name", "runner_type", "status", "tags", "created_at"] {
                let name = format!("\"{name}\":");
                let added = usual.replacen(&name, &format!("{unknown},{name}"), 1);
                assert_eq!(compact(&added), text, "{added}");
                let spaced = usual.replacen(&name, &format!(" {unknown} , {name}"), 1);
                assert_eq!(compact(&spaced), text, "{spaced}");
            }
            let end = usual.len() - 1;
            for last in [format!(",{unknown}}}"), format!(" , {unknown} }}")] {
                let added = [&usual[..end], &last].concat();
                assert_eq!(compact(&added), text, "{added}");
            }
        }
    }

    #[test]
    fn another_form_is_not_compact() {
        let usual = runner("gpu box", "plus", TAGS, TIME).replace('~', "");
        assert!(compact(&usual).is_some());
        for (from, to) in [
            ("{\"id\"", "{\"name\":\"x\",\"id\""),
            ("\"0190a5b4", "\"\\u0030190a5b4"),
            ("0Z\"}", "0Z\",\"status\":\"active\"}"),
            ("0Z\"}", "0Z\""),
            ("2024-01-15T10:30:00Z\"}", "2024-02-30T10:30:00Z\"}"),
            ("\"tags\":[", "\"tags\":[null,"),
        ] {
            assert_eq!(compact(&usual.replacen(from, to, 1)), None, "{to}");
        }
    }

    #[test]
    fn strings_are_kept_one_behind_the_other() {
        for len in 0..=40 {
            let name = "x".repeat(len);
            let runner = runner(&name, "plus", "\"gpu\"", TIME).replace('~', "");
            assert_eq!(
                compact(&runner).unwrap(),
                format!("0190a5b4-7c3e-7abc-8def-0123456789ab{name}plusgpu{TIME}{TIME}")
            );
        }
    }

    #[test]
    fn a_lead_is_here_only_byte_for_byte() {
        fn check<const LEN: usize>(lead: &Lead<LEN>) {
            let is_here = |bytes: &[u8]| lead.is_at(Body::from(bytes).cursor(0));
            assert!(is_here(lead.0));
            assert!(is_here(&[lead.0, &b"x\"]"[..]].concat()));
            for index in 0..LEN {
                let mut other = *lead.0;
                other[index] ^= 1;
                assert!(!is_here(&other), "{other:?}");
            }
        }
        check(&ID);
        check(&NAME);
        check(&RUNNER_TYPE);
        check(&STATUS);
        check(&super::TAGS);
        check(&CREATED_AT);
        check(&UPDATED_AT);
    }
}
