//! Changes to the runners: at once, or when the list has been read often enough.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::auth::Tier;
use crate::runners::{Runner, Runners};

/// A batch of changes, applied as one: all of it, or none and an error.
///
/// Positions count from 0, the newest, in the list as it was before the batch. The parts are
/// carried out in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Changes {
    /// Throws every runner away for a generated fleet of this many active ones.
    pub reset: Option<usize>,
    /// Listed or disabled runners that cease to exist.
    pub remove: Vec<Which>,
    /// Listed runners that become disabled.
    pub disable: Vec<Which>,
    /// Disabled runners that become active again; positions count among the disabled.
    pub activate: Vec<Which>,
    /// Listed runners that change.
    pub change: Vec<Change>,
    /// New runners.
    pub add: Add,
}

/// A runner, by its id or by its position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a position or an id")]
pub enum Which {
    /// By its position.
    Position(usize),
    /// By its id.
    Id(String),
}

/// New values for some of a runner's fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Which runner.
    pub runner: Which,
    /// Field names as the API has them (`runner_type`), and their new values.
    pub set: Map<String, Value>,
}

/// New runners: how many, or the fields each has in place of its generated ones.
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

/// What a batch did, by ids.
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
    /// How many runners are listed now.
    pub listed: usize,
}

impl Changes {
    /// Carries the batch out. After an error the runners are as they were.
    pub fn apply(self, runners: &mut Runners) -> Result<Applied, String> {
        let mut next = match self.reset {
            Some(active) => Runners::fleet(active),
            None => runners.clone(),
        };
        let listed = ids(&next, Runner::is_listed);
        let disabled = ids(&next, |runner| !runner.is_listed());
        let mut applied = Applied {
            removed: resolved(&self.remove, &listed)?,
            disabled: resolved(&self.disable, &listed)?,
            activated: resolved(&self.activate, &disabled)?,
            ..Applied::default()
        };
        let changed: Vec<Which> = self.change.iter().map(|one| one.runner.clone()).collect();
        applied.changed = resolved(&changed, &listed)?;

        for id in &applied.removed {
            next.remove(id)?;
        }
        for id in &applied.disabled {
            next.change(id, status("disabled"))?;
        }
        for id in &applied.activated {
            next.change(id, status("active"))?;
        }
        for (id, change) in applied.changed.iter().zip(self.change) {
            next.change(id, change.set)?;
        }
        let added = match self.add {
            Add::Count(count) => vec![Map::new(); count],
            Add::Fields(runners) => runners,
        };
        for fields in added {
            applied.added.push(next.add(fields)?);
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

fn resolved(which: &[Which], ids: &[String]) -> Result<Vec<String>, String> {
    let one = |which: &Which| match which {
        Which::Id(id) => Ok(id.clone()),
        Which::Position(at) => ids.get(*at).cloned().ok_or_else(|| {
            let there = ids.len();
            format!("position {at} is past the end: there are {there} runners")
        }),
    };
    which.iter().map(one).collect()
}

fn status(status: &str) -> Map<String, Value> {
    Map::from_iter([("status".into(), status.into())])
}

/// Changes that wait until the list has been read a number of times.
#[derive(Debug, Default, Serialize)]
pub struct Schedule {
    /// Still to come.
    waiting: Vec<Scheduled>,
    /// What came of those that were due, in their order.
    done: Vec<Done>,
}

/// What came of a batch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Done {
    Applied(Applied),
    Failed(String),
}

/// A batch of changes and when it is due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scheduled {
    /// After this many more list requests were answered from the runners, at least 1. Requests
    /// that were refused, and those whose answer a fault replaced, do not count.
    pub after: u64,
    /// What changes then, before the next request is answered.
    pub changes: Changes,
}

impl Scheduled {
    /// Says why this batch could never be due.
    pub fn check(&self) -> Result<(), String> {
        match self.after {
            0 => Err("after must be at least 1".into()),
            _ => Ok(()),
        }
    }
}

impl Schedule {
    /// Adds a batch; several for the same moment are carried out in the order of adding.
    pub fn add(&mut self, scheduled: Scheduled) -> Result<(), String> {
        scheduled.check()?;
        self.waiting.push(scheduled);
        Ok(())
    }

    /// How many batches are still to come.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no batch is still to come.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Counts one answered list request and carries out what is due.
    pub fn list_was_read(&mut self, runners: &mut Runners) {
        for scheduled in &mut self.waiting {
            scheduled.after -= 1;
        }
        for due in self
            .waiting
            .extract_if(.., |scheduled| scheduled.after == 0)
        {
            self.done.push(match due.changes.apply(runners) {
                Ok(applied) => Done::Applied(applied),
                Err(message) => Done::Failed(message),
            });
        }
    }
}
