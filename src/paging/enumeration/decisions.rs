//! Decides what to do with an answer: accept it, keep it for later, discard it, or step back.

use super::Enumeration;
use crate::paging::consistency::Consistency;
use crate::paging::coverage::Fit;
use crate::paging::pages::{PageAnswer, Tick};
use crate::paging::protocol::{State, Ticket, Why};
use crate::paging::report::Complete;

impl Enumeration {
    pub(super) fn is_reading(&self) -> bool {
        self.state == State::Reading
    }

    /// An answer arrived. `alone` says that nothing else happened since its request started, and
    /// nothing else is under way.
    pub(super) fn arrived(&mut self, answer: PageAnswer, total: u64, alone: bool) {
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
    fn consider(&mut self, answer: PageAnswer) {
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
    fn reconcile(&mut self, answer: PageAnswer, ordered: bool) {
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
    fn step_back(&mut self, answer: PageAnswer) {
        let pages = self.totals.pages_left().max(1);
        self.head = self.head.saturating_sub(pages).max(1);
        if self.pages.requested() < self.concurrency {
            self.pages.wait(answer);
        } else {
            self.discard(answer.ticket());
        }
    }

    fn accept(&mut self, answer: PageAnswer) {
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
        self.complete = if self.has_left_out() || missing || change_ignored {
            Complete::False
        } else if one_answer && found >= total {
            Complete::True
        } else {
            Complete::Unknown
        };
        self.end(State::Done);
    }

    /// Whether invalid runners were left out, over all parts.
    pub(super) fn has_left_out(&self) -> bool {
        self.left_out > 0 || self.left_out_before
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
