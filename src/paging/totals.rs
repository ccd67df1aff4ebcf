//! Keeps track of `total`, the number of runners in the list, over all answers.

use super::checkpoint::Checkpoint;

/// The reader of answers refuses a larger `total`.
pub(super) const MAX_TOTAL: u64 = comfycontrol_decode::MAX_SAFE_INTEGER;

#[derive(Debug)]
pub(super) struct Totals {
    per_page: u64,
    /// This part of a resumed enumeration follows one that got an answer.
    pub(super) resumed: bool,
    /// An answer arrived in this part.
    pub(super) total_known: bool,
    /// `total` in the first answer of all parts; 0 before it.
    pub(super) first: u64,
    /// `total` in the latest answer; 0 before the first.
    pub(super) latest: u64,
    /// `total` when a page was last accepted.
    pub(super) at_last_accept: u64,
    /// Runners that joined during all parts, as far as `total` shows.
    pub(super) growth: u64,
}

impl Totals {
    /// `per_page` is at least 1.
    pub(super) fn new(per_page: u64, resumed: bool, from: &Checkpoint) -> Self {
        Self {
            per_page,
            resumed,
            total_known: false,
            first: from.total_start,
            latest: from.total_end,
            at_last_accept: from.total_accepted,
            growth: from.growth,
        }
    }

    /// Records the `total` of an answer. Returns whether it moved since the answer before.
    pub(super) fn observe(&mut self, total: u64) -> bool {
        let before = self.latest;
        let moved = self.total_known && total != before;
        self.latest = total;
        if self.total_known || self.resumed {
            let joined = total.saturating_sub(before);
            self.growth = self.growth.saturating_add(joined);
        } else {
            self.first = total;
            self.at_last_accept = total;
        }
        self.total_known = true;
        moved
    }

    /// The pages of the list; 0 before the first answer.
    pub(super) fn pages(&self) -> u64 {
        if self.total_known {
            self.latest.div_ceil(self.per_page)
        } else {
            0
        }
    }

    /// How many rows a page should have.
    pub(super) fn rows_on(&self, page: u64) -> u64 {
        let before = (page - 1) * self.per_page;
        self.latest.saturating_sub(before).min(self.per_page)
    }

    /// Pages filled by the runners that left since a page was last accepted.
    pub(super) fn pages_left(&self) -> u64 {
        let left = self.at_last_accept.saturating_sub(self.latest);
        left.div_ceil(self.per_page)
    }

    /// Pages filled by the runners that joined.
    pub(super) fn pages_joined(&self) -> u64 {
        self.growth.div_ceil(self.per_page)
    }
}
