//! Simulates clients, a network and a clock around one limiter. All events are planned beforehand.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use comfycontrol_runners::limiter::{
    ABORTED_GRACE_MS, End, LATE_GRACE_MS, Limiter, Priority, Slot, Ticket, Turn,
};
use comfycontrol_runners::pace::Pace;

/// How a client ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// It gets an answer.
    Answered,
    /// Its request is aborted, or times out.
    Unanswered,
    /// It leaves the queue after so many milliseconds, unless it has started by then.
    Leaves(f64),
    /// It runs no more code after so many polls.
    VanishesWaiting(u32),
    /// It runs no more code once its request has started.
    VanishesRunning,
}

/// A call.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    pub joins_at: f64,
    /// How long its request takes, if it ends. Less than the lease.
    pub takes_ms: f64,
    /// How late its timers are.
    pub late_ms: f64,
    pub fate: Fate,
    /// When the server counts the request: 0 is the earliest moment possible, 1 the latest.
    pub counted: f64,
}

/// The server asks for a pause of this many milliseconds, whatever the clients do.
#[derive(Clone, Copy, Debug)]
pub struct CoolDown(pub f64);

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The index of its client.
    pub client: usize,
    pub started_at: f64,
    /// The latest moment at which the server can have counted it.
    pub ended_at: f64,
    pub counted_at: f64,
}

/// The result of a simulation.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In the order in which they started.
    pub requests: Vec<Request>,
    pub polls: usize,
}

pub const LEASE_MS: f64 = 4_000.0;

#[derive(Clone, Copy, Debug)]
enum Event {
    Join(usize),
    Poll(usize),
    Leave(usize),
    Finish(usize),
    CoolDown(CoolDown),
}

struct Simulation<'a> {
    pace: Pace,
    clients: &'a [Client],
    limiter: Limiter,
    tickets: Vec<Option<Ticket>>,
    /// How often each has polled.
    polls: Vec<u32>,
    /// When the next poll of each that waits is due.
    due_at: Vec<Option<f64>>,
    slots: Vec<Option<Slot>>,
    /// The time, as the bits of a positive number; the order in which they were made; what happens.
    events: BinaryHeap<Reverse<(u64, usize)>>,
    made: Vec<Event>,
    cools_until: f64,
    outcome: Outcome,
}

/// Runs until all events are over. Panics if a waiter starts before those ahead of it have a free slot, if
/// one starts during a cooldown, or if a wait does not end.
pub fn simulate(pace: Pace, clients: &[Client], cooldowns: &[(f64, CoolDown)]) -> Outcome {
    let none = |_: &Client| None;
    let mut simulation = Simulation {
        pace,
        clients,
        limiter: Limiter::default(),
        tickets: clients.iter().map(|_| None).collect(),
        polls: vec![0; clients.len()],
        due_at: clients.iter().map(none).collect(),
        slots: clients.iter().map(|_| None).collect(),
        events: BinaryHeap::new(),
        made: Vec::new(),
        cools_until: 0.0,
        outcome: Outcome::default(),
    };
    for (index, client) in clients.iter().enumerate() {
        simulation.at(client.joins_at, Event::Join(index));
    }
    for (time, cooldown) in cooldowns {
        simulation.at(*time, Event::CoolDown(*cooldown));
    }
    while let Some(Reverse((time, number))) = simulation.events.pop() {
        simulation.happens(f64::from_bits(time), simulation.made[number]);
    }
    simulation.outcome
}

