//! The fast road: one runner as a server's serializer writes it.
//!
//! A page is a hundred times the same text with different values: members in the contract's order, no
//! escapes in what is checked, mostly no white space. So instead of asking at each byte what it is, this
//! compares whole stretches of punctuation and member names with what they should be (most happen to be 16
//! bytes long, one vector), and reads only the values. White space between them costs a detour,
//! [`between`]. At the first other surprise, be it a syntax error or merely an unknown member, it gives up,
//! leaves no trace, and [`Reader::row`], which knows all of JSON, starts over at the same runner. So this
//! file decides nothing: whatever it accepts, the other accepts with the same columns.

use crate::datetime;
use crate::lanes::Lanes;
use crate::problem::Field;
use crate::reader::{NAMES, Reader, after_space};
use crate::row::{COLUMNS, column};
use crate::uuid;

/// From one value to the next, past white space: `lead`, the name of `field`, a colon and `open`, behind
/// which the value goes on.
///
/// # Safety
/// `at` must be within the body or on the first zero behind it.
#[inline(never)]
unsafe fn between(at: *const u8, lead: u8, field: Field, open: u8) -> Option<*const u8> {
    // SAFETY: steps only over bytes that were seen to be part of the body; PAD bytes follow.
    unsafe {
        let mut at = after_space(at);
        if *at != lead {
            return None;
        }
        at = after_space(at.add(1));
        let len = field.name().len();
        if *at != b'"'
            || !Lanes::load(at.add(1))
                .first(len)
                .equals(NAMES[field as usize])
        {
            return None;
        }
        at = at.add(1 + len);
        if *at != b'"' {
            return None;
        }
        at = after_space(at.add(1));
        if *at != b':' {
            return None;
        }
        at = after_space(at.add(1));
        if *at == open { Some(at.add(1)) } else { None }
    }
}

/// [`between`] after a string: `at` is where its closing quote should be.
///
/// # Safety
/// As for [`between`].
#[inline(always)]
unsafe fn after_string(at: *const u8, field: Field, open: u8) -> Option<*const u8> {
    // SAFETY: a quote is not the zero behind the body.
    unsafe {
        if *at == b'"' {
            between(at.add(1), b',', field, open)
        } else {
            None
        }
    }
}

/// # Safety
/// 2 bytes from `at` on must be readable.
#[inline(always)]
unsafe fn pair(at: *const u8) -> u16 {
    // SAFETY: passed on to the caller.
    u16::from_le(unsafe { at.cast::<u16>().read_unaligned() })
}

/// # Safety
/// 8 bytes from `at` on must be readable.
#[inline(always)]
unsafe fn eight(at: *const u8) -> u64 {
    // SAFETY: passed on to the caller.
    u64::from_le(unsafe { at.cast::<u64>().read_unaligned() })
}

