//! The state of the emulated API.

use std::time::Duration;

use time::OffsetDateTime;

use crate::fault::Faults;
use crate::limit::Limiter;
use crate::log::Log;
use crate::runners::{Runners, Stamp};
use crate::schedule::Schedule;
use crate::settings::{Settings, Timestamps};

/// The emulated API and its state.
///
/// The caller passes how much time has `elapsed` since it made the emulator. That time must never go
/// back. A host with a virtual clock always passes zero and moves the clock with
/// [`Emulator::advance`].
#[derive(Debug)]
pub struct Emulator {
    initial_settings: Settings,
    initial_runners: Runners,
    /// The date and time at zero elapsed.
    started_at: OffsetDateTime,
    /// How far the clock was moved ahead of the elapsed time.
    advanced: Duration,
    /// How the API behaves.
    pub settings: Settings,
    /// Every runner, listed or not.
    pub runners: Runners,
    /// Changes that wait for a list request.
    pub schedule: Schedule,
    /// Faults that wait for a request.
    pub faults: Faults,
    /// The rate limiter.
    pub limiter: Limiter,
    /// The requests so far, and statistics about them.
    pub log: Log,
}

impl Emulator {
    /// An emulator with these runners, whose clock shows `started_at` when no time has elapsed.
    pub fn new(settings: Settings, runners: Runners, started_at: OffsetDateTime) -> Self {
        Emulator {
            initial_settings: settings.clone(),
            initial_runners: runners.clone(),
            started_at,
            advanced: Duration::ZERO,
            settings,
            runners,
            schedule: Schedule::default(),
            faults: Faults::default(),
            limiter: Limiter::default(),
            log: Log::default(),
        }
    }

    /// Goes back to the start, or to these runners. The clock keeps its time, and requests that are
    /// still open stay counted as open.
    pub fn reset(&mut self, runners: Option<Runners>) {
        self.settings = self.initial_settings.clone();
        self.runners = runners.unwrap_or_else(|| self.initial_runners.clone());
        self.schedule = Schedule::default();
        self.faults = Faults::default();
        self.limiter = Limiter::default();
        self.log.clear();
    }

    /// Moves the clock forward, for limits and timestamps.
    pub fn advance(&mut self, by: Duration) {
        self.advanced = self.advanced.saturating_add(by);
    }

    /// The time on the emulator's clock since its start.
    pub fn now(&self, elapsed: Duration) -> Duration {
        elapsed.saturating_add(self.advanced)
    }

    /// The date and time on the emulator's clock.
    pub fn date(&self, elapsed: Duration) -> OffsetDateTime {
        self.started_at.saturating_add(
            time::Duration::try_from(self.now(elapsed)).unwrap_or(time::Duration::MAX),
        )
    }

    /// The timestamp of a runner that is added or changed now.
    pub fn stamp(&self, elapsed: Duration) -> Stamp {
        match self.settings.timestamps {
            Timestamps::Calendar => Stamp::NextTick,
            Timestamps::Clock => Stamp::At(self.date(elapsed)),
        }
    }
}
