//! Deliberate panics, for tests of what a defect does to callers. They need the feature `traps`; without
//! it, [`point`] does nothing.

/// Where a test can cause a panic. The tests use the numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum TrapPoint {
    /// A call begins an attempt.
    Call = 0,
    /// A call polls the limiter.
    Turn = 1,
    /// A call reads an answer.
    Answer = 2,
    /// An enumeration records an answer.
    Enumeration = 3,
    /// A watch begins a reading.
    Watch = 4,
}

#[cfg(not(feature = "traps"))]
pub fn point(_: TrapPoint) {}

#[cfg(feature = "traps")]
pub use armed::point;

#[cfg(feature = "traps")]
mod armed {
    use std::cell::Cell;

    use wasm_bindgen::prelude::*;

    use super::TrapPoint;

    thread_local! {
        /// The armed point, and how often to pass it before the panic.
        static ARMED: Cell<Option<(u32, u32)>> = const { Cell::new(None) };
    }

    /// Makes this instance panic at a point, after passing it `skip` times.
    #[wasm_bindgen(js_name = armTrap, skip_typescript)]
    pub fn arm(point: u32, skip: u32) {
        ARMED.set(Some((point, skip)));
    }

    pub fn point(point: TrapPoint) {
        match ARMED.get() {
            Some((armed, 0)) if armed == point as u32 => panic!("a deliberate panic"),
            Some((armed, skip)) if armed == point as u32 => ARMED.set(Some((armed, skip - 1))),
            _ => {}
        }
    }
}
