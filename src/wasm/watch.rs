//! Watching, which `pkg/js/watch.js` does.

use super::trap::{self, Place};
use crate::watch;

/// See [`watch::wait`].
#[unsafe(export_name = "untilDue")]
pub extern "C" fn until_due(due: f64, visible: bool, now: f64) -> f64 {
    trap::point(Place::Watch);
    watch::wait(due, visible, now)
}

/// See [`watch::next`].
#[unsafe(export_name = "nextDue")]
pub extern "C" fn next_due(interval: u32, errors: u32, now: f64, retry_at: f64) -> f64 {
    watch::next(interval, errors, now, js_sys::Math::random(), retry_at)
}
