//! The machine, and its interface for the driver.

mod decisions;

use comfycontrol_decode::Key;

use super::budget::Budget;
use super::checkpoint::Checkpoint;
use super::consistency::Consistency;
use super::coverage::Coverage;
use super::estimate::EnumerationProgress;
use super::pages::{PageAnswer, Pages, Tick, UnderWay};
use super::protocol::{Delivery, Request, State, Ticket, Why};
use super::report::{Complete, Report};
use super::totals::{MAX_TOTAL, Totals};

/// The enumeration of one list. See the [module](super) for what it guarantees.
///
/// The driver sends the requests that [`next_request`](Self::next_request) names, reports each outcome
/// with [`answered`](Self::answered) or [`failed`](Self::failed), hands over the rows that
/// [`deliver`](Self::deliver) names, and reports with [`consumed`](Self::consumed) what the consumer
/// took. After each report it asks all of these methods again. It drops the answers, and aborts the
/// requests, that [`discarded`](Self::discarded) names.
#[derive(Debug)]
pub struct Enumeration {
    concurrency: usize,
    per_page: u64,
    consistency: Consistency,
    state: State,
    complete: Complete,
    /// The number of the latest event.
    clock: Tick,

    pages: Pages,
    /// Requests that are no longer needed, for the driver.
    discarded: Vec<Ticket>,
    /// The page to accept next, from 1.
    head: u64,
    /// Counts accepted pages, from 0 after a change. Starts at `concurrency`, so that reading begins at full speed;
    /// after a checkpoint at 1. Clamped to `1..=concurrency`, it limits the requests under way.
    stable_pages: usize,
    coverage: Coverage,
    totals: Totals,
    budget: Budget,

    /// This pass began at page 1 and has found nothing new so far.
    full_rescan: bool,
    /// A change of the list was noticed.
    changed: bool,
    /// Rows accepted for handing over, over all parts of a resumed enumeration.
    unique: u64,
    duplicates: u64,
    /// Invalid rows on accepted pages of this part.
    left_out: u64,
    /// Earlier parts left invalid rows out.
    left_out_before: bool,
    /// How many rows are accepted at most, over all parts.
    wanted: u64,
    /// Rows that the consumer took, over all parts.
    consumed: u64,
}

impl Enumeration {
    /// Begins to read a list, or goes on where a checkpoint says. `per_page` is the page size, 1 to 100;
    /// `concurrency` is how many requests may be under way at a time, at least 1.
    #[must_use]
    pub fn new(
        per_page: u32,
        concurrency: u32,
        consistency: Consistency,
        checkpoint: Option<Checkpoint>,
    ) -> Self {
        let per_page = per_page.max(1).into();
        let concurrency = concurrency.max(1) as usize;
        let from = checkpoint.unwrap_or_else(Checkpoint::start);
        // Before its first answer an enumeration has nothing to resume.
        let resumed = from.total_start > 0 || from.consumed > 0;
        let page = from.page.into();
        Self {
            concurrency,
            per_page,
            consistency,
            state: State::Reading,
            complete: Complete::False,
            clock: 0,
            pages: Pages::default(),
            discarded: Vec::new(),
            head: page,
            stable_pages: if resumed { 1 } else { concurrency },
            coverage: Coverage::new(&from.ids, from.horizon, from.ordered, from.changed),
            totals: Totals::new(per_page, resumed, &from),
            budget: Budget::new(concurrency, from.requests, page),
            full_rescan: page == 1,
            changed: from.changed,
            unique: from.consumed,
            duplicates: from.duplicates,
            left_out: 0,
            left_out_before: from.left_out,
            wanted: u64::MAX,
            consumed: from.consumed,
        }
    }

    /// Ends this part after `runners` runners, and requests no page beyond them. `runners` must be at least 1.
    #[must_use]
    pub fn with_limit(mut self, runners: u32) -> Self {
        self.wanted = self.consumed + u64::from(runners);
        self
    }

    /// The next page to request; `None` if the driver should send no request now.
    pub fn next_request(&mut self) -> Option<Request> {
        let page = self.next_page()?;
        if !self.budget.allows_request() {
            self.end(State::Failed(Why::ListChanged));
            return None;
        }
        self.budget.requests += 1;
        self.clock += 1;
        let start = self.clock;
        self.pages.request(UnderWay { page, start });
        Some(Request {
            ticket: Ticket(start),
            page: page.try_into().unwrap_or(u32::MAX),
        })
    }

