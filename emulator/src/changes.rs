//! Changes to the runners, several at a time.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::runner::Runner;
use crate::runners::{Runners, Stamp};
use crate::tier::Tier;

/// A batch of changes. It is applied as a whole, or not at all if one of them fails.
///
/// Positions count from 0, the newest, in the list as it was before the batch. Changes are applied in
/// the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Changes {
    /// Replaces all runners with this many generated active ones.
    pub reset: Option<usize>,
    /// Listed or disabled runners to remove.
    pub remove: Vec<RunnerSelector>,
    /// Listed runners to disable.
    pub disable: Vec<RunnerSelector>,
    /// Disabled runners to activate. Positions count among the disabled.
    pub activate: Vec<RunnerSelector>,
    /// Listed runners to change.
    pub change: Vec<Change>,
    /// New runners.
    pub add: Add,
}

/// A runner, by its id or by its position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a position or an id")]
pub enum RunnerSelector {
    /// By its position.
    Position(usize),
    /// By its id.
    Id(String),
}

/// New values for some of a runner's fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The runner to change.
    pub runner: RunnerSelector,
    /// Field names as the API has them (`runner_type`), and their new values.
    pub set: Map<String, Value>,
}

/// New runners: how many, or the fields of each. Other fields are generated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number or a list of runners' fields")]
pub enum Add {
    /// This many generated ones.
    Count(usize),
    /// One for each.
    Fields(Vec<Map<String, Value>>),
}

impl Default for Add {
    fn default() -> Self {
        Add::Count(0)
    }
}

/// The ids of the runners that a batch changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// Removed.
    pub removed: Vec<String>,
    /// Disabled.
    pub disabled: Vec<String>,
    /// Active again.
    pub activated: Vec<String>,
    /// Changed.
    pub changed: Vec<String>,
    /// New.
    pub added: Vec<String>,
    /// The number of listed runners after the batch.
    pub listed: usize,
}

impl Changes {
    /// Applies the batch. After an error the runners are as they were.
    pub fn apply(self, runners: &mut Runners, stamp: Stamp) -> Result<Applied, String> {
        let mut next = match self.reset {
            Some(active) => Runners::generated(active, runners.seed()),
            None => runners.clone(),
        };
        let listed = ids(&next, Runner::is_listed);
        let disabled = ids(&next, |runner| !runner.is_listed());
        let mut applied = Applied {
            removed: resolve(&self.remove, &listed)?,
            disabled: resolve(&self.disable, &listed)?,
            activated: resolve(&self.activate, &disabled)?,
            ..Applied::default()
        };
        let changed: Vec<RunnerSelector> =
            self.change.iter().map(|one| one.runner.clone()).collect();
        applied.changed = resolve(&changed, &listed)?;

        for id in &applied.removed {
            next.remove(id)?;
        }
        for id in &applied.disabled {
            next.update(id, status("disabled"), stamp)?;
        }
        for id in &applied.activated {
            next.update(id, status("active"), stamp)?;
        }
        for (id, change) in applied.changed.iter().zip(self.change) {
            next.update(id, change.set, stamp)?;
        }
        let added = match self.add {
            Add::Count(count) => vec![Map::new(); count],
            Add::Fields(runners) => runners,
        };
        for fields in added {
            applied.added.push(next.add(fields, stamp)?);
        }
        *runners = next;
        applied.listed = runners.listed(Tier::Enterprise).len();
        Ok(applied)
    }
}

fn ids(runners: &Runners, filter: impl Fn(&Runner) -> bool) -> Vec<String> {
    let chosen = runners.all().filter(|runner| filter(runner));
    chosen.map(|runner| runner.id.clone()).collect()
}

fn resolve(which: &[RunnerSelector], ids: &[String]) -> Result<Vec<String>, String> {
    let one = |which: &RunnerSelector| match which {
        RunnerSelector::Id(id) => Ok(id.clone()),
        RunnerSelector::Position(index) => ids.get(*index).cloned().ok_or_else(|| {
            let count = ids.len();
            format!("position {index} is past the end: there are {count} runners")
        }),
    };
    which.iter().map(one).collect()
}

fn status(status: &str) -> Map<String, Value> {
    Map::from_iter([("status".into(), status.into())])
}
