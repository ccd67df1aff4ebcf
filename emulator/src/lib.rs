//! The documented ComfyControl API, small enough to run anywhere: a request and the time go in, an
//! answer and the way to deliver it come out.
//!
//! Nothing here but [`server`] reads a clock or touches a socket, so a test can drive an
//! [`Emulator`] with its own time:
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use comfycontrol_emulator::{Emulator, Request, Settings};
//!
//! let mut emulator = Emulator::new(Settings::default(), 250, SystemTime::UNIX_EPOCH);
//! let request = Request::get("/v1/managed-runner?page=3&per_page=100")
//!     .with("authorization", "Bearer cfc_demo");
//! let reply = emulator.handle(&request, Duration::ZERO);
//! assert_eq!(reply.status, 200);
//! ```
//!
//! The program around it, its options and the control interface are described in the README.

#![warn(missing_docs)]

pub mod api;
pub mod auth;
pub mod changes;
pub mod control;
pub mod fault;
pub mod fleet;
pub mod limit;
pub mod log;
pub mod reply;
pub mod request;
pub mod runners;
pub mod server;
pub mod settings;

use std::time::{Duration, SystemTime};

pub use auth::Tier;
pub use limit::Rule;
pub use reply::{Delivery, End, Place, Reply};
pub use request::Request;
pub use settings::{RetryAfter, Settings};

use changes::Schedule;
use fault::Faults;
use limit::Limit;
use log::Log;
use runners::Runners;

/// The whole API and its state. Times are measured from its start and never go back.
#[derive(Debug)]
pub struct Emulator {
    /// What it was told at the start; a reset goes back to it.
    initial: (Settings, usize),
    /// The wall clock at time zero, for `Retry-After` dates.
    started_at: SystemTime,
    /// How it behaves.
    pub settings: Settings,
    /// Every runner there is.
    pub runners: Runners,
    /// Changes to the runners that wait for their list request.
    pub schedule: Schedule,
    /// What goes wrong with the next requests.
    pub faults: Faults,
    /// The rate limiter.
    pub limit: Limit,
    /// What was asked, and how it ended.
    pub log: Log,
}

impl Emulator {
    /// An emulator with `runners` active runners; `started_at` is the wall clock at time zero.
    pub fn new(settings: Settings, runners: usize, started_at: SystemTime) -> Self {
        Emulator {
            initial: (settings.clone(), runners),
            started_at,
            settings,
            runners: Runners::fleet(runners),
            schedule: Schedule::default(),
            faults: Faults::default(),
            limit: Limit::default(),
            log: Log::default(),
        }
    }

    /// Answers a request that arrives at `now`: the control interface or the API.
    pub fn handle(&mut self, request: &Request, now: Duration) -> Reply {
        if request.path.starts_with(control::PREFIX) {
            control::handle(self, request, now)
        } else {
            api::handle(self, request, now)
        }
    }

    /// Everything as at the start, with another number of active runners if one is given. Only
    /// what the log knows to be open stays counted.
    pub fn reset(&mut self, runners: Option<usize>) {
        let (settings, initial_runners) = self.initial.clone();
        self.settings = settings;
        self.runners = Runners::fleet(runners.unwrap_or(initial_runners));
        self.schedule = Schedule::default();
        self.faults = Faults::default();
        self.limit = Limit::default();
        self.log.clear();
    }
}
