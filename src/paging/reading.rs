//! Decides what to do with an answer: accept it, keep it for later, discard it, or step back.

use super::budget::Budget;
use super::checkpoint::Checkpoint;
use super::consistency::Consistency;
use super::coverage::{Coverage, Fit};
use super::pages::{Answer, Pages, Tick};
use super::protocol::{State, Ticket, Why};
use super::report::Complete;
use super::seen::CreatedAt;
use super::totals::Totals;

#[derive(Debug)]
pub(super) struct Reading {
    pub(super) concurrency: usize,
    pub(super) per_page: u64,
    consistency: Consistency,
    pub(super) state: State,
    pub(super) complete: Complete,

    pub(super) pages: Pages,
    /// Requests that are no longer needed, for the driver.
    pub(super) discarded: Vec<Ticket>,
    /// The page to accept next, from 1.
    pub(super) head: u64,
    /// Pages accepted since the last change. At most this many requests are under way at a time.
    pub(super) stable_pages: usize,
    coverage: Coverage,
    pub(super) totals: Totals,
    pub(super) budget: Budget,

    /// This pass began at page 1 and has found nothing new so far.
    full_rescan: bool,
    /// A change of the list was noticed.
    pub(super) changed: bool,
    /// Rows accepted for handing over.
    pub(super) unique: u64,
    pub(super) duplicates: u64,
    /// Invalid rows on accepted pages.
    left_out: u64,
    /// How many rows are accepted at most, over all parts.
    pub(super) wanted: u64,
}

impl Reading {
    pub(super) fn new(
        per_page: u64,
        concurrency: usize,
        consistency: Consistency,
        from: &Checkpoint,
    ) -> Self {
        // Before its first answer an enumeration has nothing to resume.
        let resumed = from.total_start > 0 || from.consumed > 0;
        let page = from.page.into();
        Self {
            concurrency,
            per_page,
            consistency,
            state: State::Reading,
            complete: Complete::False,
            pages: Pages::default(),
            discarded: Vec::new(),
            head: page,
            stable_pages: if resumed { 1 } else { concurrency },
            coverage: Coverage::new(&from.ids, from.horizon, from.ordered, from.changed),
            totals: Totals::new(per_page, resumed, from.total_start, from.total_end),
            budget: Budget::new(concurrency, from.requests, page),
            full_rescan: page == 1,
            changed: from.changed,
            unique: from.consumed,
            duplicates: from.duplicates,
            left_out: 0,
            wanted: u64::MAX,
        }
    }

    pub(super) fn is_reading(&self) -> bool {
        self.state == State::Reading
    }

    /// An answer arrived. `alone` says that nothing else happened since its request started, and
    /// nothing else is under way.
    pub(super) fn arrived(&mut self, answer: Answer, total: u64, alone: bool) {
        let first = !self.totals.total_known;
        let moved = self.totals.observe(total);
        if first {
            self.budget.limit(self.totals.pages());
        }
        let rows = answer.keys.len() as u64 + u64::from(answer.left_out);
        let contradicts_total = rows != self.totals.rows_on(answer.page);
        if contradicts_total || moved {
            self.changed = true;
            if self.consistency == Consistency::Reconcile {
                self.list_changed(answer.start);
                // If other requests were under way, this answer may be older than a change that one of
                // them showed.
                if contradicts_total || !alone {
                    return self.discard(answer.ticket());
                }
            }
        }
        if answer.page > self.last_page() {
            self.discard(answer.ticket());
        } else {
            self.pages.wait(answer);
        }
        self.accept_ready();
    }

    /// Accepts the answers that wait, in the order of their pages.
    fn accept_ready(&mut self) {
        while self.is_reading() {
            if self.head > self.last_page() {
                if self.coverage.in_run() {
                    return self.finish();
                }
                self.head = self.last_page();
            }
            let Some(answer) = self.pages.take_answer(self.head) else {
                return;
            };
            self.consider(answer);
        }
    }

    /// Decides what to do with the answer for `head`.
    fn consider(&mut self, answer: Answer) {
        match self.coverage.fit(&answer) {
            Fit::Joins => {
                self.coverage.join(&answer);
                self.accept(answer);
            }
            Fit::Gap => self.step_back(answer),
            Fit::Moved { ordered } => {
                // `total` did not show this change.
                self.changed = true;
                if self.consistency == Consistency::Reconcile {
                    self.reconcile(answer, ordered);
                } else {
                    self.accept(answer);
                }
            }
        }
    }

    /// The list changed between the page before and this answer.
    fn reconcile(&mut self, answer: Answer, ordered: bool) {
        if !ordered {
            self.coverage.set_unordered();
        }
        let start = self.coverage.previous_start().min(answer.start);
        if self.list_changed(start) {
            self.discard(answer.ticket());
        } else {
            // The answer may be older than the change, so the next page has to overlap.
            self.accept(answer);
            self.coverage.end_run();
        }
    }

