//! What an answer proves, and what a change puts in doubt. The rules are those of the module's
//! documentation.

use comfycontrol_decode::Key;

use super::seen::{Moment, NEVER, UNCOVERED, created_at};
use super::{Complete, Consistency, Enumeration, Link, Page, State, Ticket, Why};

impl Enumeration {
    pub(super) fn arrived(
        &mut self,
        mut answer: Box<Page>,
        total: u64,
        keys: Vec<Key>,
        left_out: u32,
    ) {
        // Nothing else was under way meanwhile.
        let alone = self.moment == answer.start && self.under_way() == 0;
        self.moment += 1;
        let before = (answer.number - 1) * self.per_page;
        let expected = total.saturating_sub(before).min(self.per_page);
        // The answer says that its page should have more or fewer rows.
        let torn = keys.len() as u64 + u64::from(left_out) != expected;
        answer.end = self.moment;
        answer.keys = keys;
        answer.left_out = left_out;

        let known = self.report.total_end;
        let moved = self.told && known != total;
        self.report.total_end = total;
        if !self.told {
            self.told = true;
            if !self.resumed {
                self.report.total_start = total;
                self.settled_total = total;
            }
            self.limit = self.report.requests - 1 + 2 * self.pages() + self.spare();
        }
        if self.resumed || moved {
            self.growth += total.saturating_sub(known);
        }
        if torn || moved {
            self.changed = true;
            if self.consistency == Consistency::Reconcile {
                self.disturbed(answer.start);
                // Among others, it may be of the time before another change that they saw.
                if torn || !alone {
                    return self.discard(answer);
                }
            }
        }
        if answer.number > self.pages().max(1) {
            self.discard(answer);
        } else {
            self.asked.push(answer);
        }
        self.settle();
    }

    /// Accepts what can be accepted, in the order of pages.
    fn settle(&mut self) {
        while self.reading() {
            let last = self.pages().max(1);
            if self.head > last {
                if self.chain > 0 {
                    return self.finish();
                }
                self.head = last;
            }
            let place = self.place_of(self.head);
            if self.asked.get(place).is_none_or(|page| page.end == 0) {
                return;
            }
            let answer = self.asked.swap_remove(place);
            self.judge(answer);
        }
    }

    fn judge(&mut self, answer: Box<Page>) {
        let (mut overlaps, mut repeats) = (false, false);
        for key in &answer.keys {
            if let Some(row) = self.seen.rows.get(self.seen.place(key.id)) {
                overlaps |= row.cover != UNCOVERED;
                repeats |= row.met >= self.chain;
            }
        }
        let mut first = Moment::MIN;
        if let (true, Some(key)) = (self.ordered, answer.keys.first()) {
            first = created_at(key);
        }
        if self.chain == 0 {
            if self.head > 1 && !overlaps && first <= self.reached {
                self.step_back(answer);
            } else {
                self.chain = self.covers + 1;
                self.join(answer);
            }
            return;
        }
        if !repeats && first <= self.last {
            self.links.push(Link {
                page: self.head,
                cover: self.covers + 1,
                end: self.end.max(answer.end),
            });
            return self.join(answer);
        }
        // The list moved although `total` did not.
        self.changed = true;
        if self.consistency != Consistency::Reconcile {
            return self.join(answer);
        }
        // Earlier by its time and yet nothing in common: not the documented order.
        self.ordered &= repeats || first > self.horizon;
        if self.disturbed(self.start.min(answer.start)) {
            self.discard(answer);
        } else {
            // It may be of the time before the move: what follows has to overlap.
            self.join(answer);
            self.chain = 0;
        }
    }

    /// There may be a gap before the answer.
    fn step_back(&mut self, answer: Box<Page>) {
        self.head = self.head.saturating_sub(self.pages_left().max(1)).max(1);
        // Until something joins, one page is asked for at a time: all of these are answers. (After a
        // forged checkpoint perhaps not, and then fewer are kept.)
        if self.asked.len() < self.concurrency {
            self.asked.push(answer);
        } else {
            self.discard(answer);
        }
    }

