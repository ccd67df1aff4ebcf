//! The sliding window of an origin, with a virtual clock.

mod clock;
mod cooldown;
mod lapses;
mod priority;
mod properties;
mod queue;
mod simulation;
mod slots;
mod status;

use comfycontrol_runners::limiter::{Limiter, Priority, Slot, Ticket, Turn};
use comfycontrol_runners::pace::Pace;

const PACE: Pace = Pace::DOCUMENTED;
/// The lease of a request with the default time-out.
const LEASE_MS: f64 = 11_000.0;

const fn pace(requests: u32, window_ms: f64) -> Pace {
    Pace {
        requests,
        window_ms,
    }
}

fn join(limiter: &mut Limiter, count: usize, now: f64) -> Vec<Ticket> {
    (0..count)
        .map(|_| limiter.join(Priority::Normal, now))
        .collect()
}

/// Starts the request of a waiter, whose turn it must be.
#[track_caller]
fn start(limiter: &mut Limiter, ticket: Ticket, pace: Pace, now: f64) -> Slot {
    match limiter.poll(ticket, pace, LEASE_MS, now) {
        Turn::Start(slot) => slot,
        turn => panic!("it should start at {now}, not {turn:?}"),
    }
}

/// Joins the queue and starts a request at once.
#[track_caller]
fn start_another(limiter: &mut Limiter, pace: Pace, now: f64) -> Slot {
    let ticket = limiter.join(Priority::Normal, now);
    start(limiter, ticket, pace, now)
}

/// When a waiter should poll again, and when it will probably start.
#[track_caller]
fn wait(limiter: &mut Limiter, ticket: Ticket, pace: Pace, now: f64) -> (f64, f64) {
    match limiter.poll(ticket, pace, LEASE_MS, now) {
        Turn::Wait {
            poll_at, start_at, ..
        } => {
            assert!(now < poll_at && poll_at <= start_at, "{poll_at} {start_at}");
            (poll_at, start_at)
        }
        turn => panic!("it should wait at {now}, not {turn:?}"),
    }
}
