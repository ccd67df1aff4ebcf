//! Every runner, in the order the API lists them.

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::generate;
use crate::overlay::overlay;
use crate::runner::{Runner, is_uuid};
use crate::tier::Tier;
use crate::timestamp;

/// The runners, newest first. Of two created at the same moment, the one added later comes first.
#[derive(Clone, Debug, Default)]
pub struct Runners {
    oldest_first: Vec<(OffsetDateTime, Runner)>,
    seed: u64,
    /// The index of the next generated runner and the next tick of the calendar.
    next: u64,
}

/// The timestamp of a runner that is added or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// The next tick of the calendar: the same in every run.
    NextTick,
    /// A time of the emulator's clock.
    At(OffsetDateTime),
}

impl Runners {
    /// No runners yet; those that are added without fields are generated from `seed`.
    pub fn empty(seed: u64) -> Self {
        Runners {
            seed,
            ..Runners::default()
        }
    }

    /// Generated runners: this many active ones, and some disabled ones between them.
    pub fn generated(active: usize, seed: u64) -> Self {
        let mut runners = Runners::empty(seed);
        let mut left = active;
        while left > 0 {
            let mut runner = generate::runner(seed, runners.next);
            if generate::starts_disabled(runners.next) {
                runner.status = "disabled".into();
            } else {
                left -= 1;
            }
            let created = timestamp::parse(&runner.created_at).expect("generated dates are valid");
            runners.oldest_first.push((created, runner));
            runners.next += 1;
        }
        runners
    }

    /// The seed of the generated runners.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Every runner, newest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Runner> {
        self.oldest_first.iter().rev().map(|(_, runner)| runner)
    }

    /// The runners that the list shows to an account of this tier, newest first.
    pub fn listed(&self, tier: Tier) -> Vec<&Runner> {
        self.all()
            .filter(|runner| runner.is_listed() && tier.sees(runner))
            .collect()
    }

    /// The runner with this id. Upper-case and lower-case digits are the same.
    pub fn get(&self, id: &str) -> Option<&Runner> {
        self.all().find(|runner| runner.id.eq_ignore_ascii_case(id))
    }

    /// Adds a runner with these `fields`; the others are generated. Returns its id.
    pub fn add(&mut self, fields: Map<String, Value>, stamp: Stamp) -> Result<String, String> {
        let mut generated = generate::runner(self.seed, self.next);
        // An earlier runner may have been given, by hand, the id that this one would get.
        while !fields.contains_key("id") && self.get(&generated.id).is_some() {
            self.next += 1;
            generated = generate::runner(self.seed, self.next);
        }
        generated.updated_at = self.text(stamp);
        if let Stamp::At(_) = stamp {
            generated.created_at = generated.updated_at.clone();
        }
        let runner = overlay(&generated, fields)?;
        self.check_id(&runner.id)?;
        let id = runner.id.clone();
        self.insert(runner)?;
        self.next += 1;
        Ok(id)
    }

    /// Removes a runner and returns it.
    pub fn remove(&mut self, id: &str) -> Result<Runner, String> {
        let index = self.index_of(id)?;
        Ok(self.oldest_first.remove(index).1)
    }

    /// Sets some fields of a runner. Also advances `updated_at`, unless `fields` has it.
    pub fn update(
        &mut self,
        id: &str,
        fields: Map<String, Value>,
        stamp: Stamp,
    ) -> Result<(), String> {
        let index = self.index_of(id)?;
        let mut updated = self.oldest_first[index].1.clone();
        updated.updated_at = self.text(stamp);
        let updated: Runner = overlay(&updated, fields)?;
        if !updated.id.eq_ignore_ascii_case(id) {
            self.check_id(&updated.id)?;
        }
        let before = self.oldest_first.remove(index);
        self.insert(updated)
            .inspect_err(|_| self.oldest_first.insert(index, before))?;
        self.next += 1;
        Ok(())
    }

    fn text(&self, stamp: Stamp) -> String {
        match stamp {
            Stamp::NextTick => timestamp::calendar(self.next, 0),
            Stamp::At(time) => timestamp::format(time),
        }
    }

    fn index_of(&self, id: &str) -> Result<usize, String> {
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

    fn insert(&mut self, runner: Runner) -> Result<(), String> {
        timestamp::parse(&runner.updated_at).map_err(|error| format!("updated_at: {error}"))?;
        let created =
            timestamp::parse(&runner.created_at).map_err(|error| format!("created_at: {error}"))?;
        let index = self
            .oldest_first
            .partition_point(|(other, _)| *other <= created);
        self.oldest_first.insert(index, (created, runner));
        Ok(())
    }
}
