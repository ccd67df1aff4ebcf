//! The sliding window of one origin: which call may start a request, and when.
//!
//! The server counts a request when it arrives, some time between our start and its answer. So a
//! request holds a slot from its start until one window after its end, the latest moment at which
//! the server can have counted it. Whatever the latency does, no window at the server ever holds
//! more requests than allowed (`api/contract.md`, "Rate limit"). A request without an answer has no
//! such moment; it counts as if it had ended [`ABORTED_GRACE_MS`] later.
//!
//! The limiter wakes no waiter. Each waiter has its own timer, and polls again when the timer fires. A
//! waiter that polls too late lapses, and so does a request that outlives its lease: in some hosts a
//! call can end without running any more code (a visitor leaves a Cloudflare Worker), and the waiters
//! behind it must still be served. A waiter that was only late gets its position back when it polls.
//!
//! All times are milliseconds of one monotonic clock. It can go back all the same, because a test
//! faked it: then the limiter forgets everything that it has counted.

use serde::Serialize;
use tsify::Tsify;

use crate::event::WaitReason;
use crate::pace::Pace;

/// How long an aborted request may still take to reach the server, in milliseconds.
pub const ABORTED_GRACE_MS: f64 = 1_000.0;

/// How late a waiter may poll before it lapses, in milliseconds.
pub const LATE_GRACE_MS: f64 = 1_000.0;

/// The longest cooldown that calls wait for, in milliseconds. Beyond it they fail at once.
pub const LONGEST_COOLDOWN_MS: f64 = 60_000.0;

/// Which of several waiting calls starts first. Calls of the same priority start in the order in which
/// they came. At most 100 later calls overtake a call for each level that its priority is below
/// `"high"`, so every call starts in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Before calls of the other priorities.
    High,
    /// The default of single calls.
    #[default]
    Normal,
    /// The default of the pages of a whole list or a watch.
    Low,
}

impl Priority {
    /// The allowed values, for error messages.
    pub const EXPECTED: &'static str = "\"high\", \"normal\" or \"low\"";

    /// The value with this name in JavaScript, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "high" => Some(Self::High),
            "normal" => Some(Self::Normal),
            "low" => Some(Self::Low),
            _ => None,
        }
    }
}

/// How many later waiters may overtake a waiter, for each level that its priority is below the highest.
pub const HEAD_START: u64 = 100;

/// Identifies a waiter. Waiters are served in the order of their tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    /// The number, plus a penalty for a lower priority.
    turn: u64,
    /// The number of earlier waiters.
    number: u64,
}

/// Identifies the slot of a request under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(u64);

/// The limiter's answer to a poll.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turn {
    /// Start now. The slot is taken: call [`Limiter::finish`] when the request is over.
    Start(Slot),
    /// Poll again at `poll_at`.
    Wait {
        /// When to poll again.
        poll_at: f64,
        /// When the request can probably start; sooner if other waiters leave.
        start_at: f64,
        /// What the call waits for.
        reason: WaitReason,
    },
    /// The server asked for a longer pause than [`LONGEST_COOLDOWN_MS`].
    Refused {
        /// When the pause ends.
        until: f64,
    },
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With an answer: the server has counted the request.
    Answered,
    /// Aborted, timed out or broken off: the request may still be on its way to the server.
    Unanswered,
}

/// The state of a rate limit.
#[derive(Clone, Debug, PartialEq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    /// Requests that may start in one window; `Infinity` if pacing is off.
    pub limit: f64,
    /// Requests that could start now; 0 during a cooldown, `Infinity` if pacing is off.
    pub remaining: f64,
    /// When the next slot comes free or the cooldown ends, in milliseconds since 1970; `null` if every
    /// slot is free.
    #[tsify(type = "number | null")]
    pub reset_at: Option<f64>,
    /// Requests that wait for a slot.
    pub queued: u32,
}

impl RateLimit {
    /// Pacing is off (`rateLimit: false`).
    pub const UNLIMITED: Self = Self {
        limit: f64::INFINITY,
        remaining: f64::INFINITY,
        reset_at: None,
        queued: 0,
    };
}

#[derive(Debug)]
struct Waiter {
    ticket: Ticket,
    polls_again_at: f64,
}

