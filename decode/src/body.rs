//! The bytes of a response, held so that the reader may look past their end.
//!
//! The reader looks at 16 bytes at a time and checks no bounds: [`PAD`] zero bytes follow the body,
//! and a zero byte ends every token, since JSON allows it nowhere.

use core::slice;

use crate::at::At;

/// Zero bytes kept behind the body. The farthest look ahead is 49 bytes.
pub(crate) const PAD: usize = 64;

/// The longest body that is read, in bytes; a longer one is refused with [`Kind::TooLong`](crate::Kind).
/// Offsets into the text that is kept, in which a string may stand twice, have one bit for something else.
pub const MAX_LEN: usize = 1 << 29;

/// Copying to where an array's bytes would be a little behind those of another, modulo the size of a page,
/// takes processors up to fifty times as long. Between multiples of 16, as the bytes of JavaScript's arrays
/// are, no distance is that small.
#[derive(Debug, Clone, Copy)]
#[repr(align(16))]
struct Aligned(#[expect(dead_code, reason = "read as bytes")] [u8; 16]);

/// The bytes of one response body.
#[derive(Debug, Clone)]
pub struct Body {
    padded: Vec<Aligned>,
    len: usize,
}

impl Body {
    /// A body of `len` zero bytes, to be filled through [`bytes_mut`](Self::bytes_mut).
    pub fn with_len(len: usize) -> Self {
        let blocks = (len + PAD).div_ceil(size_of::<Aligned>());
        let padded = vec![Aligned([0; 16]); blocks];
        Self { padded, len }
    }

    /// The body's bytes.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the body is that long.
        unsafe { slice::from_raw_parts(self.padded.as_ptr().cast(), self.len) }
    }

    /// The body's bytes, to write to.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: likewise.
        unsafe { slice::from_raw_parts_mut(self.padded.as_mut_ptr().cast(), self.len) }
    }

    /// The body's length in bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether it is refused for its length.
    pub(crate) fn is_too_long(&self) -> bool {
        self.len > MAX_LEN
    }

    pub(crate) fn start(&self) -> At {
        // SAFETY: PAD bytes follow the body.
        unsafe { At::new(self.padded.as_ptr().cast()) }
    }

    pub(crate) fn end(&self) -> At {
        // SAFETY: within the body.
        unsafe { self.start().add(self.len) }
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        let mut body = Self::with_len(bytes.len());
        body.bytes_mut().copy_from_slice(bytes);
        body
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        bytes.as_slice().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_longer_than_the_longest_is_too_long() {
        // The bytes are not looked at.
        let is_too_long = |len| {
            let padded = Vec::new();
            Body { padded, len }.is_too_long()
        };
        assert!(!is_too_long(0));
        assert!(!is_too_long(MAX_LEN));
        assert!(is_too_long(MAX_LEN + 1));
        assert!(is_too_long(MAX_LEN + 2));
    }
}
