//! What an answer proves, and what a change puts in doubt. The rules are those of the module's
//! documentation.

use comfycontrol_decode::{Instant, Key};

use super::seen::{Row, UNCOVERED};
use super::{Answer, Consistency, Delivery, Enumeration, Link, Previous, State, Why};

impl Enumeration {
    pub(super) fn arrive(&mut self, answer: Answer, total: u64) {
        let before = self.total.replace(total);
        let pages = self.last_page().unwrap_or(0);
        let spare = 16 + 4 * u64::from(self.concurrency);
        if before.is_none() {
            if !self.resumed {
                (self.total_start, self.settled_total) = (total, total);
            }
            self.limit =
                (self.requests - 1).saturating_add(pages.saturating_mul(2).saturating_add(spare));
        }
        let known = before.unwrap_or(self.settled_total);
        self.growth = (self.growth).saturating_add(total.saturating_sub(known));
        if answer.torn || before.is_some_and(|before| before != total) {
            self.changed = true;
            if self.consistency == Consistency::Reconcile {
                self.disturbed(answer.request.start);
                // Among others, it may be of the time before another change that they saw.
                if answer.torn || !answer.alone {
                    return self.drop_answer(answer);
                }
            }
        }
        if answer.request.page > pages.max(1) {
            self.drop_answer(answer);
        } else {
            self.arrived.push(answer);
        }
        self.settle();
    }

    /// Accepts what can be accepted, in the order of pages.
    fn settle(&mut self) {
        while self.state == State::Reading {
            let last = self.last_page().unwrap_or(0).max(1);
            if self
                .previous
                .as_ref()
                .is_some_and(|previous| previous.page >= last)
            {
                return self.finish();
            }
            if self.head > last {
                self.head = last;
                self.previous = None;
            }
            let Some(place) = self
                .arrived
                .iter()
                .position(|answer| answer.request.page == self.head)
            else {
                return;
            };
            let answer = self.arrived.swap_remove(place);
            self.judge(answer);
        }
    }

    fn judge(&mut self, answer: Answer) {
        let first = answer.keys.first().map(|key| key.created_at);
        let after = |moment: Option<Instant>| self.ordered && moment.is_some() && first > moment;
        let Some(previous) = &self.previous else {
            let covered = |row: &Row| row.cover != UNCOVERED;
            if self.head > 1 && !self.any(&answer, covered) && !after(self.reached) {
                self.step_back(answer);
            } else {
                let chain = self.covers + 1;
                self.join(answer, chain);
            }
            return;
        };
        let (chain, start) = (previous.chain, previous.start.min(answer.request.start));
        let repeats = self.any(&answer, |row| row.met >= chain && row.met != UNCOVERED);
        let earlier = after(previous.last);
        if !repeats && !earlier {
            let end = previous.end.max(answer.end);
            let link = Link {
                page: self.head,
                cover: self.covers + 1,
                end,
            };
            self.links.push(link);
            return self.join(answer, chain);
        }
        // The list moved although `total` did not.
        self.changed = true;
        if self.consistency != Consistency::Reconcile {
            return self.join(answer, chain);
        }
        // Earlier by its time and yet nothing in common: not the documented order.
        self.ordered &= repeats || after(self.horizon);
        if self.disturbed(start) {
            self.drop_answer(answer);
        } else {
            // It may be of the time before the move: what follows has to overlap.
            self.join(answer, chain);
            self.previous = None;
        }
    }

    /// Whether this holds for any row of the answer that was met before.
    fn any(&self, answer: &Answer, holds: impl Fn(&Row) -> bool) -> bool {
        let known = |key: &Key| {
            self.seen
                .find(key.id)
                .is_some_and(|place| holds(&self.seen.rows[place]))
        };
        answer.keys.iter().any(known)
    }

    /// There may be a gap before the answer.
    fn step_back(&mut self, answer: Answer) {
        self.head = self.head.saturating_sub(self.pages_left().max(1)).max(1);
        if self.arrived.len() < self.concurrency as usize {
            self.arrived.push(answer);
        } else {
            self.drop_answer(answer);
        }
    }

    /// Accepts the answer for `head`.
    fn join(&mut self, answer: Answer, chain: u32) {
        let (start, end) = (answer.request.start, answer.end);
        let last = answer.keys.last().map(|key| key.created_at);
        self.accept(answer);
        self.previous = Some(Previous {
            page: self.head,
            chain,
            last,
            start,
            end,
        });
        self.head += 1;
        self.calm += 1;
        // A link that nothing under way or waiting can put in doubt is forgotten.
        let starts = self.under_way.iter().map(|request| request.start);
        let waiting = self.arrived.iter().map(|answer| answer.request.start);
        let oldest = starts.chain(waiting).fold(start, u32::min);
        self.links.retain(|link| link.end > oldest);
    }

