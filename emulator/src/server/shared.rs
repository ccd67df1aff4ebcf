//! The emulator and its clock, shared by all connections.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::emulator::Emulator;
use crate::reply::Reply;
use crate::request::Request;

/// Where the server's time comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// Time passes by itself.
    #[default]
    Real,
    /// Time passes only when the control interface says so.
    Virtual,
}

pub struct Shared {
    emulator: Mutex<Emulator>,
    clock: Clock,
    started: Instant,
}

impl Shared {
    pub fn new(emulator: Emulator, clock: Clock) -> Self {
        Shared {
            emulator: Mutex::new(emulator),
            clock,
            started: Instant::now(),
        }
    }

    pub fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.emulator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request. The time is read under the lock, so that it never goes back.
    pub fn handle(&self, request: &Request) -> Reply {
        let mut emulator = self.emulator();
        let elapsed = match self.clock {
            Clock::Real => self.started.elapsed(),
            Clock::Virtual => Duration::ZERO,
        };
        emulator.handle(request, elapsed)
    }
}
