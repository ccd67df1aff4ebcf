//! A list on a server, and a driver that reads it while it changes, in an order that a seed decides.

use std::collections::{BTreeMap, BTreeSet};

use comfycontrol_decode::{Instant, Key};
use comfycontrol_runners::enumerate::{
    Checkpoint, Consistency, Delivery, Enumeration, Report, State, Ticket,
};

use crate::random::Random;

const BASE: &str = "https://api.comfycontrol.app";

/// Which changes the list goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    None,
    /// Runners leave, by removal or disabling.
    Leave,
    /// Runners join, new or activated again.
    Join,
    /// Both, in batches after which `total` is one that it never was before.
    Visible,
    /// Both, in batches that change `total`, perhaps back to what it was, and mostly each after the
    /// list as it was has been read. See [`Outcome::told`].
    Told,
    /// Both, in any way.
    Any,
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub rows: usize,
    pub per_page: u32,
    pub concurrency: u32,
    pub consistency: Consistency,
    pub changes: Changes,
    /// Batches of changes, at most.
    pub batches: usize,
    /// Rows a batch touches, at most.
    pub batch: usize,
    /// How many runners share a `created_at`.
    pub same_time: usize,
    /// Interruptions, after which another machine goes on.
    pub resumes: usize,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    pub state: State,
    pub report: Report,
    pub handed: Vec<u128>,
    /// In the list from the beginning to the end.
    pub always: BTreeSet<u128>,
    /// The list at the end.
    pub list: Vec<u128>,
    pub sent: u64,
    /// Whether the answers that arrived told of every state of the list, each with a `total` other
    /// than the one before: no change was without a trace.
    pub told: bool,
    pub most_held: usize,
    pub most_under_way: usize,
    pub longest_checkpoint: usize,
    pub batches: usize,
}

impl Outcome {
    pub fn lost(&self) -> Vec<u128> {
        let handed: BTreeSet<_> = self.handed.iter().collect();
        self.always
            .iter()
            .filter(|id| !handed.contains(id))
            .copied()
            .collect()
    }

    pub fn repeated(&self) -> usize {
        self.handed.len() - self.handed.iter().collect::<BTreeSet<_>>().len()
    }
}

pub struct Server {
    pub random: Random,
    /// Newest first.
    pub list: Vec<Key>,
    pub disabled: Vec<Key>,
    pub always: BTreeSet<u128>,
    /// `total` after each batch.
    totals: Vec<usize>,
    clock: i64,
    same_time: usize,
}

impl Server {
    pub fn new(seed: u64, rows: usize, same_time: usize) -> Self {
        let mut server = Self {
            random: Random(seed),
            list: Vec::new(),
            disabled: Vec::new(),
            always: BTreeSet::new(),
            totals: Vec::new(),
            clock: 0,
            same_time: same_time.max(1),
        };
        for _ in 0..rows + rows / 4 {
            server.create();
        }
        for _ in 0..rows / 4 {
            server.leave();
        }
        server.always = server.list.iter().map(|key| key.id).collect();
        server.totals.push(server.list.len());
        server
    }

    fn put(&mut self, key: Key) {
        let place = self
            .list
            .partition_point(|other| (other.created_at, other.id) > (key.created_at, key.id));
        self.list.insert(place, key);
    }

    fn create(&mut self) {
        if self.random.below(self.same_time) == 0 {
            self.clock += 1;
        }
        let id = u128::from(self.random.next()) << 64 | u128::from(self.random.next());
        let created_at = Instant {
            seconds: self.clock,
            nanos: 0,
        };
        self.put(Key { id, created_at });
    }

    fn leave(&mut self) {
        if self.list.is_empty() {
            return;
        }
        let place = self.random.below(self.list.len());
        let key = self.list.remove(place);
        self.always.remove(&key.id);
        if self.random.percent(70) {
            self.disabled.push(key);
        }
    }

    fn join(&mut self) {
        if !self.disabled.is_empty() && self.random.percent(60) {
            let place = self.random.below(self.disabled.len());
            let key = self.disabled.swap_remove(place);
            self.put(key);
        } else {
            self.create();
        }
    }

