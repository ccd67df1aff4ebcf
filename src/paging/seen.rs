//! The runners found so far, in the order in which they are handed over, with an index by id.

use std::ops::Range;

use comfycontrol_decode::Key;
use rustc_hash::FxHashMap;

/// When a runner was created, in units of 64 ns since 1970. Two runners of the same unit count as
/// created at the same time.
pub(super) type CreatedAt = i64;

/// Later than every runner.
pub(super) const NEVER: CreatedAt = CreatedAt::MAX;

pub(super) fn created_at(key: &Key) -> CreatedAt {
    (key.created_at.seconds << 24) + CreatedAt::from(key.created_at.nanos >> 6)
}

/// What proves that no row before this one was missed. Accepted answers are numbered from 1. Earlier proof
/// compares as less: it survives more changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cover {
    /// The part of the enumeration that wrote the checkpoint.
    Checkpoint,
    /// An accepted answer.
    Answer(u32),
    /// No proof: a change put it in doubt.
    Doubtful,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) id: u128,
    pub(super) created_at: CreatedAt,
    pub(super) cover: Cover,
    /// The accepted answer that held the row last; 0 if only the checkpoint did.
    pub(super) last_answer: u32,
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    rows: Vec<Row>,
    /// The index in `rows` of the first row with an id.
    positions: FxHashMap<u128, u32>,
}

impl Seen {
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The index of the first row with this id.
    pub(super) fn position(&self, id: u128) -> Option<usize> {
        self.positions.get(&id).map(|position| *position as usize)
    }

    pub(super) fn get(&self, id: u128) -> Option<&Row> {
        self.rows.get(self.position(id)?)
    }

    /// The row at an index that [`position`](Self::position) returned.
    pub(super) fn row_mut(&mut self, position: usize) -> &mut Row {
        &mut self.rows[position]
    }

    pub(super) fn push(&mut self, row: Row) {
        let position = self.rows.len() as u32;
        self.positions.entry(row.id).or_insert(position);
        self.rows.push(row);
    }

    /// Forgets the rows in this range that are covered and were created after `horizon`. Returns how
    /// many.
    pub(super) fn forget(&mut self, range: Range<usize>, horizon: CreatedAt) -> usize {
        let before = self.rows.len();
        let mut positions = 0..;
        self.rows.retain(|row| {
            let in_range = positions
                .next()
                .is_some_and(|position| range.contains(&position));
            !in_range || row.cover == Cover::Doubtful || row.created_at <= horizon
        });
        self.positions.clear();
        for (position, row) in (0..).zip(&self.rows) {
            self.positions.entry(row.id).or_insert(position);
        }
        before - self.rows.len()
    }

    /// Puts in doubt what `from` and later answers cover. Returns the time of creation of the last row that
    /// an answer still covers.
    pub(super) fn doubt(&mut self, from: Cover) -> CreatedAt {
        let mut last = NEVER;
        for row in &mut self.rows {
            if row.cover >= from {
                row.cover = Cover::Doubtful;
            } else if row.cover != Cover::Checkpoint {
                last = last.min(row.created_at);
            }
        }
        last
    }
}