    /// There may be a gap before the answer: reads the pages before it first.
    fn step_back(&mut self, answer: Answer) {
        let pages = self.totals.pages_left().max(1);
        self.head = self.head.saturating_sub(pages).max(1);
        if self.pages.requested() < self.concurrency {
            self.pages.wait(answer);
        } else {
            self.discard(answer.ticket());
        }
    }

    fn accept(&mut self, answer: Answer) {
        let mut accepted = self.coverage.accept(&answer, self.consistency);
        self.duplicates += accepted.duplicates;
        self.left_out += u64::from(answer.left_out);
        self.totals.at_last_accept = self.totals.latest;
        self.head += 1;
        self.stable_pages += 1;
        let left = usize::try_from(self.wanted - self.unique).unwrap_or(usize::MAX);
        let is_cut = accepted.rows.len() > left;
        accepted.rows.truncate(left);
        if accepted.rows.is_empty() {
            self.discard(answer.ticket());
        } else {
            self.unique += accepted.rows.len() as u64;
            self.budget.count_useful();
            self.full_rescan = false;
            self.pages.hold(answer.page, answer.ticket(), accepted.rows);
        }
        self.coverage.forget_links(self.pages.earliest_start());
        if self.unique == self.wanted {
            if is_cut || self.head <= self.last_page() {
                self.end(State::Done);
            } else {
                self.finish();
            }
        }
    }

    /// An answer requested at `start` shows that the list changed. Discards all requested pages. Returns
    /// whether accepted pages are in doubt; if so, reading continues at the first of them.
    fn list_changed(&mut self, start: Tick) -> bool {
        self.stable_pages = 0;
        let doubtful = self.coverage.doubt_since(start);
        self.drop_requested();
        if let Some(page) = doubtful {
            self.head = page.saturating_sub(self.totals.pages_left()).max(1);
        }
        doubtful.is_some()
    }

    /// All pages were accepted.
    fn finish(&mut self) {
        let total = self.totals.latest;
        let found = self.unique + self.left_out;
        let reconcile = self.consistency == Consistency::Reconcile;
        let missing = total > found.saturating_add(self.totals.growth);
        let more_wanted = self.unique < self.wanted;
        if missing && reconcile && more_wanted && self.coverage.remembers_all() {
            return self.rescan();
        }
        let one_answer = self.totals.pages() <= 1 && !self.totals.resumed;
        let change_ignored = self.changed && !reconcile;
        self.complete = if self.left_out > 0 || missing || change_ignored {
            Complete::False
        } else if one_answer && found >= total {
            Complete::True
        } else {
            Complete::Unknown
        };
        self.end(State::Done);
    }

    /// Fewer runners were found than `total` says: reads the list again from page 1. Fails if this pass
    /// began at page 1, too, and found nothing new.
    fn rescan(&mut self) {
        if self.full_rescan {
            return self.end(State::Failed(Why::ListChanged));
        }
        self.changed = true;
        self.full_rescan = true;
        self.stable_pages = 0;
        self.head = 1;
        self.coverage.doubt_all();
        self.drop_requested();
    }

    fn drop_requested(&mut self) {
        while let Some(ticket) = self.pages.pop_requested() {
            self.discard(ticket);
        }
    }

    /// A request brought nothing new, or is no longer needed.
    fn discard(&mut self, ticket: Ticket) {
        self.discarded.push(ticket);
        self.budget.count_wasted();
        if self.budget.is_exhausted(self.totals.pages_joined()) {
            self.end(State::Failed(Why::ListChanged));
        }
    }

    pub(super) fn end(&mut self, state: State) {
        if self.is_reading() {
            self.state = state;
            self.drop_requested();
        }
    }

    /// The consumer took this many rows.
    pub(super) fn consume(&mut self, rows: u32) {
        let keep = 4096 + 4 * self.concurrency * self.per_page as usize;
        self.coverage.consume(rows as usize, keep, self.consistency);
    }

    /// See [`Coverage::taken`].
    pub(super) fn taken(&self) -> (CreatedAt, Vec<u128>) {
        self.coverage.taken()
    }

    pub(super) fn is_ordered(&self) -> bool {
        self.coverage.is_ordered()
    }

    /// The last page that may hold rows that are wanted.
    pub(super) fn last_wanted_page(&self) -> u64 {
        let pages = (self.wanted - self.unique).div_ceil(self.per_page);
        (self.totals.pages()).min((self.head - 1).saturating_add(pages))
    }

    /// The last page of the list; page 1 of an empty one.
    fn last_page(&self) -> u64 {
        self.totals.pages().max(1)
    }
}
