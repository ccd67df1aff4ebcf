//! One limiter an origin, shared by every client.

use std::cell::{Cell, RefCell};

use super::single::Single;
use crate::limiter::{Limiter, Pace};

type Lane = (String, Limiter<()>);

static LANES: Single<RefCell<Vec<Lane>>> = Single(RefCell::new(Vec::new()));
/// When an instance before this one ended, and what it had counted was lost.
static LOST: Single<Cell<f64>> = Single(Cell::new(f64::NEG_INFINITY));

/// An instance before this one ended at `lost`.
pub fn start(lost: f64) {
    LOST.set(lost);
}

/// The number of an origin, which is counted from now on.
pub fn number(origin: &str) -> usize {
    let mut lanes = LANES.borrow_mut();
    let known = lanes.iter().position(|(known, _)| known == origin);
    known.unwrap_or_else(|| {
        lanes.push((origin.to_owned(), fresh()));
        lanes.len() - 1
    })
}

fn fresh() -> Limiter<()> {
    let mut limiter = Limiter::default();
    limiter.freeze(LOST.get() + Pace::DOCUMENTED.window);
    limiter
}

/// What `run` gives for the limiter of this number.
pub fn with<T>(lane: u32, run: impl FnOnce(&mut Limiter<()>) -> T) -> T {
    run(&mut LANES.borrow_mut()[lane as usize].1)
}

/// What a client's limit is as numbers: below zero the documented one, 0 none.
pub fn pace(requests: f64, window: f64) -> Option<Pace> {
    if requests < 0.0 {
        Some(Pace::DOCUMENTED)
    } else if requests == 0.0 {
        None
    } else {
        Some(Pace {
            requests: requests as u32,
            window,
        })
    }
}
