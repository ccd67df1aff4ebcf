//! Statics of the one thread there is.

use std::cell::UnsafeCell;
use std::ops::Deref;

/// A static value. `thread_local!` would call a function through the table at every use.
pub struct Single<T>(pub T);

// SAFETY: the module is compiled without threads.
unsafe impl<T> Sync for Single<T> {}

impl<T> Deref for Single<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Single<UnsafeCell<T>> {
    /// A static that [`with`](Self::with) changes.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// What `run` gives for the value. It must not call JavaScript, which could call back. After a
    /// panic in it the value can still be read, unlike that of a `RefCell`.
    pub fn with<R>(&self, run: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: there is one thread, and `run` does not come here again.
        run(unsafe { &mut *self.0.get() })
    }
}
