//! Every runner, once: paging that survives a changing list.
//!
//! The server pages by offset. While pages are read one after the other, a runner that leaves the
//! list moves the ones behind it up, and one of them slips from a page not read yet to one read
//! already: it is lost. A runner that joins moves them down: one is met twice. This machine is told
//! the answers and says which page to ask for next and which rows to hand over. It reads no clock,
//! sends nothing and knows no JavaScript.
//!
//! # What is assumed
//!
//! The rows and the `total` of one answer are of one moment; `created_at` of a runner never
//! changes; and of two runners always the same one comes first (`api/contract.md`: newest first;
//! the order of runners created at the same moment is not documented, but taken to be stable).
//!
//! # What `reconcile` guarantees
//!
//! *A runner that is in the list during the whole enumeration is handed over exactly once, unless
//! changes cancelled out without a trace.* The reasons:
//!
//! 1. **Overlap is proof.** An answer is an unbroken stretch of the list. If everything down to some
//!    row is covered, and the answer begins at or before that row, then everything down to the
//!    answer's last row is covered, whatever happened in between and whenever it was read. Page 1
//!    needs nothing before it. Runners that join are harmless for that reason: they cause overlap.
//! 2. **Adjacent pages** do not overlap. They are taken to join if nothing was seen to change between
//!    the first and the last moment at which either can have been read. A change is seen by a
//!    `total` other than before, a repeat, a row created after the last one of the page before, or
//!    an answer with more or fewer rows than its `total` says; also when it went away again, if only
//!    one answer told of it meanwhile.
//! 3. **After a change** the answers still under way are given up, every pair of pages that the change
//!    can have come between counts as not joined, and reading steps back: by as many pages as `total`
//!    says runners left, at least one, and further until there is overlap. One page at a time then,
//!    until the list holds still. Rows known by id are not handed over again.
//! 4. **At the end**, if fewer runners were found than `total` says and its growth does not explain
//!    that, the list is read once more from page 1 (in a resumed enumeration, and beyond the ids that
//!    are kept, the report says [`Complete::False`] instead).
//!
//! A removal and an addition between two reads can leave `total` as it was and show no repeat: a
//! loss that no client can see in the answers of one pass. [`Complete::True`] is therefore reported
//! only where one answer held the whole list, [`Complete::Unknown`] otherwise. Runners that join or
//! leave meanwhile may be handed over or not, but never twice.
//!
//! The tests play this against a list that changes at random while answers overtake each other
//! (`tests/rust/enumerate.rs`): nothing is lost where runners only leave, only join, where every
//! change gives `total` a new value, and where every state of the list was told by some answer.
//!
//! `detect` removes repeats, reads no page again, and reports [`Complete::False`] if it saw a change.
//! `none` hands over the rows as they come, repeats included.
//!
//! # Order
//!
//! While nothing changes, rows come in the order of the list. A row found by reading again comes
//! after those that were handed over before.
//!
//! # Bounds
//!
//! With `pages` for the pages that the first answer promised, and `spare` = 16 + 4 × concurrency:
//!
//! - At most 2 × `pages` + `spare` requests, then `list_changed` ([`State::Failed`]). While nothing
//!   changes it is exactly `pages`, and 1 for an empty list.
//! - `list_changed` sooner, when more requests brought nothing new than `spare`, plus the pages that
//!   did, plus those that the growth of `total` fills.
//! - At most 2 × concurrency pages asked for or held unconsumed, and half as many again
//!   for a moment after a change. Of the runners handed over, ids are kept for the last 4096 + 4 ×
//!   concurrency × page size at least and twice as many at most; older ones are known by `created_at` alone. (All are
//!   kept where the server keeps another order than the documented one, or very many share one
//!   `created_at`.)
//!
//! # Resuming
//!
//! A checkpoint continues the same enumeration: the guarantee holds for runners that are in the list
//! from the first request to the last, over all parts. Runners that joined before the place reached
//! are not looked for, as they would not have been without the interruption. It costs one
//! request more where the checkpoint stands at the end of a page, and as many pages as runners
//! joined or left meanwhile fill. Rows of answers that were not consumed are read again.

mod checkpoint;
mod report;
mod seen;
mod settle;

use std::collections::VecDeque;

use comfycontrol_decode::{Instant, Key};
use tsify::Tsify;

