//! A server with a list that changes, and a driver that reads it meanwhile. A seed decides what happens
//! when.

use std::collections::{BTreeSet, VecDeque};

use comfycontrol_decode::{Instant, Key};
use comfycontrol_runners::paging::{
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
    /// Both, in batches that give `total` a value that it never had.
    Visible,
    /// Both, in batches that move `total`, perhaps back to an earlier value. Most batches wait until the
    /// list was read as it is. See [`Outcome::all_changes_shown`].
    Shown,
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
    /// The most batches of changes.
    pub batches: usize,
    /// The most rows in a batch.
    pub batch: usize,
    /// How many runners share a `created_at`.
    pub same_time: usize,
    /// Interruptions, after each of which another machine goes on.
    pub resumes: usize,
}

/// The result of a run.
#[derive(Debug)]
pub struct Outcome {
    pub state: State,
    pub report: Report,
    pub handed_over: Vec<u128>,
    /// Runners that were in the list from the beginning to the end.
    pub always: BTreeSet<u128>,
    /// The list at the end.
    pub list: Vec<u128>,
    pub requests: u64,
    /// An answer arrived from every state of the list, and `total` moved from each state to the next:
    /// every change left a trace.
    pub all_changes_shown: bool,
    pub most_held: usize,
    pub most_under_way: usize,
    pub longest_checkpoint: usize,
    pub batches: usize,
}

impl Outcome {
    pub fn lost(&self) -> Vec<u128> {
        let handed_over: BTreeSet<_> = self.handed_over.iter().collect();
        self.always
            .iter()
            .filter(|id| !handed_over.contains(id))
            .copied()
            .collect()
    }

    pub fn repeated(&self) -> usize {
        self.handed_over.len() - self.handed_over.iter().collect::<BTreeSet<_>>().len()
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
        let index = self
            .list
            .partition_point(|other| (other.created_at, other.id) > (key.created_at, key.id));
        self.list.insert(index, key);
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
        let index = self.random.below(self.list.len());
        let key = self.list.remove(index);
        self.always.remove(&key.id);
        if self.random.percent(70) {
            self.disabled.push(key);
        }
    }

    fn join(&mut self) {
        if !self.disabled.is_empty() && self.random.percent(60) {
            let index = self.random.below(self.disabled.len());
            let key = self.disabled.swap_remove(index);
            self.put(key);
        } else {
            self.create();
        }
    }