#[derive(Debug)]
struct Running {
    slot: Slot,
    lapses_at: f64,
}

/// The requests to one origin.
#[derive(Debug)]
pub struct Limiter {
    /// In the order of their tickets.
    queue: Vec<Waiter>,
    next_ticket: u64,
    next_slot: u64,
    /// In the order of their slots.
    running: Vec<Running>,
    /// No request under way lapses before this.
    next_lapse_at: f64,
    /// When requests ended, earliest first. Ends that lie outside every window are dropped.
    ended: Vec<f64>,
    longest_window_ms: f64,
    cooldown_until: f64,
    /// When an earlier limiter of the same origin was lost, with everything that it had counted.
    lost_at: f64,
    latest_now: f64,
}

impl Default for Limiter {
    fn default() -> Self {
        Self::after_loss(f64::NEG_INFINITY)
    }
}

impl Limiter {
    /// A limiter that replaces one that was lost at `lost_at`. It starts no request within one window
    /// of that, because the lost limiter may have started a whole window of requests just before.
    #[must_use]
    pub fn after_loss(lost_at: f64) -> Self {
        Self {
            queue: Vec::new(),
            next_ticket: 0,
            next_slot: 0,
            running: Vec::new(),
            next_lapse_at: f64::INFINITY,
            ended: Vec::new(),
            longest_window_ms: Pace::DOCUMENTED.window_ms,
            cooldown_until: f64::NEG_INFINITY,
            lost_at,
            latest_now: f64::NEG_INFINITY,
        }
    }

    /// Joins the queue. Call [`poll`](Self::poll) at once: a waiter that does not poll lapses.
    pub fn join(&mut self, priority: Priority, now: f64) -> Ticket {
        self.advance(now);
        let number = self.next_ticket;
        self.next_ticket += 1;
        let turn = number + HEAD_START * priority as u64;
        let ticket = Ticket { turn, number };
        self.find_or_rejoin(ticket, now);
        ticket
    }

    /// Asks for a slot, to be held for `lease_ms` at most.
    pub fn poll(&mut self, ticket: Ticket, pace: Pace, lease_ms: f64, now: f64) -> Turn {
        self.longest_window_ms = self.longest_window_ms.max(pace.window_ms);
        if let Some(until) = self.refuses_until(now) {
            self.leave(ticket);
            return Turn::Refused { until };
        }
        let index = self.find_or_rejoin(ticket, now);
        let opens_at = self.opens_at(pace);
        let taken = self.taken(pace, now);
        // There is a free slot for this waiter and for each waiter ahead of it.
        if index < taken.free(pace) && now >= opens_at {
            self.queue.remove(index);
            return Turn::Start(self.start(lease_ms, now));
        }
        let start_at = taken.free_at(index, pace, opens_at);
        let poll_at = if now < opens_at {
            opens_at
        } else {
            taken.ask_at(index, pace).min(start_at)
        };
        self.queue[index].polls_again_at = poll_at;
        let reason = if now < self.cooldown_until {
            WaitReason::Cooldown
        } else {
            WaitReason::RateLimit
        };
        Turn::Wait {
            poll_at,
            start_at,
            reason,
        }
    }

    /// What a cooldown means for a waiter that asks a ledger, and not this limiter; `None` if there is none. The
    /// ledger may not know of it.
    pub fn poll_cooldown(&mut self, ticket: Ticket, now: f64) -> Option<Turn> {
        if let Some(until) = self.refuses_until(now) {
            self.leave(ticket);
            return Some(Turn::Refused { until });
        }
        let until = self.cooldown_until;
        if now >= until {
            return None;
        }
        self.keep(ticket, until, now);
        Some(Turn::Wait {
            poll_at: until,
            start_at: until,
            reason: WaitReason::Cooldown,
        })
    }

    /// Keeps the position of a waiter that the ledger has told to ask again at `poll_at`.
    pub fn keep(&mut self, ticket: Ticket, poll_at: f64, now: f64) {
        let index = self.find_or_rejoin(ticket, now);
        self.queue[index].polls_again_at = poll_at;
    }

