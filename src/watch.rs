//! Watching: when to read the list next, and what became of each runner since the last reading.
//!
//! The driver reads the list as an enumeration with `reconcile`, one at a time, however many pages
//! it has; it compares the runners it holds, and keeps the object of every runner that is the same.

/// Milliseconds from the end of one reading to the start of the next, if nothing else is asked for:
/// 1 of the 40 requests per 10 s (`api/contract.md`, "Rate limit") in every third window.
pub const DEFAULT_INTERVAL: u32 = 30_000;
/// The shortest interval, in milliseconds.
pub const SHORTEST_INTERVAL: u32 = 1_000;
/// The longest interval, in milliseconds: a day.
pub const LONGEST_INTERVAL: u32 = 86_400_000;
/// Errors lengthen the interval up to this, in milliseconds; a longer one stays as it is.
pub const LONGEST_AFTER_ERRORS: u32 = 300_000;

/// The fields of a runner that can change, as callers know them. The place of each is its bit in
/// [`Fields`].
pub const FIELDS: [&str; 6] = [
    "name",
    "runnerType",
    "status",
    "tags",
    "createdAt",
    "updatedAt",
];

/// A set of [`FIELDS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub u8);

impl Fields {
    /// Their names, in the order of [`FIELDS`].
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let bits = (0..FIELDS.len()).filter(move |bit| self.0 >> bit & 1 != 0);
        bits.map(|bit| FIELDS[bit])
    }
}

/// What became of a runner of the new list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// As it was at this place of the old list: keep that object.
    Same(u32),
    /// At this place of the old list, with other values in these fields.
    Changed(u32, Fields),
    /// Not in the old list.
    Added,
}

/// How two lists differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// For each runner of the new list, in its order.
    pub fates: Vec<Fate>,
    /// Places in the old list of runners that the new one has not, in ascending order.
    pub removed: Vec<u32>,
}

impl Diff {
    /// Whether there is nothing to tell. Another order alone is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.fates.iter().all(|fate| matches!(fate, Fate::Same(_)))
    }
}

/// Compares two lists of these lengths. `find` says where a runner of the new list stands in the old
/// one; `compare` which fields differ between a place of the old list and one of the new, and is
/// asked once for each runner in both.
pub fn diff(
    old: u32,
    new: u32,
    mut find: impl FnMut(u32) -> Option<u32>,
    mut compare: impl FnMut(u32, u32) -> Fields,
) -> Diff {
    let mut left = vec![true; old as usize];
    let fate = |place| {
        let Some(was) = find(place) else {
            return Fate::Added;
        };
        left[was as usize] = false;
        match compare(was, place) {
            Fields(0) => Fate::Same(was),
            fields => Fate::Changed(was, fields),
        }
    };
    let fates = (0..new).map(fate).collect();
    let removed = (0..old).filter(|place| left[*place as usize]).collect();
    Diff { fates, removed }
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Poll {
    /// Read the list: say [`Schedule::started`].
    Now,
    /// Ask again at this time, or when the page's visibility changes.
    At(f64),
    /// Ask again when the page is visible.
    Hidden,
    /// Wait for the reading under way.
    UnderWay,
}

/// When to read the list. All times are in milliseconds of one clock, the driver's.
#[derive(Debug)]
pub struct Schedule {
    interval: f64,
    due: f64,
    errors: u32,
    under_way: bool,
}

impl Schedule {
    /// The first reading is due at once. `interval` is in milliseconds,
    /// [`SHORTEST_INTERVAL`] to [`LONGEST_INTERVAL`].
    #[must_use]
    pub fn new(interval: u32) -> Self {
        Self {
            interval: f64::from(interval.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL)),
            due: f64::NEG_INFINITY,
            errors: 0,
            under_way: false,
        }
    }

    /// What to do now. No reading starts while another is under way or the page is hidden; one
    /// that is overdue starts as soon as the page is visible.
    #[must_use]
    pub fn poll(&self, now: f64, visible: bool) -> Poll {
        if self.under_way {
            Poll::UnderWay
        } else if !visible {
            Poll::Hidden
        } else if now < self.due {
            Poll::At(self.due)
        } else {
            Poll::Now
        }
    }

    /// A reading starts.
    pub fn started(&mut self) {
        self.under_way = true;
    }

    /// The reading gave a list: the next one is due after the interval, ± 10 %. `random` is uniform
    /// in `0.0..1.0`.
    pub fn succeeded(&mut self, now: f64, random: f64) {
        self.errors = 0;
        self.next(now, random);
    }

    /// The reading failed: the next one is due after twice the interval, four times after a second
    /// failure and so on up to [`LONGEST_AFTER_ERRORS`], ± 10 %, and not before `retry_at`, which is
    /// on the same clock.
    pub fn failed(&mut self, now: f64, random: f64, retry_at: Option<f64>) {
        self.errors += 1;
        self.next(now, random);
        self.due = self.due.max(retry_at.unwrap_or(self.due));
    }

    fn next(&mut self, now: f64, random: f64) {
        let longest = self.interval.max(f64::from(LONGEST_AFTER_ERRORS));
        let doubled = self.interval * f64::from(1_u32 << self.errors.min(16));
        self.due = now + doubled.min(longest) * (0.9 + 0.2 * random);
        self.under_way = false;
    }
}
