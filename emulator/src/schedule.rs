//! Changes to the runners that wait for a list request.

use serde::{Deserialize, Serialize};

use crate::changes::{Applied, Changes};
use crate::runners::{Runners, Stamp};

/// The batches that wait, and the results of those that were due.
#[derive(Debug, Default, Serialize)]
pub struct Schedule {
    waiting: Vec<Scheduled>,
    done: Vec<BatchResult>,
}

/// The result of a batch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum BatchResult {
    Applied(Applied),
    Failed(String),
}

/// A batch of changes and when it is due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scheduled {
    /// The batch is due after this many more list requests, at least 1. Requests that were refused,
    /// or answered by a fault, do not count.
    pub after: u64,
    /// The changes. They are applied before the next request is answered.
    pub changes: Changes,
}

impl Scheduled {
    /// Returns why this batch could never be due.
    pub fn check(&self) -> Result<(), String> {
        match self.after {
            0 => Err("after must be at least 1".into()),
            _ => Ok(()),
        }
    }
}

impl Schedule {
    /// Adds a batch. Batches that are due together are applied in the order of adding.
    pub fn add(&mut self, scheduled: Scheduled) -> Result<(), String> {
        scheduled.check()?;
        self.waiting.push(scheduled);
        Ok(())
    }

    /// The number of batches that wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no batch waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Counts one answered list request, and applies the batches that are due.
    pub fn list_was_read(&mut self, runners: &mut Runners, stamp: Stamp) {
        for scheduled in &mut self.waiting {
            scheduled.after -= 1;
        }
        for due in self
            .waiting
            .extract_if(.., |scheduled| scheduled.after == 0)
        {
            self.done.push(match due.changes.apply(runners, stamp) {
                Ok(applied) => BatchResult::Applied(applied),
                Err(message) => BatchResult::Failed(message),
            });
        }
    }
}