pub use checkpoint::{Checkpoint, Refused};
pub use report::{Complete, Progress, Report, estimated_ms};
use seen::{CARRIED, Seen, UNCOVERED};

use crate::page::page_count;

/// What to do about changes of the list while it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Consistency {
    /// Rows as they come, repeats included.
    None,
    /// Repeats removed; changes that were seen make the report `complete: false`.
    Detect,
    /// Repeats removed, and pages read again until the list holds still.
    #[default]
    Reconcile,
}

/// A `total` beyond this, which the reader refuses, is taken for it.
const MOST_RUNNERS: u64 = (1 << 53) - 1;

/// Names one request of an enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u32);

/// A page to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    pub ticket: Ticket,
    /// From 1.
    pub page: u32,
}

/// Rows to hand over, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Whose answer holds them. Its other rows are not needed any more.
    pub ticket: Ticket,
    /// Places in the `keys` given to [`Enumeration::answered`]; never empty.
    pub rows: Vec<u32>,
}

/// Whether there is more to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Go on: ask, answer, consume.
    Reading,
    /// Every row to come is in [`Enumeration::deliver`].
    Done,
    /// No more requests. Rows accepted before are still in [`Enumeration::deliver`].
    Failed(Why),
}

/// Why an enumeration failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The list did not hold still: `list_changed`.
    ListChanged,
    /// A request failed for good.
    Request,
}

#[derive(Debug)]
struct UnderWay {
    ticket: Ticket,
    page: u64,
    /// Moments are numbers of events: starts and arrivals.
    start: u32,
}

#[derive(Debug)]
struct Answer {
    request: UnderWay,
    end: u32,
    /// Nothing else was under way meanwhile.
    alone: bool,
    /// The answer says that its page should have more or fewer rows.
    torn: bool,
    keys: Vec<Key>,
    left_out: u32,
}

/// The page last accepted, while nothing has changed since.
#[derive(Debug)]
struct Previous {
    page: u64,
    /// The number of the first accepted answer since which every page followed the one before.
    chain: u32,
    /// When its last row was created.
    last: Option<Instant>,
    start: u32,
    end: u32,
}

/// Two adjacent pages that were taken to join: the one before `page`, and `page`.
#[derive(Debug)]
struct Link {
    page: u64,
    /// The number of the answer accepted for `page`.
    cover: u32,
    /// When both had arrived.
    end: u32,
}

/// The enumeration of one list. See the [module](self) for what it guarantees.
///
/// The driver asks for what [`next_request`](Self::next_request) says, reports each outcome with
/// [`answered`](Self::answered) or [`failed`](Self::failed), hands over what
/// [`deliver`](Self::deliver) says, and reports what the consumer took with
/// [`consumed`](Self::consumed); after each of these it looks at all of them again. Rows, and
/// requests under way, that [`discarded`](Self::discarded) names are to be dropped.
#[derive(Debug)]
pub struct Enumeration {
    per_page: u32,
    concurrency: u32,
    consistency: Consistency,
    state: State,
    moment: u32,
    last_arrival: u32,
    tickets: u32,
    under_way: Vec<UnderWay>,
    /// Answers that wait for their turn.
    arrived: Vec<Answer>,
    discarded: Vec<Ticket>,
    deliveries: VecDeque<Delivery>,
    /// Pages with rows that the consumer has not taken, and how many.
    unconsumed: VecDeque<(u64, u32)>,

    /// The next page to accept.
    head: u64,
    previous: Option<Previous>,
    links: Vec<Link>,
    covers: u32,
    /// Everything created after this is covered.
    reached: Option<Instant>,
    /// Pages accepted since the last change: allows as many requests at a time.
    calm: u32,

    seen: Seen,
    /// How many of `seen` the consumer has taken.
    taken: usize,
    /// How many of `seen` came with the checkpoint.
    carried: usize,
    /// When the consumer has taken as many of `seen`, some can be forgotten.
    forget_at: usize,
    /// Rows created after this were handed over, or joined too late.
    horizon: Option<Instant>,
    ordered: bool,

