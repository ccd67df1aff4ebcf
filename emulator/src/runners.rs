//! Every runner there is, in the order the API lists them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::auth::Tier;
use crate::fleet;
use crate::settings::overlaid;

/// A managed runner as the API shows it (`api/contract.md`, ManagedRunner).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runner {
    /// A UUID.
    pub id: String,
    /// Any Unicode.
    pub name: String,
    /// `plus` or `pro`; any other value is served as it is.
    pub runner_type: String,
    /// `active` or `disabled`; any other value is served as it is.
    pub status: String,
    /// Case-sensitive tags.
    pub tags: Vec<String>,
    /// RFC 3339; places the runner in the list.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

impl Runner {
    /// Whether the list shows it. Only a disabled runner is left out, so that a status that the
    /// documentation does not know can be listed too.
    pub fn is_listed(&self) -> bool {
        self.status != "disabled"
    }
}

/// The runners, newest first; of two created at the same moment, the one added later first.
#[derive(Clone, Debug)]
pub struct Runners {
    oldest_first: Vec<(OffsetDateTime, Runner)>,
    /// The index of the next generated runner, and the calendar's next tick: both only rise.
    next: u64,
}

impl Runners {
    /// A generated fleet with this many active runners, and some disabled ones between them.
    pub fn fleet(active: usize) -> Self {
        let mut runners = Runners {
            oldest_first: Vec::with_capacity(active + active / 8),
            next: 0,
        };
        let mut left = active;
        while left > 0 {
            let mut runner = fleet::runner(runners.next);
            if fleet::starts_disabled(runners.next) {
                runner.status = "disabled".into();
            } else {
                left -= 1;
            }
            let created = moment(&runner.created_at).expect("the fleet's dates are valid");
            runners.oldest_first.push((created, runner));
            runners.next += 1;
        }
        runners
    }

    /// Every runner, newest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Runner> {
        self.oldest_first.iter().rev().map(|(_, runner)| runner)
    }

    /// What the list shows to an account of this tier, newest first.
    pub fn listed(&self, tier: Tier) -> Vec<&Runner> {
        self.all()
            .filter(|runner| runner.is_listed() && tier.sees(runner))
            .collect()
    }

    /// The runner with this id; hexadecimal digits of either case are the same.
    pub fn get(&self, id: &str) -> Option<&Runner> {
        self.all().find(|runner| runner.id.eq_ignore_ascii_case(id))
    }

    /// Adds the next generated runner with `fields` in place of its own; returns its id.
    pub fn add(&mut self, fields: Map<String, Value>) -> Result<String, String> {
        let generated = Runner {
            updated_at: fleet::time_at(self.next),
            ..fleet::runner(self.next)
        };
        let runner = overlaid(&generated, fields)?;
        let id = runner.id.clone();
        if id != generated.id {
            self.check_id(&id)?;
        }
        self.place(runner)?;
        self.next += 1;
        Ok(id)
    }

    /// Takes a runner out.
    pub fn remove(&mut self, id: &str) -> Result<Runner, String> {
        let at = self.position(id)?;
        Ok(self.oldest_first.remove(at).1)
    }

    /// Lays `fields` over a runner's own. Its `updated_at` moves on unless it is among them.
    pub fn change(&mut self, id: &str, fields: Map<String, Value>) -> Result<(), String> {
        let at = self.position(id)?;
        let mut changed = self.oldest_first[at].1.clone();
        changed.updated_at = fleet::time_at(self.next);
        let changed: Runner = overlaid(&changed, fields)?;
        if !changed.id.eq_ignore_ascii_case(id) {
            self.check_id(&changed.id)?;
        }
        let before = self.oldest_first.remove(at);
        self.place(changed)
            .inspect_err(|_| self.oldest_first.insert(at, before))?;
        self.next += 1;
        Ok(())
    }

    fn position(&self, id: &str) -> Result<usize, String> {
        let mut runners = self.oldest_first.iter();
        runners
            .position(|(_, runner)| runner.id.eq_ignore_ascii_case(id))
            .ok_or_else(|| format!("there is no runner {id}"))
    }

    fn check_id(&self, id: &str) -> Result<(), String> {
        match (is_uuid(id), self.get(id)) {
            (false, _) => Err(format!("id: {id:?} is not a UUID")),
            (true, Some(_)) => Err(format!("there is a runner {id} already")),
            (true, None) => Ok(()),
        }
    }

    fn place(&mut self, runner: Runner) -> Result<(), String> {
        moment(&runner.updated_at).map_err(|error| format!("updated_at: {error}"))?;
        let created = moment(&runner.created_at).map_err(|error| format!("created_at: {error}"))?;
        let not_newer = |(other, _): &(OffsetDateTime, Runner)| *other <= created;
        let position = self.oldest_first.partition_point(not_newer);
        self.oldest_first.insert(position, (created, runner));
        Ok(())
    }
}

fn moment(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| format!("{text:?} is not an RFC 3339 date-time"))
}

/// Whether `text` has the 8-4-4-4-12 hexadecimal form of a UUID, of any version.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
