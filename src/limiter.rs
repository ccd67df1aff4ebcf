//! The sliding window: who may start a request, and when.
//!
//! The server counts a request when it arrives, some time between our start and its answer. A
//! place is therefore taken from the start of a request and given back one window after its end,
//! the latest moment at which the server can have counted it. Whatever the latency does, no
//! window at the server ever holds more than the allowed number (`api/contract.md`, "Rate limit").
//!
//! A request without an answer has no such moment: [`STRAGGLE`] is added to its end.
//!
//! Places go to waiters in the order in which they joined. Only the waiter at the head of the
//! queue is told a time; the others are woken by the one before them.

use tsify::Tsify;

/// How many requests may start within how many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    pub requests: u32,
    pub window: f64,
}

impl Pace {
    /// 40 requests per 10 s and address (`api/contract.md`, "Rate limit").
    pub const DOCUMENTED: Self = Self {
        requests: 40,
        window: 10_000.0,
    };
}

/// How long a request whose end was not its answer may take to the server, in milliseconds.
pub const STRAGGLE: f64 = 1_000.0;

/// A waiter's number, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(pub usize);

/// What a waiter is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turn {
    /// Start now. The place is taken; say [`Limiter::finished`] when the request is over.
    Start,
    /// Ask again at this time.
    At(f64),
    /// Wait to be woken: others are ahead, or every place is held by a request under way.
    Later,
}

/// Why a waiter waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The window is full.
    Window,
    /// The server said 429.
    Cooldown,
}

/// The state of a rate limit.
#[derive(Clone, Debug, PartialEq, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    /// Requests that may start in one window; `Infinity` where pacing is off.
    pub limit: f64,
    /// Requests that could start now. 0 during a cooldown.
    pub remaining: f64,
    /// When the next place is given back, or the cooldown ends, in milliseconds since 1970; `null`
    /// where every place is free.
    #[tsify(type = "number | null")]
    pub reset_at: Option<f64>,
    /// Requests that wait for a place.
    pub queued: u32,
}

/// The requests to one origin. All times are in milliseconds of one monotonic clock.
#[derive(Debug)]
pub struct Limiter {
    /// Whether each ticket waits still, or has left or been told to start.
    queue: Vec<bool>,
    /// The ticket of the first place in the queue.
    first: usize,
    /// The place of the first waiter. So many places are in vain, at most as many as are not.
    head: usize,
    waiting: usize,
    /// Requests under way.
    running: u32,
    /// Ends of requests, oldest first; those that are out of every window are dropped at times.
    ended: Vec<f64>,
    longest_window: f64,
    frozen_until: f64,
    /// When another limiter of the same origin was lost with all that it had counted.
    lost: f64,
}

impl Default for Limiter {
    fn default() -> Self {
        Self::after(f64::NEG_INFINITY)
    }
}

impl Limiter {
    /// A limiter for requests after another one was lost at `lost`: all of a window may have started
    /// just before.
    #[must_use]
    pub fn after(lost: f64) -> Self {
        Self {
            queue: Vec::new(),
            first: 1,
            head: 0,
            waiting: 0,
            running: 0,
            ended: Vec::new(),
            longest_window: Pace::DOCUMENTED.window,
            frozen_until: f64::NEG_INFINITY,
            lost,
        }
    }

    /// Joins the queue.
    pub fn join(&mut self) -> Ticket {
        self.queue.push(true);
        self.waiting += 1;
        Ticket(self.first + self.queue.len() - 1)
    }

    /// Asks for a place. After [`Turn::Start`] the waiter has left the queue: wake [`Self::head`].
    pub fn poll(&mut self, ticket: Ticket, pace: Pace, now: f64) -> Turn {
        self.longest_window = self.longest_window.max(pace.window);
        if self.head() != Some(ticket) {
            return Turn::Later;
        }
        let frozen_until = self.frozen_until(pace);
        if now < frozen_until {
            return Turn::At(frozen_until);
        }
        let past = self.past(pace.window, now);
        let used = self.used(past);
        if used < pace.requests {
            self.leave(ticket);
            self.running += 1;
            return Turn::Start;
        }
        // One place is free as soon as all but `requests - 1` of those taken are given back.
        match self.ended.get(past + (used - pace.requests) as usize) {
            Some(end) => Turn::At(end + pace.window),
            None => Turn::Later,
        }
    }

