//! The interface of the machine for its driver.

use comfycontrol_decode::Key;

use super::checkpoint::Checkpoint;
use super::consistency::Consistency;
use super::estimate::Position;
use super::pages::{Answer, Tick, UnderWay};
use super::protocol::{Delivery, Request, State, Ticket, Why};
use super::reading::Reading;
use super::report::{Complete, Report};
use super::totals::MAX_TOTAL;

/// The enumeration of one list. See the [module](super) for what it guarantees.
///
/// The driver sends the requests that [`next_request`](Self::next_request) names, reports each outcome
/// with [`answered`](Self::answered) or [`failed`](Self::failed), hands over the rows that
/// [`deliver`](Self::deliver) names, and reports with [`consumed`](Self::consumed) what the consumer
/// took. After each report it asks all of these methods again. It drops the answers, and aborts the
/// requests, that [`discarded`](Self::discarded) names.
#[derive(Debug)]
pub struct Enumeration {
    reading: Reading,
    clock: Tick,
    /// Rows that the consumer took, over all parts of a resumed enumeration.
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
        Self {
            reading: Reading::new(per_page, concurrency, consistency, &from),
            clock: 0,
            consumed: from.consumed,
        }
    }

    /// Ends after so many runners of this part, at least 1, and requests no page beyond them.
    #[must_use]
    pub fn with_limit(mut self, runners: u32) -> Self {
        self.reading.wanted = self.consumed + u64::from(runners);
        self
    }

    /// The next page to request; `None` if the driver should send no request now.
    pub fn next_request(&mut self) -> Option<Request> {
        let page = self.next_page()?;
        if !self.reading.budget.allows_request() {
            self.reading.end(State::Failed(Why::ListChanged));
            return None;
        }
        self.reading.budget.requests += 1;
        self.clock += 1;
        let start = self.clock;
        self.reading.pages.request(UnderWay { page, start });
        Some(Request {
            ticket: Ticket(start),
            page: page.try_into().unwrap_or(u32::MAX),
        })
    }

    fn next_page(&self) -> Option<u64> {
        let Reading {
            pages,
            head,
            concurrency,
            ..
        } = &self.reading;
        let parallel = self.reading.stable_pages.clamp(1, *concurrency);
        let capacity = 2 * concurrency;
        let may_request = self.reading.is_reading() && pages.under_way() < parallel;
        if !may_request || pages.held() >= capacity {
            return None;
        }
        let page = (*head..).find(|page| !pages.is_requested(*page))?;
        // The page at the head is always wanted. Others are if they exist, and if there is room.
        let has_room = pages.requested() + pages.held() < capacity;
        let wanted = page == *head || page <= self.reading.last_wanted_page() && has_room;
        wanted.then_some(page)
    }

    /// The answer to a request: its `total`, the keys of its runners in order, and how many more
    /// runners it held that were left out as invalid.
    ///
    /// Keep the rows until [`deliver`](Self::deliver) or [`discarded`](Self::discarded) names the
    /// ticket. An answer to a discarded request is ignored.
    pub fn answered(&mut self, ticket: Ticket, total: u64, keys: Vec<Key>, left_out: u32) {
        let Some(UnderWay { page, start }) = self.reading.pages.arrive(ticket) else {
            return;
        };
        let alone = self.clock == start && self.reading.pages.under_way() == 0;
        self.clock += 1;
        let end = self.clock;
        let answer = Answer {
            page,
            start,
            end,
            keys,
            left_out,
        };
        self.reading.arrived(answer, total.min(MAX_TOTAL), alone);
    }

    /// A request failed for good. The enumeration ends; rows accepted before are still delivered.
    pub fn failed(&mut self, ticket: Ticket) {
        if self.reading.pages.is_under_way(ticket) {
            self.reading.end(State::Failed(Why::Request));
        }
    }

    /// The next rows to hand over; `None` if there are none now.
    pub fn deliver(&mut self) -> Option<Delivery> {
        self.reading.pages.deliver()
    }

    /// A ticket of which nothing is needed any more: drop its answer, or abort its request. `None` if
    /// there is no further one.
    pub fn discarded(&mut self) -> Option<Ticket> {
        self.reading.discarded.pop()
    }

    /// The consumer took this many more of the delivered rows.
    pub fn consumed(&mut self, rows: u32) {
        let rows = self.reading.pages.consume(rows);
        self.consumed += u64::from(rows);
        self.reading.consume(rows);
    }

    /// Whether there is more to come.
    #[must_use]
    pub fn state(&self) -> State {
        self.reading.state
    }

    /// What was found so far. `complete` is final once the state is no longer [`State::Reading`] and the consumer took
    /// all rows.
    #[must_use]
    pub fn report(&self) -> Report {
        let Reading { totals, budget, .. } = &self.reading;
        Report {
            unique: self.reading.unique,
            duplicates: self.reading.duplicates,
            total_start: totals.first,
            total_end: totals.latest,
            requests: budget.requests,
            complete: if self.consumed < self.reading.unique {
                Complete::False
            } else {
                self.reading.complete
            },
        }
    }

    /// The progress of the enumeration.
    #[must_use]
    pub fn progress(&self) -> Position {
        let Reading {
            pages,
            totals,
            budget,
            head,
            ..
        } = &self.reading;
        let requested = head + pages.requested() as u64;
        let remaining = (self.reading.last_wanted_page() + 1).saturating_sub(requested);
        Position {
            delivered: self.consumed,
            total: totals.total_known.then_some(totals.latest),
            requests: budget.requests,
            under_way: pages.under_way() as u32,
            remaining: if self.reading.is_reading() {
                remaining
            } else {
                0
            },
        }
    }

    /// A text from which another enumeration can continue after the last row that the consumer took.
    /// [`Checkpoint::read`] reads the text for the same base URL and page size.
    #[must_use]
    pub fn checkpoint(&self, base_url: &str, per_page: u32) -> String {
        let Reading {
            pages,
            totals,
            budget,
            head,
            ..
        } = &self.reading;
        let (horizon, ids) = self.reading.taken();
        // The next enumeration begins with the last accepted page, because it overlaps what is covered.
        let last_accepted = head.saturating_sub(1).max(1);
        let page = pages
            .first_held()
            .map_or(last_accepted, |held| held.min(last_accepted));
        let checkpoint = Checkpoint {
            ordered: self.reading.is_ordered(),
            changed: self.reading.changed,
            horizon,
            page: page.try_into().unwrap_or(u32::MAX),
            consumed: self.consumed,
            duplicates: self.reading.duplicates,
            total_start: totals.first,
            total_end: totals.at_last_accept,
            requests: budget.requests,
            ids,
        };
        checkpoint.write(base_url, per_page)
    }
}
