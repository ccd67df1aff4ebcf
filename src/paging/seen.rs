//! The runners met so far, in the order in which they are handed over, found by id.
//!
//! An open-addressing table of places: the standard `HashMap` would bring SipHash along, and ids
//! are random already.

use std::ops::Range;

use comfycontrol_decode::Key;

/// When a runner was created, in units of 64 ns since 1970: runners of one unit count as created at
/// the same moment.
pub(super) type Moment = i64;

/// Later than every runner.
pub(super) const NEVER: Moment = Moment::MAX;

pub(super) fn created_at(key: &Key) -> Moment {
    (key.created_at.seconds << 24) + Moment::from(key.created_at.nanos >> 6)
}

/// A row that no accepted answer covers any more.
pub(super) const UNCOVERED: u32 = u32::MAX;
/// A row that was covered before the checkpoint.
pub(super) const CARRIED: u32 = 0;

#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) id: u128,
    pub(super) created_at: Moment,
    /// The number of the accepted answer that made sure of everything down to this row.
    pub(super) cover: u32,
    /// The number of the accepted answer that held it last.
    pub(super) met: u32,
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) rows: Vec<Row>,
    /// Places in `rows` plus one; 0 is free. The length is a power of two, or 0.
    slots: Vec<u32>,
}

impl Seen {
    /// The place of a row with this id; beyond all rows if there is none.
    pub(super) fn place(&self, id: u128) -> usize {
        let slot = self.slots.get(self.slot(id)).copied();
        (slot.unwrap_or(0) as usize).wrapping_sub(1)
    }

    /// Adds a row at the end. Of several with one id the first is found.
    pub(super) fn push(&mut self, id: u128, created_at: Moment, cover: u32) {
        let met = cover;
        self.rows.push(Row {
            id,
            created_at,
            cover,
            met,
        });
        if self.rows.len() * 2 > self.slots.len() {
            self.index();
        } else {
            self.enter(self.rows.len());
        }
    }

    /// Forgets the covered rows at these places that were created after `horizon`; gives how many.
    pub(super) fn forget(&mut self, places: Range<usize>, horizon: Moment) -> usize {
        let before = self.rows.len();
        let mut kept = 0;
        for place in 0..before {
            let row = self.rows[place];
            let done = row.cover != UNCOVERED && row.created_at > horizon;
            if !done || !places.contains(&place) {
                self.rows[kept] = row;
                kept += 1;
            }
        }
        self.rows.truncate(kept);
        self.index();
        before - kept
    }

    /// Takes the cover of all answers from number `from` on away. Gives when the last of the rows
    /// was created that this run still covers.
    pub(super) fn uncover(&mut self, from: u32) -> Moment {
        let mut last = NEVER;
        for row in &mut self.rows {
            if row.cover >= from {
                row.cover = UNCOVERED;
            } else if row.cover != CARRIED {
                last = last.min(row.created_at);
            }
        }
        last
    }

    fn index(&mut self) {
        self.slots = vec![0; (self.rows.len() * 4).next_power_of_two().max(64)];
        for number in 1..=self.rows.len() {
            self.enter(number);
        }
    }

    fn enter(&mut self, number: usize) {
        let slot = self.slot(self.rows[number - 1].id);
        if self.slots[slot] == 0 {
            self.slots[slot] = number as u32;
        }
    }

    /// The slot that holds the row with this id, or the free one in which it belongs. The
    /// multiplication spreads ids that are not random, such as counted ones.
    fn slot(&self, id: u128) -> usize {
        let folded = (id ^ (id >> 64)) as u64;
        let mut slot = (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize;
        loop {
            slot &= self.slots.len().wrapping_sub(1);
            match self.slots.get(slot) {
                Some(0) | None => return slot,
                Some(number) if self.rows[*number as usize - 1].id == id => return slot,
                _ => slot += 1,
            }
        }
    }
}
