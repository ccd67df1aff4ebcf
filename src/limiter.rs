//! The sliding window: who may start a request, and when.
//!
//! The server counts a request when it arrives, some time between our start and its answer. A
//! place is therefore taken from the start of a request and given back one window after its end,
//! the latest moment at which the server can have counted it. Whatever the latency does, no
//! window at the server ever holds more than the allowed number (`api/contract.md`, "Rate limit").
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

/// A waiter's number; later ones are larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

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
    queue: Vec<Ticket>,
    tickets: u64,
    /// Requests under way.
    running: u32,
    /// Ends of requests, oldest first; those that are out of every window are dropped.
    ended: Vec<f64>,
    longest_window: f64,
    frozen_until: f64,
}

impl Default for Limiter {
    fn default() -> Self {
        Self {
            queue: Vec::new(),
            tickets: 0,
            running: 0,
            ended: Vec::new(),
            longest_window: Pace::DOCUMENTED.window,
            frozen_until: f64::NEG_INFINITY,
        }
    }
}

impl Limiter {
    /// Joins the queue.
    pub fn join(&mut self) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.queue.push(ticket);
        ticket
    }

    /// Asks for a place. After [`Turn::Start`] the waiter has left the queue: wake [`Self::head`].
    pub fn poll(&mut self, ticket: Ticket, pace: Pace, now: f64) -> Turn {
        self.longest_window = self.longest_window.max(pace.window);
        self.forget(now);
        if self.queue.first() != Some(&ticket) {
            return Turn::Later;
        }
        if now < self.frozen_until {
            return Turn::At(self.frozen_until);
        }
        if self.used(pace, now) < pace.requests {
            self.queue.remove(0);
            self.running += 1;
            return Turn::Start;
        }
        // One place is free as soon as all but `requests - 1` of those taken are given back.
        let surplus = (self.used(pace, now) - pace.requests) as usize;
        let mut recent = self.ended.iter().filter(|end| **end + pace.window > now);
        match recent.nth(surplus) {
            Some(end) => Turn::At(end + pace.window),
            None => Turn::Later,
        }
    }

    /// Leaves the queue without having started. True if that was the head: wake the next one.
    pub fn leave(&mut self, ticket: Ticket) -> bool {
        let found = self.queue.binary_search(&ticket);
        if let Ok(place) = found {
            self.queue.remove(place);
        }
        found == Ok(0)
    }

    /// The waiter whose turn comes next.
    #[must_use]
    pub fn head(&self) -> Option<Ticket> {
        self.queue.first().copied()
    }

    /// A request that was told to start is over, whatever came of it. Wake [`Self::head`].
    pub fn finished(&mut self, now: f64) {
        self.running -= 1;
        // Where nobody waits for a turn, nobody else forgets.
        if self.ended.len() == self.ended.capacity() {
            self.forget(now);
        }
        self.ended.push(now);
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
        let frozen = now < self.frozen_until;
        let free = pace.requests.saturating_sub(self.used(pace, now));
        let back = if frozen {
            Some(self.frozen_until)
        } else {
            let mut recent = self.ended.iter().map(|end| end + pace.window);
            let next = recent.find(|back| *back > now);
            next.or((self.running > 0).then_some(now + pace.window))
        };
        (if frozen { 0 } else { free }, back, self.queue.len())
    }

    /// When the waiter will probably start, if requests under way end now.
    #[must_use]
    pub fn estimate(&self, ticket: Ticket, pace: Pace, now: f64) -> f64 {
        let place = self.queue.partition_point(|other| *other < ticket);
        let start = now.max(self.frozen_until);
        let free = pace.requests.saturating_sub(self.used(pace, start)) as usize;
        if place < free {
            return start;
        }
        // The places come back in this order, and then again a window later.
        let mut back: Vec<f64> = (self.ended.iter())
            .map(|end| end + pace.window)
            .filter(|back| *back > start)
            .collect();
        back.resize(pace.requests as usize, start + pace.window);
        let (round, slot) = ((place - free) / back.len(), (place - free) % back.len());
        back[slot] + pace.window * round as f64
    }

    /// Places taken in the window that ends now.
    fn used(&self, pace: Pace, now: f64) -> u32 {
        let given_back = (self.ended).partition_point(|end| *end + pace.window <= now);
        self.running + (self.ended.len() - given_back) as u32
    }

    fn forget(&mut self, now: f64) {
        let longest = self.longest_window;
        self.ended.retain(|end| *end + longest > now);
    }
}
