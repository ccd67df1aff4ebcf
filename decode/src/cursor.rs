//! Positions in a body, from which 64 bytes can be read at any time.
//!
//! The reader looks ahead, often by sixteen bytes at once, and could check at each look whether the body goes
//! on that far. Instead, [`REACH`] zero bytes follow each body, and a [`Cursor`] never leaves the body. So
//! looking ahead by up to [`REACH`] bytes is always in bounds, and only moving a cursor needs care.
//!
//! Moving needs no check either. A zero byte follows the body, so a cursor that steps only over bytes that are
//! not zero stops at the end of the body at the latest. That costs nothing, because JSON never allows a zero
//! byte: code that has found a digit, a quote or white space knows that the byte is not zero.

use core::marker::PhantomData;
use core::ptr::NonNull;

use crate::lanes::Lanes;

/// How many bytes can be read from a cursor, and how many zeros follow a body.
pub(crate) const REACH: usize = 64;

/// A position in a body, at most its end.
///
/// It is never null, so an `Option` of it takes one register.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor<'a>(NonNull<u8>, PhantomData<&'a [u8]>);

impl<'a> Cursor<'a> {
    /// # Safety
    ///
    /// `start` must point into a sequence of bytes that can be read as long as `'a` and end in [`REACH`]
    /// zeros, and not behind the first of these zeros.
    pub(crate) unsafe fn new(start: NonNull<u8>) -> Self {
        Self(start, PhantomData)
    }

    /// The address of the position.
    pub(crate) fn addr(self) -> usize {
        self.0.addr().get()
    }

    /// `N` bytes from `START` bytes further on.
    #[inline(always)]
    pub(crate) fn bytes_at<const START: usize, const N: usize>(self) -> &'a [u8; N] {
        const { assert!(START + N <= REACH) };
        // SAFETY: these bytes are among the REACH bytes that can be read from any cursor (see `new`), as the
        // compiler checks.
        unsafe { self.0.add(START).cast().as_ref() }
    }

    /// The byte here; zero at the end of the body.
    #[inline(always)]
    pub(crate) fn byte(self) -> u8 {
        self.bytes_at::<0, 1>()[0]
    }

    /// The byte `n` bytes further; zero from [`REACH`] on.
    #[inline(always)]
    pub(crate) fn byte_at(self, n: usize) -> u8 {
        let bytes = self.bytes_at::<0, REACH>();
        if n < REACH { bytes[n] } else { 0 }
    }

    /// Sixteen bytes from `START` bytes further on.
    #[inline(always)]
    pub(crate) fn lanes_at<const START: usize>(self) -> Lanes {
        Lanes::load(self.bytes_at::<START, 16>())
    }

    /// The position `n` bytes further.
    ///
    /// # Safety
    ///
    /// None of the next `n` bytes may be zero.
    #[inline(always)]
    pub(crate) unsafe fn skip(self, n: usize) -> Self {
        // SAFETY: the first of the zeros behind the body is not among these bytes, so this position is not
        // behind it.
        unsafe { Self::new(self.0.add(n)) }
    }

    /// The position behind this byte, if it is here.
    #[inline(always)]
    pub(crate) fn after(self, byte: u8) -> Option<Self> {
        self.after_if(|here| here == byte)
    }

    /// The position behind the byte here, if it is not zero and `is_valid`.
    #[inline(always)]
    pub(crate) fn after_if(self, is_valid: impl FnOnce(u8) -> bool) -> Option<Self> {
        let here = self.byte();
        if here != 0 && is_valid(here) {
            // SAFETY: the byte here is not zero.
            Some(unsafe { self.skip(1) })
        } else {
            None
        }
    }

    /// The first position from here on that is no white space.
    #[inline(always)]
    pub(crate) fn after_space(self) -> Self {
        if self.byte() > b' ' {
            self
        } else {
            self.after_run(Lanes::spaces_len)
        }
    }

    /// The first position from here on that is not ASCII text, see [`Lanes::ascii_text_len`].
    pub(crate) fn after_ascii_text(self) -> Self {
        self.after_run(Lanes::ascii_text_len)
    }

    /// The first position from here on that is not text, see [`Lanes::text_len`].
    pub(crate) fn after_text(self) -> Self {
        self.after_run(Lanes::text_len)
    }

    /// The end of the run that `run_len` counts, sixteen lanes at a time. It must not count zeros.
    #[inline(never)]
    fn after_run(mut self, run_len: impl Fn(Lanes) -> usize) -> Self {
        loop {
            let len = run_len(self.lanes_at::<0>());
            // SAFETY: white space, ASCII text and text have no zeros.
            self = unsafe { self.skip(len) };
            if len < 16 {
                return self;
            }
        }
    }
}