    /// Leaves the queue without having started.
    pub fn leave(&mut self, ticket: Ticket) {
        if let Ok(index) = self.find(ticket) {
            self.queue.remove(index);
        }
    }

    /// Takes a slot without asking: for requests that are not paced here (`rateLimit: false`), or that a ledger has
    /// allowed. They also count against the window, so that paced callers stay within it.
    pub fn record_start(&mut self, lease_ms: f64, now: f64) -> Slot {
        self.advance(now);
        self.start(lease_ms, now)
    }

    /// A request is over. Its slot comes free one window later.
    pub fn finish(&mut self, slot: Slot, end: End, now: f64) {
        self.advance(now);
        if let Ok(index) = (self.running).binary_search_by_key(&slot.0, |running| running.slot.0) {
            self.running.remove(index);
        }
        self.record_end(match end {
            End::Answered => now,
            End::Unanswered => now + ABORTED_GRACE_MS,
        });
    }

    /// The server answered 429: no request starts before `until`. Where that is more than
    /// [`LONGEST_COOLDOWN_MS`] away, calls fail at once.
    pub fn cool_down(&mut self, until: f64, now: f64) {
        self.advance(now);
        self.cooldown_until = self.cooldown_until.max(until);
    }

    /// The end of the cooldown, if it is further away than [`LONGEST_COOLDOWN_MS`].
    pub fn refuses_until(&mut self, now: f64) -> Option<f64> {
        self.advance(now);
        (self.cooldown_until - now > LONGEST_COOLDOWN_MS).then_some(self.cooldown_until)
    }

    /// The current state. `epoch` is `now` in milliseconds since 1970.
    pub fn status(&mut self, pace: Pace, now: f64, epoch: f64) -> RateLimit {
        self.advance(now);
        let opens_at = self.opens_at(pace);
        let taken = self.taken(pace, now);
        let (free, reset_at) = if now < opens_at {
            (0, Some(opens_at))
        } else {
            (taken.free(pace), taken.next_free_at(pace))
        };
        RateLimit {
            limit: pace.requests.into(),
            remaining: free as f64,
            reset_at: reset_at.map(|time| (epoch + time - now).ceil()),
            queued: self.queue.len() as u32,
        }
    }

    fn start(&mut self, lease_ms: f64, now: f64) -> Slot {
        let slot = Slot(self.next_slot);
        self.next_slot += 1;
        let lapses_at = now + lease_ms;
        self.running.push(Running { slot, lapses_at });
        self.next_lapse_at = self.next_lapse_at.min(lapses_at);
        slot
    }

    /// No request starts before this.
    fn opens_at(&self, pace: Pace) -> f64 {
        self.cooldown_until.max(self.lost_at + pace.window_ms)
    }

    fn find(&self, ticket: Ticket) -> Result<usize, usize> {
        self.queue
            .binary_search_by_key(&ticket, |waiter| waiter.ticket)
    }

    /// The waiter's index in the queue. One that is not there gets its position (back).
    fn find_or_rejoin(&mut self, ticket: Ticket, now: f64) -> usize {
        self.find(ticket).unwrap_or_else(|index| {
            let waiter = Waiter {
                ticket,
                polls_again_at: now,
            };
            self.queue.insert(index, waiter);
            index
        })
    }

    fn record_end(&mut self, end: f64) {
        let index = self.ended.partition_point(|earlier| *earlier <= end);
        self.ended.insert(index, end);
    }

    /// Drops waiters and requests that lapsed, and ends that lie outside every window.
    fn advance(&mut self, now: f64) {
        if now < self.latest_now {
            self.start_over(now);
        }
        self.latest_now = now;
        // A later time can only come from a clock that was set back since.
        self.lost_at = self.lost_at.min(now);
        let has_lapsed = |waiter: &Waiter| waiter.polls_again_at + LATE_GRACE_MS <= now;
        let lapsed = self.queue.iter().take_while(|waiter| has_lapsed(waiter));
        self.queue.drain(..lapsed.count());
        if self.next_lapse_at <= now {
            self.next_lapse_at = f64::INFINITY;
            for Running { slot, lapses_at } in std::mem::take(&mut self.running) {
                if lapses_at <= now {
                    self.record_end(lapses_at);
                } else {
                    self.running.push(Running { slot, lapses_at });
                    self.next_lapse_at = self.next_lapse_at.min(lapses_at);
                }
            }
        }
        // Many at a time, because draining moves all that are left.
        let past = (self.ended).partition_point(|end| end + self.longest_window_ms <= now);
        if past > self.ended.len() / 2 {
            self.ended.drain(..past);
        }
    }

