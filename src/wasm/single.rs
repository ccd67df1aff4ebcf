//! Statics of the one thread there is.

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
