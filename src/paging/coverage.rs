//! Keeps track of the part of the list that is proved to be read: what an answer adds to it, and what a
//! change puts in doubt. The documentation of the parent module explains the rules.

use comfycontrol_decode::Key;

use super::consistency::Consistency;
use super::pages::{PageAnswer, Tick};
use super::seen::{Cover, CreatedAt, NEVER, Row, Seen, created_at};

/// How an answer relates to what is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It continues what is covered.
    Joins,
    /// There may be rows between what is covered and the answer.
    Gap,
    /// The list changed since the page before was read. `ordered` is false if the answer may only look like
    /// a change, because the server's order is not newest first.
    Moved { ordered: bool },
}

/// The rows of an accepted answer.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    /// Indices of the rows to hand over.
    pub(super) rows: Vec<u32>,
    /// How many rows were met before.
    pub(super) duplicates: u64,
}

/// Two adjacent pages that were taken to join without overlap: `page` and the one before it.
#[derive(Clone, Copy, Debug)]
struct Link {
    page: u64,
    /// The number of the answer accepted for `page`.
    answer: u32,
    /// When both answers had arrived.
    end: Tick,
}

/// The answer accepted last.
#[derive(Clone, Copy, Debug)]
struct Previous {
    /// When its last row was created.
    last_row: CreatedAt,
    start: Tick,
    end: Tick,
}

#[derive(Debug)]
pub(super) struct Coverage {
    seen: Seen,
    /// How many of `seen` came with the checkpoint.
    from_checkpoint: usize,
    /// How many of `seen` the consumer has taken.
    taken: usize,
    /// When the consumer has taken this many of `seen`, some can be forgotten.
    forget_at: usize,

    /// Every row created after this is covered.
    covered_after: CreatedAt,
    /// Every row created after this was handed over, or joined too late to be looked for.
    horizon: CreatedAt,
    /// All answers so far were ordered newest first.
    ordered: bool,

    /// How many answers were accepted. The latest one has this number.
    accepted: u32,
    /// A run is a series of answers, each of which joins the one before. This is the number of its first
    /// answer; `None` if the next answer has to overlap what is covered.
    run_start: Option<u32>,
    previous: Previous,
    /// The links that a change could still put in doubt, oldest first.
    links: Vec<Link>,
}

impl Coverage {
    /// Runners created after `horizon` were handed over, and so were those with these `ids`.
    pub(super) fn new(ids: &[u128], horizon: CreatedAt, ordered: bool, changed: bool) -> Self {
        let mut seen = Seen::default();
        // If nothing changed, these are the last rows of what is covered.
        let cover = if changed {
            Cover::Doubtful
        } else {
            Cover::Checkpoint
        };
        for id in ids {
            seen.push(Row {
                id: *id,
                // Not known until the row is met, only that it is not after the horizon.
                created_at: CreatedAt::MIN,
                cover,
                last_answer: 0,
            });
        }
        Self {
            seen,
            from_checkpoint: ids.len(),
            taken: ids.len(),
            forget_at: 0,
            covered_after: horizon,
            horizon,
            ordered,
            accepted: 0,
            run_start: None,
            previous: Previous {
                last_row: NEVER,
                start: 0,
                end: 0,
            },
            links: Vec::new(),
        }
    }

    /// Whether the next page has to join the page before; otherwise it has to overlap.
    pub(super) fn in_run(&self) -> bool {
        self.run_start.is_some()
    }

    /// Whether all rows that were handed over can still be found by id.
    pub(super) fn remembers_all(&self) -> bool {
        self.horizon == NEVER
    }

    pub(super) fn is_ordered(&self) -> bool {
        self.ordered
    }

    /// How the answer for the next page fits.
    pub(super) fn fit(&self, answer: &PageAnswer) -> Fit {
        // If the server does not keep the documented order, the time of a row proves nothing.
        let first = answer.keys.first().filter(|_| self.ordered);
        let first_is_after = |time| first.is_some_and(|key| created_at(key) > time);
        let Some(run_start) = self.run_start else {
            let overlaps = self.any_seen(&answer.keys, |row| row.cover != Cover::Doubtful);
            let joins = answer.page == 1 || overlaps || first_is_after(self.covered_after);
            return if joins { Fit::Joins } else { Fit::Gap };
        };
        let repeats = self.any_seen(&answer.keys, |row| row.last_answer >= run_start);
        if repeats || first_is_after(self.previous.last_row) {
            // No row in common, and yet the first row is newer: the server may keep another order.
            let ordered = repeats || first_is_after(self.horizon);
            Fit::Moved { ordered }
        } else {
            Fit::Joins
        }
    }

    fn any_seen(&self, keys: &[Key], test: impl Fn(&Row) -> bool) -> bool {
        keys.iter()
            .filter_map(|key| self.seen.get(key.id))
            .any(test)
    }

