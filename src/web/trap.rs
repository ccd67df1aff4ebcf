//! Deliberate panics, for the tests of what a defect does to its callers. Only the feature `traps`
//! makes them possible; without it, [`point`] does nothing.

/// Where a panic can be asked for. Tests know the numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Place {
    /// An attempt of a call begins.
    Call = 0,
    /// A call asks whether it is its turn.
    Turn = 1,
    /// An answer is read.
    Answer = 2,
    /// An enumeration takes note of a page.
    Enumeration = 3,
    /// Watching asks what to do now.
    Watch = 4,
}

#[cfg(not(feature = "traps"))]
pub fn point(_: Place) {}

#[cfg(feature = "traps")]
pub use armed::point;

#[cfg(feature = "traps")]
mod armed {
    use std::cell::Cell;

    use wasm_bindgen::prelude::*;

    use super::Place;

    thread_local! {
        /// The place that is armed, and how often it is passed before it panics.
        static ARMED: Cell<Option<(u32, u32)>> = const { Cell::new(None) };
    }

    /// Has this instance panic at a place, once it was passed `skip` times.
    #[wasm_bindgen(js_name = armTrap, skip_typescript)]
    pub fn arm(place: u32, skip: u32) {
        ARMED.set(Some((place, skip)));
    }

    pub fn point(place: Place) {
        match ARMED.get() {
            Some((armed, 0)) if armed == place as u32 => panic!("a deliberate one"),
            Some((armed, skip)) if armed == place as u32 => ARMED.set(Some((armed, skip - 1))),
            _ => {}
        }
    }
}