    /// Carries out a batch of at most `most` changes. Returns false if no batch of this kind is possible.
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
            Changes::Shown => {
                let before = self.list.len();
                let up = self.random.percent(50);
                for _ in 0..some {
                    if up { self.join() } else { self.leave() }
                }
                // Fewer changes of the other kind.
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

/// A request under way, and its answer once the server has read the list.
struct Call {
    ticket: Ticket,
    page: u32,
    /// The version of the list that was read, `total`, and the rows.
    answer: Option<(usize, u64, Vec<Key>)>,
}

/// The driver of one machine, and the consumer of its rows.
struct Driver {
    machine: Enumeration,
    calls: Vec<Call>,
    /// Rows of answers that arrived, in the order of their arrival.
    rows: Vec<(Ticket, Vec<Key>)>,
    /// Deliveries, and how many rows of each were consumed.
    deliveries: VecDeque<(Delivery, usize)>,
}

impl Driver {
    fn new(plan: &Plan, resume: Option<Checkpoint>) -> Self {
        Self {
            machine: Enumeration::new(plan.per_page, plan.concurrency, plan.consistency, resume),
            calls: Vec::new(),
            rows: Vec::new(),
            deliveries: VecDeque::new(),
        }
    }

    /// Takes over what the machine delivers and discards.
    fn update(&mut self) {
        while let Some(delivery) = self.machine.deliver() {
            assert!(!delivery.rows.is_empty());
            self.deliveries.push_back((delivery, 0));
        }
        while let Some(ticket) = self.machine.discarded() {
            let before = self.held();
            self.calls.retain(|call| call.ticket != ticket);
            self.rows.retain(|(other, _)| *other != ticket);
            assert!(self.held() < before, "discarded twice");
        }
    }

    /// Pages under way, and answers of which rows are needed.
    fn held(&self) -> usize {
        self.calls.len() + self.rows.len()
    }

    /// The consumer takes one row.
    fn consume(&mut self) -> Option<u128> {
        let (delivery, next) = self.deliveries.front_mut()?;
        let mut rows = self.rows.iter();
        let answer = rows.find(|(ticket, _)| *ticket == delivery.ticket);
        let (_, keys) = answer.expect("rows of an answer that was not discarded");
        let id = keys[delivery.rows[*next] as usize].id;
        *next += 1;
        if *next == delivery.rows.len() {
            let ticket = delivery.ticket;
            self.deliveries.pop_front();
            self.rows.retain(|(other, _)| *other != ticket);
        }
        self.machine.consumed(1);
        Some(id)
    }
}

/// Plays a plan to its end.
pub fn play(plan: &Plan) -> Outcome {
    let mut server = Server::new(plan.seed, plan.rows, plan.same_time);
    let mut random = Random(!plan.seed);
    // What happens often and what seldom differs from run to run.
    let chance: [usize; 5] = std::array::from_fn(|_| 1 + random.below(20));
    let eager = random.percent(50);
    let mut driver = Driver::new(plan, None);
    let mut handed_over = Vec::new();
    // Versions of the list that were read, and those from which an answer arrived.
    let (mut read, mut arrived) = (BTreeSet::new(), BTreeSet::new());
    let (mut requests, mut batches, mut resumes) = (0, 0, 0);
    let (mut most_held, mut most_under_way, mut longest_checkpoint) = (0, 0, 0);
    for step in 0.. {
        assert!(step < 5_000_000, "does not end: {plan:?}");
        driver.update();
        most_held = most_held.max(driver.held());
        most_under_way = most_under_way.max(driver.calls.len());
        let over = driver.machine.state() != State::Reading;
        if over && driver.deliveries.is_empty() {
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
                    requests += 1;
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
                let index = random.below(driver.calls.len());
                let call = &mut driver.calls[index];
                call.answer.get_or_insert_with(|| {
                    read.insert(server.version());
                    server.read(call.page, plan.per_page)
                });
            }
            Some(2) => {
                let is_read = |index: &usize| driver.calls[*index].answer.is_some();
                let ready: Vec<usize> = (0..driver.calls.len()).filter(is_read).collect();
                if !ready.is_empty() {
                    let index = ready[random.below(ready.len())];
                    let call = driver.calls.swap_remove(index);
                    let (version, total, keys) = call.answer.expect("an answer");
                    arrived.insert(version);
                    driver.rows.push((call.ticket, keys.clone()));
                    driver.machine.answered(call.ticket, total, keys, 0);
                }
            }
            Some(3) => {
                for _ in 0..1 + random.below(2 * plan.per_page as usize) {
                    handed_over.extend(driver.consume());
                }
            }
            _ => {
                let waits = plan.changes == Changes::Shown && !read.contains(&server.version());
                if waits && !random.percent(2) {
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
        handed_over,
        always: server.always,
        list: server.list.iter().map(|key| key.id).collect(),
        requests,
        all_changes_shown: all_changes_shown(&server.totals, &arrived),
        most_held,
        most_under_way,
        longest_checkpoint,
        batches,
    }
}

fn all_changes_shown(totals: &[usize], arrived: &BTreeSet<usize>) -> bool {
    let (Some(first), Some(last)) = (arrived.first(), arrived.last()) else {
        return true;
    };
    let totals = &totals[*first..=*last];
    arrived.len() == totals.len() && totals.windows(2).all(|pair| pair[0] != pair[1])
}
