//! The bytes of a response, held so that the reader may look past their end.
//!
//! The reader looks at 16 bytes at a time and checks no bounds: [`PAD`] zero bytes follow the body,
//! and a zero byte ends every token, since JSON allows it nowhere.

use core::mem::MaybeUninit;

use crate::at::At;

/// Zero bytes kept behind the body. The farthest look ahead is 46 bytes (a UUID and what follows it).
pub(crate) const PAD: usize = 64;

/// The longest body that is read, in bytes; a longer one is refused with [`Kind::TooLong`](crate::Kind).
/// Offsets into the text that is kept, in which a string may stand twice, have one bit for something else.
pub const MAX_LEN: usize = 1 << 29;

/// The bytes of one response body.
#[derive(Debug, Clone)]
pub struct Body {
    padded: Vec<u8>,
}

impl Body {
    /// A body of `len` zero bytes, to be filled through [`bytes_mut`](Self::bytes_mut).
    pub fn with_len(len: usize) -> Self {
        Self {
            padded: vec![0; len + PAD],
        }
    }

    /// A body of `len` bytes, which `fill` writes. To write zeros first, as [`with_len`](Self::with_len)
    /// does, makes this take six times as long in Chromium.
    ///
    /// # Safety
    /// `fill` must write all of them.
    pub unsafe fn filled(len: usize, fill: impl FnOnce(&mut [MaybeUninit<u8>])) -> Self {
        let mut padded = Vec::with_capacity(len + PAD);
        fill(&mut padded.spare_capacity_mut()[..len]);
        // SAFETY: the caller says that all of them are written.
        unsafe { padded.set_len(len) };
        padded.into()
    }

    /// The body's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.padded[..self.len()]
    }

    /// The body's bytes, to write to.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let len = self.len();
        &mut self.padded[..len]
    }

    /// The body's length in bytes.
    pub fn len(&self) -> usize {
        self.padded.len() - PAD
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn start(&self) -> At {
        // SAFETY: PAD bytes follow the body.
        unsafe { At::new(self.padded.as_ptr()) }
    }

    pub(crate) fn end(&self) -> At {
        // SAFETY: within the body.
        unsafe { self.start().add(self.len()) }
    }
}

impl From<Vec<u8>> for Body {
    fn from(mut bytes: Vec<u8>) -> Self {
        bytes.resize(bytes.len() + PAD, 0);
        Self { padded: bytes }
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        let mut padded = Vec::with_capacity(bytes.len() + PAD);
        padded.extend_from_slice(bytes);
        padded.into()
    }
}