    fn next_page(&self) -> Option<u64> {
        let parallel = self.stable_pages.clamp(1, self.concurrency);
        let capacity = 2 * self.concurrency;
        let may_request = self.is_reading() && self.pages.under_way() < parallel;
        if !may_request || self.pages.held() >= capacity {
            return None;
        }
        let page = (self.head..).find(|page| !self.pages.is_requested(*page))?;
        // The page at the head is always wanted. Others are if they exist, and if there is room.
        let has_room = self.pages.requested() + self.pages.held() < capacity;
        let is_needed = page == self.head || page <= self.last_wanted_page() && has_room;
        is_needed.then_some(page)
    }

    /// The answer to a request: its `total`, the keys of its runners in order, and how many more
    /// runners it held that were left out as invalid.
    ///
    /// Keep the rows until [`deliver`](Self::deliver) or [`discarded`](Self::discarded) names the
    /// ticket. An answer to a discarded request is ignored.
    pub fn answered(&mut self, ticket: Ticket, total: u64, keys: Vec<Key>, left_out: u32) {
        let Some(UnderWay { page, start }) = self.pages.arrive(ticket) else {
            return;
        };
        let alone = self.clock == start && self.pages.under_way() == 0;
        self.clock += 1;
        let end = self.clock;
        let answer = PageAnswer {
            page,
            start,
            end,
            keys,
            left_out,
        };
        self.arrived(answer, total.min(MAX_TOTAL), alone);
    }

    /// A request failed for good. The enumeration ends; rows accepted before are still delivered.
    pub fn failed(&mut self, ticket: Ticket) {
        if self.pages.is_under_way(ticket) {
            self.end(State::Failed(Why::Request));
        }
    }

    /// The next rows to hand over; `None` if there are none now.
    pub fn deliver(&mut self) -> Option<Delivery> {
        self.pages.deliver()
    }

    /// A ticket of which nothing is needed any more: drop its answer, or abort its request. `None` if
    /// there is no further one.
    pub fn discarded(&mut self) -> Option<Ticket> {
        self.discarded.pop()
    }

    /// The consumer took this many more of the delivered rows.
    pub fn consumed(&mut self, rows: u32) {
        let rows = self.pages.consume(rows);
        self.consumed += u64::from(rows);
        let keep = 4096 + 4 * self.concurrency * self.per_page as usize;
        self.coverage.consume(rows as usize, keep, self.consistency);
    }

    /// Whether there is more to come.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// What was found so far. `complete` is final once the state is no longer [`State::Reading`] and the consumer took
    /// all rows.
    #[must_use]
    pub fn report(&self) -> Report {
        Report {
            unique: self.unique,
            duplicates: self.duplicates,
            total_start: self.totals.first,
            total_end: self.totals.latest,
            requests: self.budget.requests,
            complete: if self.consumed < self.unique {
                Complete::False
            } else {
                self.complete
            },
        }
    }

    /// The progress of the enumeration.
    #[must_use]
    pub fn progress(&self) -> EnumerationProgress {
        let requested = self.head + self.pages.requested() as u64;
        let remaining = (self.last_wanted_page() + 1).saturating_sub(requested);
        EnumerationProgress {
            delivered: self.consumed,
            total: self.totals.total_known.then_some(self.totals.latest),
            requests: self.budget.requests,
            under_way: self.pages.under_way() as u32,
            remaining: if self.is_reading() { remaining } else { 0 },
        }
    }

    /// A text from which another enumeration can continue after the last row that the consumer took.
    /// [`Checkpoint::read`] reads the text for the same list and page size.
    #[must_use]
    pub fn checkpoint(&self, list_url: &str, per_page: u32) -> String {
        let (horizon, ids) = self.coverage.taken();
        // The next enumeration begins with the last accepted page, because it overlaps what is covered.
        let last_accepted = self.head.saturating_sub(1).max(1);
        let first_held = self.pages.first_held();
        let page = first_held.map_or(last_accepted, |held| held.min(last_accepted));
        let checkpoint = Checkpoint {
            ordered: self.coverage.is_ordered(),
            changed: self.changed,
            left_out: self.has_left_out(),
            horizon,
            page: page.try_into().unwrap_or(u32::MAX),
            consumed: self.consumed,
            duplicates: self.duplicates,
            total_start: self.totals.first,
            total_end: self.totals.latest,
            total_accepted: self.totals.at_last_accept,
            growth: self.totals.growth,
            requests: self.budget.requests,
            ids,
        };
        checkpoint.write(list_url, per_page)
    }
}