    /// Carries out a batch; false if there is none of that kind.
    pub fn change(&mut self, changes: Changes, most: usize) -> bool {
        let some = 1 + self.random.below(most);
        match changes {
            Changes::None => return false,
            Changes::Leave => (0..some).for_each(|_| self.leave()),
            Changes::Join => (0..some).for_each(|_| self.join()),
            Changes::Any => {
                for _ in 0..some {
                    if self.random.percent(50) {
                        self.leave()
                    } else {
                        self.join()
                    }
                }
            }
            Changes::Visible => {
                let leaving = self.random.below(some + 1).min(self.list.len());
                let total = self.list.len() - leaving;
                let joining = self.random.below(some + 1);
                let Some(joining) =
                    (joining..joining + 3).find(|n| !self.totals.contains(&(total + n)))
                else {
                    return false;
                };
                (0..leaving).for_each(|_| self.leave());
                (0..joining).for_each(|_| self.join());
            }
            Changes::Told => {
                let before = self.list.len();
                let up = self.random.percent(50);
                for _ in 0..some {
                    // Now and then some of the other kind, fewer.
                    if up { self.join() } else { self.leave() }
                }
                for _ in 0..self.random.below(some) {
                    if up { self.leave() } else { self.join() }
                }
                if self.list.len() == before {
                    self.create();
                }
            }
        }
        self.totals.push(self.list.len());
        true
    }

    fn version(&self) -> usize {
        self.totals.len() - 1
    }

    pub fn read(&self, page: u32, per_page: u32) -> (usize, u64, Vec<Key>) {
        let from = (page as usize - 1)
            .saturating_mul(per_page as usize)
            .min(self.list.len());
        let to = (from + per_page as usize).min(self.list.len());
        (
            self.version(),
            self.list.len() as u64,
            self.list[from..to].to_vec(),
        )
    }
}

/// A request, and its answer once the server has given it.
struct Call {
    ticket: Ticket,
    page: u32,
    /// With the number of the batch after which it was read.
    answer: Option<(usize, u64, Vec<Key>)>,
}

/// The driver of one machine.
struct Driver {
    machine: Enumeration,
    calls: Vec<Call>,
    /// Rows of answers that arrived.
    rows: BTreeMap<u64, (Ticket, Vec<Key>)>,
    arrivals: u64,
    waiting: Vec<(Delivery, usize)>,
}

impl Driver {
    fn new(plan: &Plan, resume: Option<Checkpoint>) -> Self {
        Self {
            machine: Enumeration::new(plan.per_page, plan.concurrency, plan.consistency, resume),
            calls: Vec::new(),
            rows: BTreeMap::new(),
            arrivals: 0,
            waiting: Vec::new(),
        }
    }

    fn look(&mut self) {
        while let Some(delivery) = self.machine.deliver() {
            assert!(!delivery.rows.is_empty());
            self.waiting.push((delivery, 0));
        }
        while let Some(ticket) = self.machine.discarded() {
            let calls = self.calls.len();
            let rows = self.rows.len();
            self.calls.retain(|call| call.ticket != ticket);
            self.rows.retain(|_, (other, _)| *other != ticket);
            assert!(
                calls + rows > self.calls.len() + self.rows.len(),
                "discarded twice"
            );
        }
    }

    /// The consumer takes one row.
    fn take(&mut self) -> Option<u128> {
        let (delivery, next) = self.waiting.first_mut()?;
        let (_, keys) = self
            .rows
            .values()
            .find(|(ticket, _)| *ticket == delivery.ticket)
            .expect("kept");
        let id = keys[delivery.rows[*next] as usize].id;
        *next += 1;
        if *next == delivery.rows.len() {
            let ticket = delivery.ticket;
            self.waiting.remove(0);
            self.rows.retain(|_, (other, _)| *other != ticket);
        }
        self.machine.consumed(1);
        Some(id)
    }
}

