//! The bytes of a response, padded so that a [`Cursor`] can look past their end.

use core::ptr::NonNull;

use crate::cursor::{Cursor, REACH};

/// The longest body that the reader accepts, in bytes. A longer one is refused with
/// [`Kind::TooLong`](crate::Kind).
///
/// A string may be kept twice, and offsets of kept strings must be positive as an `i32`.
pub const MAX_LEN: usize = 1 << 29;

/// The bytes of a response, with room for the reader to look past their end.
#[derive(Debug)]
pub struct Body {
    /// The body's bytes from `start` on, then at least [`REACH`] zeros.
    padded: Vec<u8>,
    /// Where the body begins, so that its address is a multiple of 16, as the addresses of JavaScript's byte
    /// arrays are. A processor takes up to fifty times as long to copy bytes whose target, modulo the size of
    /// a memory page, lies a few bytes behind their source.
    start: usize,
    len: usize,
}

impl Body {
    /// A body of `len` zero bytes, to be filled through [`bytes_mut`](Self::bytes_mut).
    #[must_use]
    pub fn with_len(len: usize) -> Self {
        const ALIGN: usize = 16;
        let padded = vec![0; ALIGN + len + REACH];
        let start = padded.as_ptr().align_offset(ALIGN).min(ALIGN);
        Self { padded, start, len }
    }

    /// The body's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.padded[self.start..][..self.len]
    }

    /// The body's bytes, to write to.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.padded[self.start..][..self.len]
    }

    /// The body's length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the body has no bytes at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The position after `offset` bytes, or the end if there are fewer.
    pub(crate) fn cursor(&self, offset: usize) -> Cursor<'_> {
        let from_here = &self.padded[self.start + offset.min(self.len)..];
        // SAFETY: the body's bytes and then REACH zeros follow `start`: `with_len` makes the vector that long
        // and `bytes_mut` gives only the body's bytes away. This position is within the body or at its end.
        unsafe { Cursor::new(NonNull::from(from_here).cast()) }
    }

    pub(crate) fn end(&self) -> Cursor<'_> {
        self.cursor(self.len)
    }

    /// The number of bytes before a position.
    pub(crate) fn offset(&self, at: Cursor) -> usize {
        self.index(at) - self.start
    }

    /// The bytes from one position to another.
    pub(crate) fn between(&self, start: Cursor, end: Cursor) -> &[u8] {
        let bytes = self.padded.get(self.index(start)..self.index(end));
        bytes.unwrap_or_default()
    }

    /// Where a position is in `padded`.
    fn index(&self, at: Cursor) -> usize {
        at.addr().wrapping_sub(self.padded.as_ptr().addr())
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