    fn accept(&mut self, answer: Answer) {
        self.covers += 1;
        let keys = &answer.keys;
        self.ordered &= keys.is_sorted_by(|a, b| a.created_at >= b.created_at);
        let mut rows = Vec::new();
        for (row, key) in (0..).zip(keys) {
            let known = self.seen.find(key.id);
            let mut done = self.horizon.is_some_and(|horizon| key.created_at > horizon);
            if let Some(place) = known {
                let row = &mut self.seen.rows[place];
                row.cover = row.cover.min(self.covers);
                row.met = self.covers;
                row.key.created_at = key.created_at;
                // With `none`, only what was handed over before the checkpoint is held back.
                done |= self.consistency != Consistency::None || place < self.carried;
            }
            if done || known.is_some() {
                self.duplicates += 1;
            }
            if !done {
                self.seen.push(*key, self.covers);
                rows.push(row);
            }
        }
        if let Some(last) = keys.last() {
            self.reached = Some(
                self.reached
                    .map_or(last.created_at, |reached| reached.min(last.created_at)),
            );
        }
        self.settled_total = self.total.unwrap_or(0);
        self.left_out += u64::from(answer.left_out);
        let ticket = answer.request.ticket;
        if rows.is_empty() {
            self.discarded.push(ticket);
            self.in_vain(1);
        } else {
            self.unique += rows.len() as u64;
            self.useful += 1;
            self.fruitless = false;
            self.unconsumed
                .push_back((answer.request.page, rows.len() as u32));
            self.deliveries.push_back(Delivery { ticket, rows });
        }
    }

    /// The list changed, seen by an answer that was asked for at `start`. Gives up what is under
    /// way, and says whether pages accepted before are in doubt: then reading starts at `head`.
    fn disturbed(&mut self, start: u32) -> bool {
        self.calm = 0;
        self.previous = None;
        self.drop_waiting();
        let doubtful = self
            .links
            .iter()
            .filter(|link| link.end > start)
            .min_by_key(|link| link.cover);
        let Some(&Link { page, cover, .. }) = doubtful else {
            self.links.clear();
            return false;
        };
        self.links.clear();
        self.seen.uncover(cover);
        self.reached = match (self.seen.last_covered(), self.horizon) {
            (Some(covered), Some(horizon)) => Some(covered.min(horizon)),
            (covered, horizon) => covered.or(horizon),
        };
        self.head = page.saturating_sub(self.pages_left()).max(1);
        true
    }

    /// Pages filled by the runners that left since a page was last accepted, as `total` shows.
    fn pages_left(&self) -> u64 {
        let left = self.settled_total.saturating_sub(self.total.unwrap_or(0));
        left.div_ceil(u64::from(self.per_page))
    }

    fn finish(&mut self) {
        let total = self.total.unwrap_or(0);
        let found = self.unique + self.left_out;
        self.lacking = total > self.growth.saturating_add(found);
        if self.lacking && self.consistency == Consistency::Reconcile && self.horizon.is_none() {
            if self.fruitless {
                return self.give_up();
            }
            self.disturbed(u32::MAX);
            self.changed = true;
            self.seen.uncover(0);
            self.reached = None;
            self.head = 1;
            self.fruitless = true;
            return;
        }
        let single = self.last_page().is_some_and(|last| last <= 1);
        self.whole = single && !self.resumed && found >= total;
        self.end(State::Done);
    }

    fn drop_answer(&mut self, answer: Answer) {
        self.discarded.push(answer.request.ticket);
        self.in_vain(1);
    }

    fn drop_waiting(&mut self) {
        let count = self.under_way.len() + self.arrived.len();
        let arrived = self.arrived.drain(..).map(|answer| answer.request);
        let dropped = self.under_way.drain(..).chain(arrived);
        self.discarded.extend(dropped.map(|request| request.ticket));
        self.in_vain(count as u64);
    }

    fn in_vain(&mut self, requests: u64) {
        self.vain += requests;
        let spare = 16 + 4 * u64::from(self.concurrency);
        let grown = self.growth.div_ceil(u64::from(self.per_page));
        if self.vain > self.useful + spare + grown {
            self.give_up();
        }
    }

    pub(super) fn give_up(&mut self) {
        self.end(State::Failed(Why::ListChanged));
    }

    pub(super) fn end(&mut self, state: State) {
        if self.state == State::Reading {
            self.state = state;
            self.drop_waiting();
        }
    }

    /// Forgets ids far behind, of which the time says enough.
    pub(super) fn forget(&mut self) {
        let keep = 4096 + 4 * (self.concurrency * self.per_page) as usize;
        if self.taken < self.forget_at.max(2 * keep) || !self.ordered {
            return;
        }
        let behind = self.taken - keep;
        let row = &self.seen.rows[behind];
        if row.cover != UNCOVERED {
            let horizon = row.key.created_at;
            self.taken -= self.seen.forget(self.carried..behind, horizon);
            if self.consistency != Consistency::None {
                self.horizon = Some(horizon);
            }
        }
        self.forget_at = self.taken + keep;
    }
}