/// Plays a plan to its end.
pub fn play(plan: &Plan) -> Outcome {
    let mut server = Server::new(plan.seed, plan.rows, plan.same_time);
    let mut random = Random(!plan.seed);
    // How often things happen differs from run to run.
    let chance: [usize; 5] = std::array::from_fn(|_| 1 + random.below(20));
    let eager = random.percent(50);
    let mut driver = Driver::new(plan, None);
    let mut handed = Vec::new();
    let (mut read, mut told) = (BTreeSet::new(), BTreeSet::new());
    let (mut sent, mut batches, mut resumes) = (0, 0, 0);
    let (mut most_held, mut most_under_way, mut longest_checkpoint) = (0, 0, 0);
    for step in 0.. {
        assert!(step < 5_000_000, "does not end: {plan:?}");
        driver.look();
        most_held = most_held.max(driver.calls.len() + driver.rows.len());
        most_under_way = most_under_way.max(driver.calls.len());
        let over = driver.machine.state() != State::Reading;
        if over && driver.waiting.is_empty() {
            break;
        }
        let sum: usize = chance.iter().sum();
        let mut pick = random.below(sum);
        let what = chance.iter().position(|chance| {
            let here = pick < *chance;
            pick = pick.wrapping_sub(*chance);
            here
        });
        match what {
            Some(0) => {
                while let Some(request) = driver.machine.next_request() {
                    sent += 1;
                    driver.calls.push(Call {
                        ticket: request.ticket,
                        page: request.page,
                        answer: None,
                    });
                    if !eager {
                        break;
                    }
                }
            }
            Some(1) if !driver.calls.is_empty() => {
                let place = random.below(driver.calls.len());
                let call = &mut driver.calls[place];
                call.answer.get_or_insert_with(|| {
                    read.insert(server.version());
                    server.read(call.page, plan.per_page)
                });
            }
            Some(2) => {
                let answered = driver
                    .calls
                    .iter()
                    .filter(|call| call.answer.is_some())
                    .count();
                if answered > 0 {
                    let which = random.below(answered);
                    let ready = driver
                        .calls
                        .iter()
                        .enumerate()
                        .filter(|(_, call)| call.answer.is_some());
                    let (place, _) = ready.clone().nth(which).expect("counted");
                    let call = driver.calls.swap_remove(place);
                    let (version, total, keys) = call.answer.expect("answered");
                    driver.arrivals += 1;
                    told.insert(version);
                    driver
                        .rows
                        .insert(driver.arrivals, (call.ticket, keys.clone()));
                    driver.machine.answered(call.ticket, total, keys, 0);
                }
            }
            Some(3) => {
                for _ in 0..1 + random.below(2 * plan.per_page as usize) {
                    handed.extend(driver.take());
                }
            }
            _ => {
                let untold = plan.changes == Changes::Told && !read.contains(&server.version());
                if untold && !random.percent(2) {
                    continue;
                }
                if batches < plan.batches && server.change(plan.changes, plan.batch) {
                    batches += 1;
                }
                if resumes < plan.resumes && random.percent(10) {
                    resumes += 1;
                    let text = driver.machine.checkpoint(BASE, plan.per_page);
                    longest_checkpoint = longest_checkpoint.max(text.len());
                    let checkpoint =
                        Checkpoint::read(&text, BASE, plan.per_page).expect("reads what it wrote");
                    driver = Driver::new(plan, Some(checkpoint));
                    if batches < plan.batches && server.change(plan.changes, plan.batch) {
                        batches += 1;
                    }
                }
            }
        }
    }
    Outcome {
        state: driver.machine.state(),
        report: driver.machine.report(),
        handed,
        always: server.always,
        list: server.list.iter().map(|key| key.id).collect(),
        sent,
        told: every_change_told(&server.totals, &told),
        most_held,
        most_under_way,
        longest_checkpoint,
        batches,
    }
}

fn every_change_told(totals: &[usize], told: &BTreeSet<usize>) -> bool {
    let (Some(first), Some(last)) = (told.first(), told.last()) else {
        return true;
    };
    let totals = &totals[*first..=*last];
    told.len() == totals.len() && totals.windows(2).all(|pair| pair[0] != pair[1])
}