    /// Accepts the answer for `head`.
    fn join(&mut self, mut answer: Box<Page>) {
        self.covers += 1;
        let mut last = NEVER;
        for (row, key) in (0..).zip(&answer.keys) {
            let created_at = created_at(key);
            self.ordered &= created_at <= last;
            last = created_at;
            let place = self.seen.place(key.id);
            let mut done = created_at > self.horizon;
            let mut known = done;
            if let Some(row) = self.seen.rows.get_mut(place) {
                row.cover = row.cover.min(self.covers);
                row.met = self.covers;
                row.created_at = created_at;
                // With `none`, only what was handed over before the checkpoint is held back.
                done |= self.consistency != Consistency::None || place < self.carried;
                known = true;
            }
            self.report.duplicates += u64::from(known);
            if !done {
                self.seen.push(key.id, created_at, self.covers);
                answer.rows.push(row);
            }
        }
        self.reached = self.reached.min(last);
        self.settled_total = self.report.total_end;
        self.left_out += u64::from(answer.left_out);
        self.last = last;
        self.start = answer.start;
        self.end = answer.end;
        self.head += 1;
        self.calm += 1;
        answer.left = answer.rows.len() as u32;
        if answer.left == 0 {
            self.discard(answer);
        } else {
            self.report.unique += u64::from(answer.left);
            self.useful += 1;
            self.fruitless = false;
            self.unconsumed.push(answer);
        }
        self.forget_links();
    }

    /// Forgets those that nothing under way or waiting can put in doubt.
    fn forget_links(&mut self) {
        let mut oldest = self.start;
        for page in &self.asked {
            oldest = oldest.min(page.start);
        }
        let mut kept = 0;
        for place in 0..self.links.len() {
            let link = self.links[place];
            if link.end > oldest {
                self.links[kept] = link;
                kept += 1;
            }
        }
        self.links.truncate(kept);
    }

    /// The list changed, seen by an answer that was asked for at `start`. Gives up what is under
    /// way, and says whether pages accepted before are in doubt: then reading starts at `head`.
    fn disturbed(&mut self, start: u32) -> bool {
        self.calm = 0;
        self.chain = 0;
        self.drop_waiting();
        // They are in the order in which they were accepted.
        let doubtful = self.links.iter().find(|link| link.end > start).copied();
        self.links.clear();
        let Some(link) = doubtful else {
            return false;
        };
        self.reached = self.horizon.min(self.seen.uncover(link.cover));
        self.head = link.page.saturating_sub(self.pages_left()).max(1);
        true
    }

    /// Pages filled by the runners that left since a page was last accepted, as `total` shows.
    fn pages_left(&self) -> u64 {
        let left = self.settled_total.saturating_sub(self.report.total_end);
        left.div_ceil(self.per_page)
    }

    fn finish(&mut self) {
        let total = self.report.total_end;
        let found = self.report.unique + self.left_out;
        let reconcile = self.consistency == Consistency::Reconcile;
        let lacking = total > found + self.growth;
        if lacking && reconcile && self.horizon == NEVER {
            if self.fruitless {
                return self.give_up();
            }
            self.disturbed(u32::MAX);
            self.changed = true;
            self.reached = self.seen.uncover(0);
            self.head = 1;
            self.fruitless = true;
            return;
        }
        let single = self.pages() <= 1;
        self.report.complete = if self.left_out > 0 || lacking || self.changed && !reconcile {
            Complete::False
        } else if single && !self.resumed && found >= total {
            Complete::True
        } else {
            Complete::Unknown
        };
        self.end(State::Done);
    }

    fn drop_waiting(&mut self) {
        while !self.asked.is_empty() {
            let asked = self.asked.swap_remove(0);
            self.discard(asked);
        }
    }

    /// The request brought nothing new, or is given up.
    #[allow(clippy::boxed_local, reason = "dropped here, once for all callers")]
    fn discard(&mut self, asked: Box<Page>) {
        self.discarded.push(Ticket(asked.start));
        self.vain += 1;
        let grown = self.growth.div_ceil(self.per_page);
        if self.vain > self.useful + self.spare() + grown {
            self.give_up();
        }
    }

    fn spare(&self) -> u64 {
        16 + 4 * self.concurrency as u64
    }

    pub(super) fn give_up(&mut self) {
        self.end(State::Failed(Why::ListChanged));
    }

    pub(super) fn end(&mut self, state: State) {
        if self.reading() {
            self.state = state;
            self.drop_waiting();
        }
    }

    /// Forgets ids far behind, of which the time says enough.
    pub(super) fn forget(&mut self) {
        let keep = 4096 + 4 * self.concurrency * self.per_page as usize;
        if self.taken < self.forget_at.max(2 * keep) || !self.ordered {
            return;
        }
        let behind = self.taken - keep;
        let row = self.seen.rows[behind];
        if row.cover != UNCOVERED {
            self.taken -= self.seen.forget(self.carried..behind, row.created_at);
            if self.consistency != Consistency::None {
                self.horizon = row.created_at;
            }
        }
        self.forget_at = self.taken + keep;
    }
}
