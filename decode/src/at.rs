//! A place in a body.

use core::ptr::NonNull;

use crate::lanes::Lanes;

/// A place within a body, or on the first of the zeros behind it, so that [`PAD`](crate::body::PAD) bytes
/// from here on can be read. Also in text without its escapes, which zeros follow as well.
///
/// It is never null, so that an `Option` of it takes one register.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct At(NonNull<u8>);

impl At {
    /// # Safety
    /// `PAD` bytes from here on must stay readable for as long as this place is used, zeros at the end.
    #[inline(always)]
    pub(crate) unsafe fn new(at: *const u8) -> Self {
        // SAFETY: what can be read is not null.
        Self(unsafe { NonNull::new_unchecked(at.cast_mut()) })
    }

    /// `n` bytes further.
    ///
    /// # Safety
    /// The bytes up to there must have been seen to be part of the text.
    #[inline(always)]
    pub(crate) unsafe fn add(self, n: usize) -> Self {
        // SAFETY: passed on to the caller.
        Self(unsafe { self.0.add(n) })
    }

    /// One byte back.
    ///
    /// # Safety
    /// There must be one.
    pub(crate) unsafe fn back(self) -> Self {
        // SAFETY: passed on to the caller.
        Self(unsafe { self.0.sub(1) })
    }

    #[inline(always)]
    pub(crate) fn byte(self) -> u8 {
        self.ahead(0)
    }

    /// The byte `n` bytes further, less than `PAD`.
    #[inline(always)]
    pub(crate) fn ahead(self, n: usize) -> u8 {
        // SAFETY: PAD bytes can be read.
        unsafe { self.0.add(n).read() }
    }

    /// The sixteen bytes from `n` bytes further on, all of them less than `PAD`.
    #[inline(always)]
    pub(crate) fn lanes(self, n: usize) -> Lanes {
        // SAFETY: PAD bytes can be read.
        unsafe { Lanes::load(self.0.as_ptr().add(n)) }
    }

    /// The four bytes from `n` bytes further on, the first in the lowest byte.
    #[inline(always)]
    pub(crate) fn four(self, n: usize) -> u32 {
        // SAFETY: PAD bytes can be read.
        u32::from_le(unsafe { self.0.add(n).cast::<u32>().read_unaligned() })
    }

    /// The eight bytes from `n` bytes further on, the first in the lowest byte.
    #[inline(always)]
    pub(crate) fn eight(self, n: usize) -> u64 {
        // SAFETY: PAD bytes can be read.
        u64::from_le(unsafe { self.0.add(n).cast::<u64>().read_unaligned() })
    }

    /// By how many bytes this place is behind an earlier one.
    #[inline(always)]
    pub(crate) fn since(self, earlier: Self) -> usize {
        self.0.as_ptr() as usize - earlier.0.as_ptr() as usize
    }

    /// The text up to `end`.
    ///
    /// # Safety
    /// `end` must be a later place of the same text, which must outlive `'a`.
    pub(crate) unsafe fn up_to<'a>(self, end: Self) -> &'a [u8] {
        // SAFETY: passed on to the caller.
        unsafe { core::slice::from_raw_parts(self.0.as_ptr(), end.since(self)) }
    }

    /// The first place from here on that is no white space.
    #[inline(always)]
    pub(crate) fn after_space(self) -> Self {
        if self.byte() > b' ' {
            self
        } else {
            self.after_spaces()
        }
    }

    #[inline(never)]
    fn after_spaces(mut self) -> Self {
        loop {
            let others = !self.lanes(0).spaces();
            // SAFETY: white space is part of the text.
            self = unsafe { self.add(others.trailing_zeros() as usize) };
            if others & 0xffff != 0 {
                return self;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Body;

    #[test]
    fn the_first_byte_is_the_lowest() {
        let body = Body::from(&b"0123456789"[..]);
        let at = body.start();
        assert_eq!(at.four(1).to_le_bytes(), *b"1234");
        assert_eq!(at.eight(1).to_le_bytes(), *b"12345678");
    }
}
