//! The runners met so far, in the order in which they are handed over, found by id.
//!
//! An open-addressing table of places: the standard `HashMap` would bring SipHash along, and ids
//! are random already.

use std::ops::Range;

use comfycontrol_decode::{Instant, Key};

/// A row that no accepted answer covers any more.
pub(super) const UNCOVERED: u32 = u32::MAX;
/// A row that was covered before the checkpoint.
pub(super) const CARRIED: u32 = 0;

#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: Key,
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
    pub(super) fn find(&self, id: u128) -> Option<usize> {
        let mut at = self.start(id)?;
        loop {
            let place = (self.slots[at] as usize).checked_sub(1)?;
            if self.rows[place].key.id == id {
                return Some(place);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Adds a row at the end. Of several with one id the first is found.
    pub(super) fn push(&mut self, key: Key, cover: u32) {
        let met = cover;
        self.rows.push(Row { key, cover, met });
        if self.rows.len() * 2 > self.slots.len() {
            self.index();
        } else {
            self.enter(self.rows.len() - 1);
        }
    }

    /// Forgets the covered rows at these places that were created after `horizon`; gives how many.
    pub(super) fn forget(&mut self, places: Range<usize>, horizon: Instant) -> usize {
        let before = self.rows.len();
        let mut place = 0..;
        self.rows.retain(|row| {
            let here = place.next().is_some_and(|place| places.contains(&place));
            !here || row.cover == UNCOVERED || row.key.created_at <= horizon
        });
        self.index();
        before - self.rows.len()
    }

    /// Takes the cover of all answers from number `from` on away.
    pub(super) fn uncover(&mut self, from: u32) {
        for row in &mut self.rows {
            if row.cover >= from {
                row.cover = UNCOVERED;
            }
        }
    }

    /// When the last of the rows was created that this run covers.
    pub(super) fn last_covered(&self) -> Option<Instant> {
        let covered = self
            .rows
            .iter()
            .filter(|row| row.cover != UNCOVERED && row.cover != CARRIED);
        covered.map(|row| row.key.created_at).min()
    }

    fn index(&mut self) {
        self.slots.clear();
        self.slots
            .resize((self.rows.len() * 4).next_power_of_two().max(64), 0);
        for place in 0..self.rows.len() {
            self.enter(place);
        }
    }

    fn enter(&mut self, place: usize) {
        let id = self.rows[place].key.id;
        let Some(mut at) = self.start(id) else { return };
        while let Some(other) = (self.slots[at] as usize).checked_sub(1) {
            if self.rows[other].key.id == id {
                return;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = place as u32 + 1;
    }

    /// Where the search begins. The multiplication spreads ids that are not random, such as
    /// counted ones.
    fn start(&self, id: u128) -> Option<usize> {
        let folded = (id ^ (id >> 64)) as u64;
        let spread = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        (spread as usize).checked_rem(self.slots.len())
    }
}