    /// The clock went back, so that all earlier times are meaningless. Requests under way still count
    /// when they end.
    fn start_over(&mut self, now: f64) {
        for waiter in &mut self.queue {
            waiter.polls_again_at = now;
        }
        self.running.clear();
        self.next_lapse_at = f64::INFINITY;
        self.ended.clear();
        self.cooldown_until = f64::NEG_INFINITY;
        self.lost_at = f64::NEG_INFINITY;
    }

    /// The slots that are taken, for a client with this pace.
    fn taken(&self, pace: Pace, now: f64) -> TakenSlots<'_> {
        let is_over = |end: &f64| *end + pace.window_ms <= now;
        let ended = &self.ended[self.ended.partition_point(is_over)..];
        TakenSlots {
            ended,
            running: self.running.len(),
            now,
        }
    }
}

/// The slots that are taken.
struct TakenSlots<'a> {
    /// When requests ended whose windows are not over, earliest first. Requests without an answer can
    /// end in the future.
    ended: &'a [f64],
    /// Requests under way.
    running: usize,
    now: f64,
}

impl TakenSlots<'_> {
    fn len(&self) -> usize {
        self.ended.len() + self.running
    }

    /// How many slots are free.
    fn free(&self, pace: Pace) -> usize {
        (pace.requests as usize).saturating_sub(self.len())
    }

    /// How many slots must come free before one of them can be taken: clients with a faster pace may
    /// hold more slots than this one is allowed.
    fn excess(&self, pace: Pace) -> usize {
        self.len().saturating_sub(pace.requests as usize)
    }

    /// When the next slot comes free at the earliest; `None` where all are free.
    fn next_free_at(&self, pace: Pace) -> Option<f64> {
        (self.len() > 0).then(|| self.end(self.excess(pace), 0, self.now) + pace.window_ms)
    }

    /// When the waiter at this index should poll again. It cannot start now.
    fn ask_at(&self, index: usize, pace: Pace) -> f64 {
        let (requests, free) = (pace.requests as usize, self.free(pace));
        // Waiters ahead may leave. So poll when half of them have started, and at least once per window.
        let ahead = index - free;
        let ask_at = self.free_at(free + (ahead / 2).min(requests - 1), pace, self.now);
        if free == 0 {
            return ask_at;
        }
        // The waiters ahead that have a free slot either take it soon, or lapse.
        ask_at.min(self.now + LATE_GRACE_MS)
    }

    /// When the waiter at this index can start at the earliest, if all waiters ahead start as soon as
    /// they can, and none before `opens_at`.
    fn free_at(&self, index: usize, pace: Pace, opens_at: f64) -> f64 {
        let (requests, free) = (pace.requests as usize, self.free(pace));
        let opens_at = opens_at.max(self.now);
        if index < free {
            return opens_at;
        }
        let behind = index - free;
        let (round, slot) = (behind / requests, behind % requests);
        let end = self.end(self.excess(pace) + slot, free, opens_at);
        (end + pace.window_ms).max(opens_at) + pace.window_ms * round as f64
    }

    /// The earliest end, in order, of the request at this index among those that hold a slot, if
    /// `starting` more requests start at `opens_at`. A request under way ends now at the earliest.
    fn end(&self, index: usize, starting: usize, opens_at: f64) -> f64 {
        let past = self.ended.partition_point(|end| *end <= self.now);
        let before_opening = self.ended.partition_point(|end| *end <= opens_at);
        if index < past {
            self.ended[index]
        } else if index < past + self.running {
            self.now
        } else if index < before_opening + self.running {
            self.ended[index - self.running]
        } else if index < before_opening + self.running + starting {
            opens_at
        } else {
            self.ended[index - self.running - starting]
        }
    }
}