    /// The answer joins: it begins a run, or continues it.
    pub(super) fn join(&mut self, answer: &PageAnswer) {
        let number = self.accepted + 1;
        if self.run_start.is_none() {
            self.run_start = Some(number);
        } else {
            self.links.push(Link {
                page: answer.page,
                answer: number,
                end: self.previous.end.max(answer.end),
            });
        }
    }

    /// The next answer has to overlap what is covered.
    pub(super) fn end_run(&mut self) {
        self.run_start = None;
    }

    pub(super) fn set_unordered(&mut self) {
        self.ordered = false;
    }

    /// Covers the rows of an answer, and says which of them to hand over.
    pub(super) fn accept(&mut self, answer: &PageAnswer, consistency: Consistency) -> Accepted {
        self.accepted += 1;
        let mut accepted = Accepted::default();
        let mut last_row = NEVER;
        for (index, key) in (0..).zip(&answer.keys) {
            let created_at = created_at(key);
            self.ordered &= created_at <= last_row;
            last_row = created_at;
            let handed_over = created_at > self.horizon;
            let position = self.seen.position(key.id);
            accepted.duplicates += u64::from(handed_over || position.is_some());
            if let Some(position) = position {
                let row = self.seen.row_mut(position);
                row.cover = row.cover.min(Cover::Answer(self.accepted));
                row.last_answer = self.accepted;
                row.created_at = created_at;
            }
            // With `none` a repeat is held back only if it was handed over before the checkpoint.
            let known = position.is_some_and(|position| {
                consistency != Consistency::None || position < self.from_checkpoint
            });
            if !handed_over && !known {
                accepted.rows.push(index);
                self.seen.push(Row {
                    id: key.id,
                    created_at,
                    cover: Cover::Answer(self.accepted),
                    last_answer: self.accepted,
                });
            }
        }
        self.covered_after = self.covered_after.min(last_row);
        self.previous = Previous {
            last_row,
            start: answer.start,
            end: answer.end,
        };
        accepted
    }

    /// When the request of the answer accepted last started.
    pub(super) fn previous_start(&self) -> Tick {
        self.previous.start
    }

    /// Forgets the links that no answer requested at `earliest` or later can put in doubt.
    pub(super) fn forget_links(&mut self, earliest: Option<Tick>) {
        let earliest = earliest.map_or(self.previous.start, |start| start.min(self.previous.start));
        self.links.retain(|link| link.end > earliest);
    }

    /// An answer requested at `start` shows that the list changed: links made since then are in doubt.
    /// Returns the first page that is.
    pub(super) fn doubt_since(&mut self, start: Tick) -> Option<u64> {
        self.run_start = None;
        let doubtful = self.links.iter().find(|link| link.end > start).copied();
        self.links.clear();
        let link = doubtful?;
        let last = self.seen.doubt(Cover::Answer(link.answer));
        self.covered_after = self.horizon.min(last);
        Some(link.page)
    }

    /// Puts everything in doubt. What was handed over is still known.
    pub(super) fn doubt_all(&mut self) {
        self.run_start = None;
        self.links.clear();
        self.seen.doubt(Cover::Checkpoint);
        self.covered_after = NEVER;
    }

    /// The consumer took this many more rows. Forgets rows far behind that their time identifies as
    /// handed over, and keeps at least `keep` of the rows taken.
    pub(super) fn consume(&mut self, rows: usize, keep: usize, consistency: Consistency) {
        self.taken += rows;
        if self.taken < self.forget_at.max(2 * keep) || !self.ordered {
            return;
        }
        let first_kept = self.taken - keep;
        let row = self.seen.rows()[first_kept];
        if row.cover != Cover::Doubtful {
            let range = self.from_checkpoint..first_kept;
            self.taken -= self.seen.forget(range, row.created_at);
            if consistency != Consistency::None {
                self.horizon = row.created_at;
            }
        }
        self.forget_at = self.taken + keep;
    }

    /// The rows that the consumer took, for a checkpoint: all that were created after the horizon, and
    /// those with the ids.
    pub(super) fn taken(&self) -> (CreatedAt, Vec<u128>) {
        let (taken, waiting) = self.seen.rows().split_at(self.taken);
        let mut horizon = self.horizon;
        if self.ordered && !taken.is_empty() && self.covered_after != NEVER {
            // The horizon must not cover rows that the consumer has not taken.
            let waiting = waiting.iter().map(|row| row.created_at);
            horizon = waiting.fold(self.covered_after, CreatedAt::max);
        }
        let listed = taken.iter().filter(|row| row.created_at <= horizon);
        let ids: Vec<u128> = listed.map(|row| row.id).collect();
        if ids.len() == taken.len() {
            // The ids say it all. Under another order, which these rows cannot show if they were created
            // at the same time, the new horizon would pass over newer rows behind them.
            horizon = self.horizon;
        }
        (horizon, ids)
    }
}