    /// Reading began at page 1, and nothing new was found since.
    fruitless: bool,
    resumed: bool,
    changed: bool,
    /// `total` says that there are more than were found.
    lacking: bool,
    whole: bool,
    left_out: u64,
    unique: u64,
    consumed: u64,
    duplicates: u64,
    total_start: u64,
    total: Option<u64>,
    /// `total` when a page was last accepted.
    settled_total: u64,
    /// Runners that joined, as far as `total` shows.
    growth: u64,
    requests: u64,
    /// No more requests than this.
    limit: u64,
    /// Requests that brought nothing new, and pages that did.
    vain: u64,
    useful: u64,
}

impl Enumeration {
    /// `per_page` is 1 to 100; `concurrency`, at least 1, is how many requests may be under way.
    #[must_use]
    pub fn new(
        per_page: u32,
        concurrency: u32,
        consistency: Consistency,
        resume: Option<Checkpoint>,
    ) -> Self {
        // A checkpoint from before the first answer is none.
        let resumed = resume
            .as_ref()
            .is_some_and(|from| from.total_start > 0 || from.unique > 0);
        let from = resume.unwrap_or(Checkpoint {
            page: 1,
            ordered: true,
            ..Checkpoint::default()
        });
        let mut seen = Seen::default();
        // If nothing had changed, they are the last ones of what is covered.
        let cover = if from.changed { UNCOVERED } else { CARRIED };
        for id in &from.known {
            // When it was created is not known until it is met, only that it is not after the horizon.
            let created_at = Instant {
                seconds: i64::MIN,
                nanos: 0,
            };
            seen.push(
                Key {
                    id: *id,
                    created_at,
                },
                cover,
            );
        }
        Self {
            per_page: per_page.max(1),
            concurrency: concurrency.max(1),
            consistency,
            state: State::Reading,
            moment: 0,
            last_arrival: 0,
            tickets: 0,
            under_way: Vec::new(),
            arrived: Vec::new(),
            discarded: Vec::new(),
            deliveries: VecDeque::new(),
            unconsumed: VecDeque::new(),
            head: from.page,
            previous: None,
            links: Vec::new(),
            covers: 0,
            reached: from.horizon,
            calm: if resumed { 1 } else { concurrency },
            taken: seen.rows.len(),
            carried: seen.rows.len(),
            forget_at: 0,
            seen,
            horizon: from.horizon,
            ordered: from.ordered,
            fruitless: from.page == 1,
            resumed,
            changed: from.changed,
            lacking: false,
            whole: false,
            left_out: 0,
            unique: from.unique,
            consumed: from.unique,
            duplicates: from.duplicates,
            total_start: from.total_start,
            total: None,
            settled_total: from.total,
            growth: 0,
            requests: from.requests,
            limit: u64::MAX,
            vain: 0,
            useful: from.page,
        }
    }

    /// The next page to ask for, if one should be asked for now.
    pub fn next_request(&mut self) -> Option<Request> {
        let abreast = self.concurrency.min(self.calm.max(1));
        if self.state != State::Reading || self.under_way.len() >= abreast as usize {
            return None;
        }
        let window = 2 * self.concurrency as usize;
        if self.unconsumed.len() >= window {
            return None;
        }
        // Until the first answer, the pages are unknown.
        let last = self.last_page().unwrap_or(self.head).max(self.head);
        let end = last.min(self.head + window as u64 - 1);
        let page = (self.head..=end).find(|page| !self.has(*page))?;
        let held = self.under_way.len() + self.arrived.len() + self.unconsumed.len();
        if page != self.head && held >= window {
            return None;
        }
        if self.requests >= self.limit {
            self.give_up();
            return None;
        }
        self.requests += 1;
        self.tickets += 1;
        self.moment += 1;
        let ticket = Ticket(self.tickets);
        self.under_way.push(UnderWay {
            ticket,
            page,
            start: self.moment,
        });
        Some(Request {
            ticket,
            page: page.try_into().unwrap_or(u32::MAX),
        })
    }

