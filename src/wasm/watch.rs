//! Watching, which `pkg/js/watch.js` does.

use wasm_bindgen::prelude::*;

use super::Core;
use super::trap::{self, Place};
use crate::watch;

#[wasm_bindgen]
impl Core {
    /// See [`watch::wait`].
    #[wasm_bindgen(js_name = untilDue)]
    pub fn until_due(due: f64, visible: bool, now: f64) -> f64 {
        trap::point(Place::Watch);
        watch::wait(due, visible, now)
    }

    /// See [`watch::next`].
    #[wasm_bindgen(js_name = nextDue)]
    pub fn next_due(interval: u32, errors: u32, now: f64, retry_at: f64) -> f64 {
        watch::next(interval, errors, now, js_sys::Math::random(), retry_at)
    }
}