    /// Leaves the queue without having started. True if that was the head: wake the next one.
    pub fn leave(&mut self, ticket: Ticket) -> bool {
        let place = self.place(ticket);
        match self.queue.get_mut(place) {
            Some(waits) if *waits => *waits = false,
            _ => return false,
        }
        self.waiting -= 1;
        let was_head = place == self.head;
        while let Some(false) = self.queue.get(self.head) {
            self.head += 1;
        }
        if self.head > self.queue.len() / 2 {
            self.queue.copy_within(self.head.., 0);
            self.queue.truncate(self.queue.len() - self.head);
            self.first += self.head;
            self.head = 0;
        }
        was_head
    }

    /// The waiter whose turn comes next.
    #[must_use]
    pub fn head(&self) -> Option<Ticket> {
        self.queue.get(self.head)?;
        Some(Ticket(self.first + self.head))
    }

    /// A request that was told to start is over. Without an answer, because it was aborted or timed
    /// out, it may be on its way to the server still: it counts as if it had ended [`STRAGGLE`] later.
    /// Wake [`Self::head`].
    pub fn finished(&mut self, now: f64, answered: bool) {
        self.running -= 1;
        let past = self.past(self.longest_window, now);
        if past > self.ended.len() / 2 {
            self.ended.copy_within(past.., 0);
            self.ended.truncate(self.ended.len() - past);
        }
        let end = if answered { now } else { now + STRAGGLE };
        self.ended.push(end);
        let mut place = self.ended.len() - 1;
        while place > 0 && self.ended[place - 1] > end {
            self.ended.swap(place - 1, place);
            place -= 1;
        }
    }

    /// A request that takes no turn (`rateLimit: false`) is counted all the same, for the others.
    pub fn uninvited(&mut self) {
        self.running += 1;
    }

    /// The server refused with 429: nobody starts before `until`.
    pub fn freeze(&mut self, until: f64) {
        self.frozen_until = self.frozen_until.max(until);
    }

    /// Whether a cooldown or the window keeps waiters back.
    #[must_use]
    pub fn reason(&self, now: f64) -> Reason {
        if now < self.frozen_until {
            Reason::Cooldown
        } else {
            Reason::Window
        }
    }

    /// How many requests could start now, when the next place is given back (`None`: no place is
    /// taken), and how many waiters there are.
    #[must_use]
    pub fn status(&self, pace: Pace, now: f64) -> (u32, Option<f64>, usize) {
        let past = self.past(pace.window, now);
        let frozen_until = self.frozen_until(pace);
        if now < frozen_until {
            return (0, Some(frozen_until), self.waiting);
        }
        let back = match self.ended.get(past) {
            Some(end) => Some(end + pace.window),
            None if self.running > 0 => Some(now + pace.window),
            None => None,
        };
        let free = pace.requests.saturating_sub(self.used(past));
        (free, back, self.waiting)
    }

    /// When the waiter will probably start, if requests under way end now.
    #[must_use]
    pub fn estimate(&self, ticket: Ticket, pace: Pace, now: f64) -> f64 {
        // Whoever asks has joined just now: few are behind.
        let behind = self.queue.get(self.place(ticket)..).unwrap_or_default();
        let ahead = self.waiting - behind.iter().filter(|waits| **waits).count();
        let start = now.max(self.frozen_until(pace));
        let past = self.past(pace.window, start);
        let free = pace.requests.saturating_sub(self.used(past)) as usize;
        if ahead < free {
            return start;
        }
        // The places come back in this order, and then again a window later.
        let requests = pace.requests as usize;
        let (round, slot) = ((ahead - free) / requests, (ahead - free) % requests);
        let end = self.ended.get(past + slot).unwrap_or(&start);
        end + pace.window * (round + 1) as f64
    }

    fn frozen_until(&self, pace: Pace) -> f64 {
        self.frozen_until.max(self.lost + pace.window)
    }

    /// The place in the queue; after all others where the ticket is of the past.
    fn place(&self, ticket: Ticket) -> usize {
        ticket.0.wrapping_sub(self.first)
    }

    /// How many of the ends are over for longer than a window: their places are given back.
    fn past(&self, window: f64, now: f64) -> usize {
        self.ended.partition_point(|end| *end + window <= now)
    }

    /// Places that are taken, where so many ends are past.
    fn used(&self, past: usize) -> u32 {
        self.running + (self.ended.len() - past) as u32
    }
}