impl Reader<'_> {
    /// Reads the runner that is next if it is written in the usual way, and says whether it was.
    #[inline(always)]
    pub(crate) fn compact_row(&mut self) -> bool {
        let at = self.at;
        // SAFETY: `at` is within the body or on the first zero behind it.
        let end = unsafe { self.try_compact_row(at) };
        match end {
            Some(end) => {
                self.at = end;
                self.rows += 1;
            }
            None => self.at = at,
        }
        end.is_some()
    }

    /// Returns the end of the runner.
    ///
    /// # Safety
    /// `at` must be within the body or on the first zero behind it. Every look ahead starts at a place up
    /// to which all bytes were seen and are none of those zeros, and goes 46 bytes at most.
    #[inline(always)]
    unsafe fn try_compact_row(&mut self, at: *const u8) -> Option<*const u8> {
        // SAFETY: see above for reading. Writing: a row's columns fit, see `Reader::new`.
        unsafe {
            let len = self.columns.len();
            debug_assert!(len + COLUMNS <= self.columns.capacity());
            let row = self.columns.as_mut_ptr().add(len);

            let id = if eight(at) << 8 == u64::from_le_bytes(*b"\0{\"id\":\"") {
                at.add(7)
            } else {
                between(at, b'{', Field::Id, b'"')?
            };
            if !uuid::is_uuid(id) {
                return None;
            }
            let at = id.add(uuid::LEN);
            *row.add(column::ID) = self.offset(id);
            *row.add(column::ID + 1) = self.offset(at);

            let name = if eight(at) == u64::from_le_bytes(*b"\",\"name\"")
                && pair(at.add(8)) == u16::from_le_bytes(*b":\"")
            {
                at.add(10)
            } else {
                after_string(at, Field::Name, b'"')?
            };
            let at = self.compact_name(name, row.add(column::NAME))?;

            let value = if Lanes::load(at.add(1)).equals(*b",\"runner_type\":\"") {
                at.add(17)
            } else {
                after_string(at, Field::RunnerType, b'"')?
            };
            let (word, at) = self.compact_word(value)?;
            *row.add(column::RUNNER_TYPE) = word;

            let value = if eight(at.add(1)) == u64::from_le_bytes(*b",\"status")
                && eight(at.add(4)) == u64::from_le_bytes(*b"tatus\":\"")
            {
                at.add(12)
            } else {
                after_string(at, Field::Status, b'"')?
            };
            let (word, at) = self.compact_word(value)?;
            *row.add(column::STATUS) = word;

            let mut at =
                if eight(at.add(1)) == u64::from_le_bytes(*b",\"tags\":") && *at.add(9) == b'[' {
                    at.add(10)
                } else {
                    after_string(at, Field::Tags, b'[')?
                };
            let mut tags = 0;
            at = after_space(at);
            if *at != b']' {
                loop {
                    at = after_space(at);
                    if *at != b'"' {
                        return None;
                    }
                    let (word, end) = self.compact_word(at.add(1))?;
                    debug_assert!(len + COLUMNS + tags < self.columns.capacity());
                    *row.add(COLUMNS + tags) = word;
                    tags += 1;
                    at = after_space(end.add(1));
                    if *at != b',' {
                        break;
                    }
                    at = at.add(1);
                }
                if *at != b']' {
                    return None;
                }
            }
            *row.add(column::TAG_COUNT) = tags as u32;

            let created = if Lanes::load(at).equals(*b"],\"created_at\":\"") {
                at.add(16)
            } else {
                between(at.add(1), b',', Field::CreatedAt, b'"')?
            };
            let at = datetime::end(created)?;
            *row.add(column::CREATED_AT) = self.offset(created);
            *row.add(column::CREATED_AT + 1) = self.offset(at);

            let updated = if Lanes::load(at).equals(*b"\",\"updated_at\":\"") {
                at.add(16)
            } else {
                after_string(at, Field::UpdatedAt, b'"')?
            };
            let at = datetime::end(updated)?;
            *row.add(column::UPDATED_AT) = self.offset(updated);
            *row.add(column::UPDATED_AT + 1) = self.offset(at);

            if *at != b'"' {
                return None;
            }
            let at = after_space(at.add(1));
            if *at != b'}' {
                return None;
            }
            self.columns.set_len(len + COLUMNS + tags);
            if self.options.keys {
                self.add_key(id, created);
            }
            Some(at.add(1))
        }
    }

    /// Reads the string whose content begins at `at`, writes its place to `to`, and returns its closing quote.
    ///
    /// # Safety
    /// `at` must be behind a quote of the body; two numbers must fit at `to`.
    #[inline(always)]
    unsafe fn compact_name(&mut self, at: *const u8, to: *mut u32) -> Option<*const u8> {
        // SAFETY: PAD bytes follow `at`, and the special lane is not behind the end.
        unsafe {
            let specials = Lanes::load(at).specials();
            if specials != 0 {
                let end = at.add(specials.trailing_zeros() as usize);
                if *end == b'"' {
                    *to = self.offset(at);
                    *to.add(1) = self.offset(end);
                    return Some(end);
                }
            }
            let span = self.long_string(at)?;
            (*to, *to.add(1)) = self.place(span);
            Some(span.end)
        }
    }

    /// The number of the word whose content begins at `at`, and its closing quote.
    ///
    /// # Safety
    /// `at` must be behind a quote of the body.
    #[inline(always)]
    unsafe fn compact_word(&mut self, at: *const u8) -> Option<(u32, *const u8)> {
        // SAFETY: PAD bytes follow `at`, and the special lane is not behind the end.
        unsafe {
            let lanes = Lanes::load(at);
            let specials = lanes.specials();
            if specials != 0 {
                let len = specials.trailing_zeros() as usize;
                let end = at.add(len);
                if *end == b'"'
                    && let Some(number) = self.words.find(lanes.first(len))
                {
                    return Some((number, end));
                }
            }
            self.at = at.sub(1);
        }
        let word = self.word()?;
        Some((word, self.at.wrapping_sub(1)))
    }
}