    /// The answer to a request: its `total`, the keys of its runners in order, and how many
    /// runners it held besides, which were left out as invalid.
    ///
    /// Keep the rows until they are named by [`deliver`](Self::deliver) or
    /// [`discarded`](Self::discarded). Answers to discarded requests are ignored.
    pub fn answered(&mut self, ticket: Ticket, total: u64, keys: Vec<Key>, left_out: u32) {
        let Some(place) = self
            .under_way
            .iter()
            .position(|request| request.ticket == ticket)
        else {
            return;
        };
        let request = self.under_way.swap_remove(place);
        let total = total.min(MOST_RUNNERS);
        self.moment += 1;
        let alone = self.under_way.is_empty() && self.last_arrival < request.start;
        self.last_arrival = self.moment;
        let before = (request.page - 1).saturating_mul(u64::from(self.per_page));
        let expected = total.saturating_sub(before).min(u64::from(self.per_page));
        let torn = keys.len() as u64 + u64::from(left_out) != expected;
        let answer = Answer {
            request,
            end: self.moment,
            alone,
            torn,
            keys,
            left_out,
        };
        self.arrive(answer, total);
    }

    /// A request failed for good. The enumeration ends; rows accepted before are still delivered.
    pub fn failed(&mut self, ticket: Ticket) {
        if self
            .under_way
            .iter()
            .any(|request| request.ticket == ticket)
        {
            self.end(State::Failed(Why::Request));
        }
    }

    /// The next rows to hand over.
    pub fn deliver(&mut self) -> Option<Delivery> {
        self.deliveries.pop_front()
    }

    /// An answer whose rows are not needed any more, or a request under way that is to be aborted.
    pub fn discarded(&mut self) -> Option<Ticket> {
        self.discarded.pop()
    }

    /// The consumer took this many more of the delivered rows.
    pub fn consumed(&mut self, rows: u32) {
        let mut left = rows;
        while let Some((_, here)) = self.unconsumed.front_mut() {
            let some = left.min(*here);
            *here -= some;
            left -= some;
            if *here > 0 {
                break;
            }
            self.unconsumed.pop_front();
        }
        // Never more than there are.
        self.consumed += u64::from(rows - left);
        self.taken += (rows - left) as usize;
        self.forget();
    }

    /// Whether there is more to come.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// What was found so far. `complete` is final once the state is.
    #[must_use]
    pub fn report(&self) -> Report {
        let seen_to_change = self.changed && self.consistency != Consistency::Reconcile;
        let complete =
            if self.state != State::Done || self.left_out > 0 || self.lacking || seen_to_change {
                Complete::False
            } else if self.whole {
                Complete::True
            } else {
                Complete::Unknown
            };
        Report {
            unique: self.unique,
            duplicates: self.duplicates,
            total_start: self.total_start,
            total_end: self.total.unwrap_or(self.settled_total),
            requests: self.requests,
            complete,
        }
    }

    /// How far the enumeration is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let pages = self
            .last_page()
            .map_or(0, |last| (last + 1).saturating_sub(self.head));
        let held = self.under_way.len() + self.arrived.len();
        let reading = self.state == State::Reading;
        Progress {
            delivered: self.consumed,
            total: self.total,
            requests: self.requests,
            under_way: self.under_way.len() as u32,
            remaining: if reading {
                pages.saturating_sub(held as u64)
            } else {
                0
            },
        }
    }

    /// Where the consumer stands: the rows it took are done, all others are not. To be read by
    /// [`Checkpoint::read`] with the same base URL and page size.
    #[must_use]
    pub fn checkpoint(&self, base_url: &str, per_page: u32) -> String {
        let (taken, waiting) = self.seen.rows.split_at(self.taken);
        // Done is what was created after all that waits, and after all that is not covered.
        let waiting = waiting.iter().map(|row| row.key.created_at).max();
        let horizon = match self.reached {
            Some(reached) if self.ordered && !taken.is_empty() => Some(reached).max(waiting),
            _ => self.horizon,
        };
        let behind = self.head.saturating_sub(1).max(1);
        let page = self
            .unconsumed
            .front()
            .map_or(behind, |(page, _)| behind.min(*page));
        Checkpoint {
            horizon,
            ordered: self.ordered,
            changed: self.changed,
            page,
            unique: self.consumed,
            duplicates: self.duplicates,
            total_start: self.total_start,
            total: self.settled_total,
            requests: self.requests,
            known: checkpoint::not_after(taken.iter().map(|row| &row.key), horizon),
        }
        .write(base_url, per_page)
    }

    fn last_page(&self) -> Option<u64> {
        self.total.map(|total| page_count(total, self.per_page))
    }

    fn has(&self, page: u64) -> bool {
        self.under_way.iter().any(|request| request.page == page)
            || self
                .arrived
                .iter()
                .any(|answer| answer.request.page == page)
    }
}
