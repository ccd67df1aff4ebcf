//! A growing array that is written in pieces of a fixed size.
//!
//! `Vec::extend_from_slice` copies as many items as the running program says, which takes a call, and the fast
//! path would make a dozen such calls for each row. A [`Buffer`] instead has room for `ROOM` more items at any
//! time. Its caller writes them with a few instructions, and then says how many of them count.

/// A growing array with room for `ROOM` more items.
#[derive(Debug)]
pub(crate) struct Buffer<T, const ROOM: usize> {
    /// The items that count, and at least `ROOM` more.
    items: Vec<T>,
    len: usize,
}

impl<T: Copy + Default, const ROOM: usize> Buffer<T, ROOM> {
    /// An empty array with room for so many items.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            items: vec![T::default(); capacity.max(ROOM)],
            len: 0,
        }
    }

    /// How many items count.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The items behind those that count.
    #[inline(always)]
    pub(crate) fn room(&mut self) -> &mut [T; ROOM] {
        let room = self.items.get_mut(self.len..);
        match room.and_then(|room| room.first_chunk_mut()) {
            Some(room) => room,
            None => unreachable!("each method leaves room"),
        }
    }

    /// Makes `count` more items count, at most `ROOM`.
    #[inline(always)]
    pub(crate) fn keep(&mut self, count: usize) {
        self.len += count.min(ROOM);
        if self.items.len() < self.len + ROOM {
            self.grow(self.len);
        }
    }

    /// Adds an item.
    #[inline(always)]
    pub(crate) fn push(&mut self, item: T) {
        const { assert!(ROOM > 0) };
        self.room()[0] = item;
        self.keep(1);
    }

    /// Adds items.
    pub(crate) fn extend(&mut self, items: &[T]) {
        let len = self.len + items.len();
        if self.items.len() < len + ROOM {
            self.grow(len);
        }
        self.items[self.len..len].copy_from_slice(items);
        self.len = len;
    }

    /// Makes only the first `len` items count.
    #[inline(always)]
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Makes room behind the first `len` items.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, len: usize) {
        self.items.resize(2 * len + ROOM, T::default());
    }

    /// The items that count.
    pub(crate) fn as_slice(&self) -> &[T] {
        self.items.get(..self.len).unwrap_or_default()
    }

    /// The items that count, to change them.
    #[inline(always)]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        self.items.get_mut(..self.len).unwrap_or_default()
    }

    /// The items that count.
    pub(crate) fn into_vec(mut self) -> Vec<T> {
        self.items.truncate(self.len);
        self.items
    }
}
