//! Values that nobody asked for: read for being JSON, and forgotten. Without recursion, however deep.

use crate::at::At;
use crate::reader::{Read, Reader};

impl Reader<'_> {
    /// Steps over the value at `at`, whatever it is.
    #[inline(never)]
    pub(crate) fn skip_value(&mut self, mut at: At) -> Read {
        // One bit a level, 1 for an object: the 32 innermost here, the others aside.
        let mut levels = 0u32;
        let mut depth = 0u32;
        loop {
            let open = at.byte();
            at = match open {
                b'"' => self.string(at)?,
                b'{' | b'[' => {
                    if depth & 31 == 0 && depth != 0 {
                        self.levels.push(levels);
                    }
                    levels = levels << 1 | u32::from(open == b'{');
                    depth += 1;
                    self.first_item(at, open + 2)
                }
                _ => self.scalar(at)?,
            };
            let mut is_item = !matches!(open, b'{' | b'[');
            loop {
                if depth == 0 {
                    return Some(at);
                }
                let is_object = levels & 1 == 1;
                if is_item {
                    at = self.next_item(at, if is_object { b'}' } else { b']' })?;
                }
                if self.has_item {
                    if is_object {
                        at = self.member(at)?;
                    }
                    break;
                }
                // What ended is itself an item of the level above.
                is_item = true;
                levels >>= 1;
                depth -= 1;
                if depth & 31 == 0 && depth != 0 {
                    levels = self.levels.pop().unwrap_or_default();
                }
            }
        }
    }

    /// Steps over a number, `true`, `false` or `null`.
    fn scalar(&mut self, mut at: At) -> Read {
        // SAFETY (all of this function): past bytes that were looked at and are not zero.
        let literal: &[u8] = match at.byte() {
            b't' => b"true",
            b'f' => b"false",
            b'n' => b"null",
            _ => b"",
        };
        for &byte in literal {
            if at.byte() != byte {
                return self.fail(at);
            }
            at = unsafe { at.add(1) };
        }
        if !literal.is_empty() {
            return Some(at);
        }
        if at.byte() == b'-' {
            at = unsafe { at.add(1) };
        }
        at = if at.byte() == b'0' {
            unsafe { at.add(1) }
        } else {
            self.digits(at)?
        };
        if at.byte() == b'.' {
            at = self.digits(unsafe { at.add(1) })?;
        }
        if at.byte() | 0x20 == b'e' {
            at = unsafe { at.add(1) };
            if matches!(at.byte(), b'+' | b'-') {
                at = unsafe { at.add(1) };
            }
            at = self.digits(at)?;
        }
        Some(at)
    }

    #[inline(never)]
    fn digits(&mut self, at: At) -> Read {
        let mut end = at;
        while end.byte().is_ascii_digit() {
            // SAFETY: past a digit.
            end = unsafe { end.add(1) };
        }
        if end == at { self.fail(at) } else { Some(end) }
    }
}
