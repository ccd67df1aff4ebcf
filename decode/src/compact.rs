//! The fast road: one runner exactly as a server's serializer writes it.
//!
//! A page is a hundred times the same text with different values: no white space, members in the
//! contract's order, no escapes. So instead of asking at each byte what it is, this compares whole stretches
//! of punctuation and member names with what they should be (most happen to be 16 bytes long, one vector),
//! and reads only the values. At the first surprise, be it a syntax error or merely a blank, it gives up,
//! leaves no trace, and [`Reader::row`], which knows all of JSON, starts over at the same runner. So this
//! file decides nothing: whatever it accepts, the other accepts with the same columns.

use crate::datetime;
use crate::lanes::Lanes;
use crate::reader::Reader;
use crate::row::{COLUMNS, column};
use crate::uuid;

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
        let (at, bias) = (self.at, self.bias);
        // SAFETY: `at` is within the body or on the first zero behind it.
        let end = unsafe { self.try_compact_row(at) };
        match end {
            Some(end) => {
                self.at = end;
                self.rows += 1;
            }
            None => (self.at, self.bias) = (at, bias),
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

            if eight(at) << 8 != u64::from_le_bytes(*b"\0{\"id\":\"") {
                return None;
            }
            let id = at.add(7);
            if !uuid::is_uuid(id)
                || eight(id.add(36)) != u64::from_le_bytes(*b"\",\"name\"")
                || pair(id.add(44)) != u16::from_le_bytes(*b":\"")
            {
                return None;
            }
            *row.add(column::ID) = self.units(id);
            *row.add(column::ID + 1) = self.units(id.add(36));

            let name = id.add(46);
            *row.add(column::NAME) = self.units(name);
            let at = self.compact_string(name)?;
            *row.add(column::NAME + 1) = self.units(at);

            if !Lanes::load(at.add(1)).equals(*b",\"runner_type\":\"") {
                return None;
            }
            let (word, at) = self.compact_word(at.add(17))?;
            *row.add(column::RUNNER_TYPE) = word;

            if eight(at.add(1)) != u64::from_le_bytes(*b",\"status")
                || eight(at.add(4)) != u64::from_le_bytes(*b"tatus\":\"")
            {
                return None;
            }
            let (word, at) = self.compact_word(at.add(12))?;
            *row.add(column::STATUS) = word;

            if eight(at.add(1)) != u64::from_le_bytes(*b",\"tags\":") || *at.add(9) != b'[' {
                return None;
            }
            let mut at = at.add(10);
            let mut tags = 0;
            if *at != b']' {
                loop {
                    if *at != b'"' {
                        return None;
                    }
                    let (word, end) = self.compact_word(at.add(1))?;
                    debug_assert!(len + COLUMNS + tags < self.columns.capacity());
                    *row.add(COLUMNS + tags) = word;
                    tags += 1;
                    at = end.add(2);
                    match *end.add(1) {
                        b',' => {}
                        b']' => break,
                        _ => return None,
                    }
                }
                at = at.sub(1);
            }
            *row.add(column::TAG_COUNT) = tags as u32;

            if !Lanes::load(at).equals(*b"],\"created_at\":\"") {
                return None;
            }
            let created = at.add(16);
            let at = datetime::end(created)?;
            *row.add(column::CREATED_AT) = self.units(created);
            *row.add(column::CREATED_AT + 1) = self.units(at);

            if !Lanes::load(at).equals(*b"\",\"updated_at\":\"") {
                return None;
            }
            let updated = at.add(16);
            let at = datetime::end(updated)?;
            *row.add(column::UPDATED_AT) = self.units(updated);
            *row.add(column::UPDATED_AT + 1) = self.units(at);

            if pair(at) != u16::from_le_bytes(*b"\"}") {
                return None;
            }
            self.columns.set_len(len + COLUMNS + tags);
            if self.options.keys {
                self.add_key(id, created);
            }
            Some(at.add(2))
        }
    }

    /// The closing quote of the string whose content begins at `at`, if it has no escapes.
    ///
    /// # Safety
    /// `at` must be behind a quote of the body.
    #[inline(always)]
    unsafe fn compact_string(&mut self, at: *const u8) -> Option<*const u8> {
        // SAFETY: PAD bytes follow `at`, and the special lane is not behind the end.
        unsafe {
            let specials = Lanes::load(at).specials();
            if specials != 0 {
                let end = at.add(specials.trailing_zeros() as usize);
                if *end == b'"' {
                    return Some(end);
                }
            }
        }
        self.at = at;
        // Escapes are left to the other road.
        if self.string_rest()? {
            None
        } else {
            Some(self.at)
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
