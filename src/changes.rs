//! What changed from one list to the next.

use rustc_hash::FxHashMap;
use tsify::Tsify;

/// A member of a runner that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum RunnerField {
    /// `name`
    Name,
    /// `runnerType`
    RunnerType,
    /// `status`
    Status,
    /// `tags`; another order is a change, too.
    Tags,
    /// `createdAt`
    CreatedAt,
    /// `updatedAt`
    UpdatedAt,
}

impl RunnerField {
    /// All of them, in the order of the contract.
    pub const ALL: [Self; 6] = [
        Self::Name,
        Self::RunnerType,
        Self::Status,
        Self::Tags,
        Self::CreatedAt,
        Self::UpdatedAt,
    ];

    /// The member's name in JavaScript.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::RunnerType => "runnerType",
            Self::Status => "status",
            Self::Tags => "tags",
            Self::CreatedAt => "createdAt",
            Self::UpdatedAt => "updatedAt",
        }
    }
}

/// A runner that is in both lists, with different values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its index in the new list.
    pub index: u32,
    /// Its index in the old list.
    pub previous: u32,
    /// The members that differ.
    pub fields: Vec<RunnerField>,
}

/// What changed between two lists. A different order of the runners alone is no change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Indexes in the new list.
    pub added: Vec<u32>,
    /// Indexes in the old list.
    pub removed: Vec<u32>,
    /// Runners with different values.
    pub changed: Vec<Changed>,
    /// Runners with the same values: their index in the new list, and in the old one.
    pub unchanged: Vec<(u32, u32)>,
}

impl Changes {
    /// Compares two lists by the ids of their runners. No id may repeat within a list. `differing`
    /// returns the members that differ between a runner of the old list and one of the new list.
    #[must_use]
    pub fn between(
        old: &[u128],
        new: &[u128],
        differing: impl Fn(u32, u32) -> Vec<RunnerField>,
    ) -> Self {
        let mut changes = Self::default();
        let mut indexes = FxHashMap::<u128, u32>::default();
        for (index, id) in (0..).zip(old) {
            indexes.entry(*id).or_insert(index);
        }
        let mut is_removed = vec![true; old.len()];
        for (index, id) in (0..).zip(new) {
            let Some(&previous) = indexes.get(id) else {
                changes.added.push(index);
                continue;
            };
            is_removed[previous as usize] = false;
            let fields = differing(previous, index);
            if fields.is_empty() {
                changes.unchanged.push((index, previous));
            } else {
                changes.changed.push(Changed {
                    index,
                    previous,
                    fields,
                });
            }
        }
        for (index, is_removed) in (0..).zip(is_removed) {
            if is_removed {
                changes.removed.push(index);
            }
        }
        changes
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}