impl Simulation<'_> {
    fn at(&mut self, time: f64, event: Event) {
        self.events.push(Reverse((time.to_bits(), self.made.len())));
        self.made.push(event);
    }

    fn happens(&mut self, time: f64, event: Event) {
        // The limiter's clock may start at any value.
        let now = 1e9 + time;
        match event {
            Event::Join(index) => {
                self.tickets[index] = Some(self.limiter.join(Priority::Normal, now));
                if let Fate::Leaves(after_ms) = self.clients[index].fate {
                    self.at(time + after_ms, Event::Leave(index));
                }
                if self.clients[index].fate != Fate::VanishesWaiting(0) {
                    self.poll(index, time, now);
                }
            }
            Event::Poll(index) => self.poll(index, time, now),
            Event::Leave(index) => {
                if let Some(ticket) = self.tickets[index].take() {
                    self.limiter.leave(ticket);
                    self.due_at[index] = None;
                }
            }
            Event::Finish(index) => {
                if let Some(slot) = self.slots[index].take() {
                    let end = match self.clients[index].fate {
                        Fate::Unanswered => End::Unanswered,
                        _ => End::Answered,
                    };
                    self.limiter.finish(slot, end, now);
                }
            }
            Event::CoolDown(CoolDown(pause_ms)) => {
                self.limiter.cool_down(now + pause_ms, now);
                self.cools_until = self.cools_until.max(time + pause_ms);
            }
        }
    }

    fn poll(&mut self, index: usize, time: f64, now: f64) {
        let Some(ticket) = self.tickets[index] else {
            return;
        };
        self.outcome.polls += 1;
        assert!(self.outcome.polls < 1_000_000, "the waiting does not end");
        self.polls[index] += 1;
        let client = self.clients[index];
        match self.limiter.poll(ticket, self.pace, LEASE_MS, now) {
            Turn::Start(slot) => {
                self.due_at[index] = None;
                self.tickets[index] = None;
                self.check_start(index, time);
                self.start(index, time);
                self.slots[index] = Some(slot);
            }
            Turn::Wait {
                poll_at, start_at, ..
            } => {
                assert!(now < poll_at && poll_at <= start_at);
                if client.fate == Fate::VanishesWaiting(self.polls[index]) {
                    self.due_at[index] = None;
                    return;
                }
                // Like a timer of a host: whole milliseconds, and possibly late.
                let due_at = time + (poll_at - now);
                self.due_at[index] = Some(due_at);
                let wait_ms = (poll_at - now).ceil().max(1.0) + client.late_ms;
                self.at(time + wait_ms, Event::Poll(index));
            }
            Turn::Refused { until } => panic!("refused until {until}"),
        }
    }

    fn start(&mut self, index: usize, time: f64) {
        let client = self.clients[index];
        let ended_at = time
            + match client.fate {
                Fate::VanishesRunning => LEASE_MS,
                Fate::Unanswered => client.takes_ms + ABORTED_GRACE_MS,
                _ => client.takes_ms,
            };
        if client.fate != Fate::VanishesRunning {
            self.at(time + client.takes_ms, Event::Finish(index));
        }
        self.outcome.requests.push(Request {
            client: index,
            started_at: time,
            ended_at,
            counted_at: time + (ended_at - time) * client.counted,
        });
    }

    /// Whether those who wait ahead, and are not too late, have a free slot, too.
    fn check_start(&self, index: usize, time: f64) {
        assert!(time >= self.cools_until, "started during a cooldown");
        let is_held = |request: &&Request| request.ended_at + self.pace.window_ms > time;
        let held = self.outcome.requests.iter().filter(is_held).count();
        let order = |index: usize| (self.clients[index].joins_at, index);
        let waits = |other: usize| self.due_at[other].is_some_and(|at| at + LATE_GRACE_MS > time);
        let waits_ahead = |other: &usize| order(*other) < order(index) && waits(*other);
        let ahead = (0..self.clients.len()).filter(waits_ahead).count();
        assert!(
            held + ahead < self.pace.requests as usize,
            "client {index} started with {held} slots held and {ahead} waiting ahead"
        );
    }
}

impl Outcome {
    /// The fullest window at the server.
    pub fn fullest(&self, window_ms: f64) -> usize {
        let mut counted: Vec<f64> = self.requests.iter().map(|one| one.counted_at).collect();
        counted.sort_by(f64::total_cmp);
        let in_window = |(index, from): (usize, &f64)| {
            let before_end = |time: &f64| *time < from + window_ms;
            counted.partition_point(before_end) - index
        };
        counted
            .iter()
            .enumerate()
            .map(in_window)
            .max()
            .unwrap_or_default()
    }

    /// When the request of each client started.
    pub fn starts(&self, clients: usize) -> Vec<f64> {
        let mut starts = vec![f64::NAN; clients];
        for request in &self.requests {
            starts[request.client] = request.started_at;
        }
        starts
    }

    /// When the last request started.
    pub fn last_start(&self) -> f64 {
        self.requests.last().map_or(0.0, |last| last.started_at)
    }
}
