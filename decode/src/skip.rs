//! Values that nobody asked for: read for being JSON, and forgotten. Without recursion, however deep.

use crate::reader::{Read, Reader};

impl Reader<'_> {
    /// Steps over the value that is next, whatever it is, without recursion.
    #[inline(never)]
    pub(crate) fn skip_value(&mut self) -> Read<()> {
        // One bit a level, 1 for an object: the 32 innermost here, the others at the end of the columns.
        let mut levels = 0u32;
        let mut depth = 0u32;
        loop {
            let mut first = false;
            match self.byte() {
                b'"' => {
                    self.long_string(self.at.wrapping_add(1))?;
                }
                open @ (b'{' | b'[') => {
                    if depth & 31 == 0 && depth != 0 {
                        self.columns.push(levels);
                    }
                    levels = levels << 1 | u32::from(open == b'{');
                    depth += 1;
                    self.step();
                    first = true;
                }
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => self.number()?,
            }
            loop {
                if depth == 0 {
                    return Some(());
                }
                let object = levels & 1 == 1;
                if self.next(&mut first, if object { b'}' } else { b']' })? {
                    if object {
                        self.member(None)?;
                    }
                    break;
                }
                levels >>= 1;
                depth -= 1;
                if depth & 31 == 0 && depth != 0 {
                    levels = self.columns.pop().unwrap_or(0);
                }
                first = false;
            }
        }
    }

    #[inline(never)]
    fn literal(&mut self, literal: &[u8]) -> Read<()> {
        for &byte in literal {
            if self.byte() != byte {
                return self.fail(self.at);
            }
            self.step();
        }
        Some(())
    }

    /// Steps over a number.
    #[inline(never)]
    pub(crate) fn number(&mut self) -> Read<()> {
        if self.byte() == b'-' {
            self.step();
        }
        if self.byte() == b'0' {
            self.step();
        } else {
            self.digits()?;
        }
        if self.byte() == b'.' {
            self.step();
            self.digits()?;
        }
        if self.byte() | 0x20 == b'e' {
            self.step();
            if matches!(self.byte(), b'+' | b'-') {
                self.step();
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Read<()> {
        if !self.byte().is_ascii_digit() {
            return self.fail(self.at);
        }
        while self.byte().is_ascii_digit() {
            self.step();
        }
        Some(())
    }
}
