//! The enumeration machine, driven by a program that does what no correct driver and no correct server
//! would do. Each letter is a step; see [`World::step`].

use std::collections::{BTreeSet, VecDeque};

use comfycontrol_decode::{Instant, Key};
use comfycontrol_runners::pace::Pace;
use comfycontrol_runners::paging::{
    Checkpoint, Complete, Consistency, Enumeration, State, Throughput, Ticket, estimated_ms,
};

use crate::bytes::{damage, pick};
use crate::random::Random;

pub const BASE: &str = "https://api.comfycontrol.app";

pub fn check(program: &[u8]) {
    World::play(program, None).finish();
}

/// A list on a server, a machine that reads it, and a careless driver.
pub struct World {
    pub per_page: u32,
    concurrency: u32,
    consistency: Consistency,
    pub machine: Enumeration,
    /// Newest first.
    list: Vec<Key>,
    newest: u128,
    calls: Vec<(Ticket, u32)>,
    /// Tickets of requests that were answered or discarded.
    finished: Vec<Ticket>,
    /// Rows of answers that are not consumed or discarded.
    rows: Vec<(Ticket, Vec<Key>)>,
    /// Ids handed over by this machine, and those of them that were not consumed.
    delivered: BTreeSet<u128>,
    waiting: VecDeque<(u128, Ticket)>,
    /// Ids consumed, over all machines.
    consumed: BTreeSet<u128>,
    rows_delivered: u64,
    unique_before: u64,
    requests: u64,
    first_total: Option<u64>,
    /// The driver reported more rows as consumed than were delivered.
    greedy: bool,
}

/// What is left of the program. Numbers are 0 behind its end.
struct Program<'a>(&'a [u8]);

impl Program<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> usize {
        self.next()
            .map_or(0, |byte| usize::from(byte.wrapping_sub(b'0')))
    }
}

/// The id decides when a runner was created. From id 1000 on these times are strange.
fn key(id: u128) -> Key {
    let strange = [
        (i64::MIN, 0),
        (i64::MAX, 999_999_999),
        (0, 0),
        (-1, 1),
        (5, 0),
        (1 << 40, 0),
    ];
    let (seconds, nanos) = match id {
        0..1000 => (id as i64 / 2, 0),
        _ => strange[id as usize % strange.len()],
    };
    Key {
        id,
        created_at: Instant { seconds, nanos },
    }
}

impl World {
    /// Runs a program on a new machine, or on one that goes on from a checkpoint.
    pub fn play(program: &[u8], from: Option<Checkpoint>) -> Self {
        let mut program = Program(program);
        let per_page = [1, 2, 3, 5, 10, 100][program.number() % 6];
        let concurrency = 1 + program.number() as u32 % 8;
        let all = [
            Consistency::Reconcile,
            Consistency::Detect,
            Consistency::None,
        ];
        let consistency = all[program.number() % 3];
        let newest = program.number() as u128;
        let mut world = Self {
            per_page,
            concurrency,
            consistency,
            machine: Enumeration::new(per_page, concurrency, consistency, from),
            list: (1..=newest).rev().map(key).collect(),
            newest,
            calls: Vec::new(),
            finished: Vec::new(),
            rows: Vec::new(),
            delivered: BTreeSet::new(),
            waiting: VecDeque::new(),
            consumed: BTreeSet::new(),
            rows_delivered: 0,
            unique_before: 0,
            requests: 0,
            first_total: None,
            greedy: false,
        };
        world.unique_before = world.machine.report().unique;
        while let Some(letter) = program.next() {
            world.step(letter, &mut program);
            world.check();
        }
        let text = world.machine.checkpoint(BASE, per_page);
        Checkpoint::read(&text, BASE, per_page).expect("reads what it wrote");
        world
    }

    fn step(&mut self, letter: u8, program: &mut Program) {
        match letter {
            // Ask once, or for all there is.
            b'a' => drop(self.ask()),
            b'A' => while self.ask() {},
            // Answer one of the calls as the list stands.
            b'h' => {
                if let Some((ticket, page)) = self.call(program.number()) {
                    self.honest(ticket, page);
                }
            }
            // Answer it with a total and rows that have nothing to do with the list.
            b't' => {
                let (which, total, rows) = (program.number(), program.number(), program.number());
                if let Some((ticket, _)) = self.call(which) {
                    self.absurd(ticket, total, rows);
                }
            }
            // Answer a request that is finished.
            b's' => {
                if let Some(&ticket) = self.finished.get(program.number()) {
                    self.machine
                        .answered(ticket, 3, vec![key(1), key(2), key(3)], 0);
                }
            }
            b'f' => {
                if let Some((ticket, _)) = self.call(program.number()) {
                    self.machine.failed(ticket);
                }
            }
            b'F' => {
                if let Some(&ticket) = self.finished.get(program.number()) {
                    self.machine.failed(ticket);
                }
            }
            b'd' => self.deliver(),
            b'g' => self.discard(),
            b'c' => {
                let number = program.number() as u32;
                let there = self.waiting.len() as u32;
                let rows = [number, there, there + number, u32::MAX][number as usize % 4];
                self.consume(rows);
            }
            b'C' => self.consume(self.waiting.len() as u32),
            b'+' => {
                self.newest += 1;
                self.list.insert(0, key(self.newest));
            }
            b'-' if !self.list.is_empty() => {
                self.list.remove(program.number() % self.list.len());
            }
            b'r' => self.resume(),
            _ => {}
        }
    }

    fn call(&self, which: usize) -> Option<(Ticket, u32)> {
        self.calls.get(which % self.calls.len().max(1)).copied()
    }

    fn ask(&mut self) -> bool {
        let before = self.machine.state();
        let Some(request) = self.machine.next_request() else {
            return false;
        };
        assert_eq!(before, State::Reading, "requested after the end");
        assert!(request.page >= 1);
        self.requests += 1;
        self.calls.push((request.ticket, request.page));
        true
    }

    fn honest(&mut self, ticket: Ticket, page: u32) {
        let size = self.per_page as usize;
        let from = (page as usize - 1)
            .saturating_mul(size)
            .min(self.list.len());
        let to = (from + size).min(self.list.len());
        self.answer(
            ticket,
            self.list.len() as u64,
            self.list[from..to].to_vec(),
            0,
        );
    }

    fn absurd(&mut self, ticket: Ticket, total: usize, rows: usize) {
        let here = self.list.len() as u64;
        let totals = [
            here,
            here + 1,
            here.saturating_sub(1),
            0,
            1,
            1 << 32,
            (1 << 53) - 1,
            u64::MAX,
            u64::MAX - 1,
            here * 2,
        ];
        let size = self.per_page as usize;
        let mut keys: Vec<Key> = match rows % 8 {
            0 => Vec::new(),
            1 => self.list.iter().take(size).copied().collect(),
            2 => self.list.iter().rev().copied().collect(),
            3 => self.list.iter().chain(&self.list).copied().collect(),
            4 => (1000..1000 + rows as u128).map(key).collect(),
            5 => vec![key(7); rows],
            6 => (0..3).map(|i| key(u128::MAX - i)).collect(),
            _ => (1..=rows as u128).map(key).collect(),
        };
        // The reader of answers refuses a page with too many rows. The machine does not rely on that.
        keys.truncate(300);
        let left_out = [0, 0, 1, u32::MAX][rows / 8 % 4];
        self.answer(ticket, totals[total % totals.len()], keys, left_out);
    }

    fn answer(&mut self, ticket: Ticket, total: u64, keys: Vec<Key>, left_out: u32) {
        self.calls.retain(|(other, _)| *other != ticket);
        self.finished.push(ticket);
        self.first_total.get_or_insert(total);
        self.rows.push((ticket, keys.clone()));
        self.machine.answered(ticket, total, keys, left_out);
    }

    fn deliver(&mut self) {
        while let Some(delivery) = self.machine.deliver() {
            assert!(!delivery.rows.is_empty());
            let held = self
                .rows
                .iter()
                .find(|(ticket, _)| *ticket == delivery.ticket);
            let (ticket, keys) = held.expect("rows of an answer that was not discarded");
            for row in &delivery.rows {
                let id = keys[*row as usize].id;
                let fresh = self.delivered.insert(id);
                let fresh = fresh && (self.greedy || !self.consumed.contains(&id));
                assert!(
                    fresh || self.consistency == Consistency::None,
                    "{id} comes twice"
                );
                self.waiting.push_back((id, *ticket));
            }
            self.rows_delivered += delivery.rows.len() as u64;
        }
    }

    fn discard(&mut self) {
        while let Some(ticket) = self.machine.discarded() {
            let before = self.calls.len() + self.rows.len();
            self.calls.retain(|(other, _)| *other != ticket);
            self.rows.retain(|(other, _)| *other != ticket);
            assert_eq!(
                self.calls.len() + self.rows.len() + 1,
                before,
                "discarded twice, or never requested"
            );
            self.finished.push(ticket);
        }
    }

    fn consume(&mut self, rows: u32) {
        self.greedy |= rows as usize > self.waiting.len();
        for _ in 0..(rows as usize).min(self.waiting.len()) {
            let (id, ticket) = self.waiting.pop_front().expect("counted");
            self.consumed.insert(id);
            if self.waiting.front().is_none_or(|(_, next)| *next != ticket) {
                self.rows.retain(|(other, _)| *other != ticket);
            }
        }
        self.machine.consumed(rows);
    }

    /// Another machine goes on.
    fn resume(&mut self) {
        let text = self.machine.checkpoint(BASE, self.per_page);
        let read = Checkpoint::read(&text, BASE, self.per_page);
        let checkpoint = read.expect("reads what it wrote");
        let (size, concurrency, consistency) = (self.per_page, self.concurrency, self.consistency);
        self.machine = Enumeration::new(size, concurrency, consistency, Some(checkpoint));
        self.calls.clear();
        self.finished.clear();
        self.rows.clear();
        self.delivered.clear();
        self.waiting.clear();
        self.unique_before = self.machine.report().unique;
        (self.rows_delivered, self.requests, self.first_total) = (0, 0, None);
    }

    /// What must hold after each step.
    fn check(&mut self) {
        let (report, progress) = (self.machine.report(), self.machine.progress());
        assert!(progress.under_way <= self.concurrency, "{progress:?}");
        let throughput = Throughput {
            concurrency: self.concurrency,
            latency_ms: 50.0,
            pace: Some(Pace::DOCUMENTED),
            free_slots: 3,
        };
        let estimate = estimated_ms(&progress, &throughput);
        assert!(estimate.is_finite() && estimate >= 0.0, "{estimate}");
        assert!(report.complete == Complete::False || self.machine.state() == State::Done);
        if let Some(total) = self.first_total {
            let pages = u128::from(total.div_ceil(u64::from(self.per_page)));
            let most = 2 * pages + 16 + 4 * u128::from(self.concurrency);
            assert!(
                u128::from(self.requests) <= most,
                "{} requests for {total} runners",
                self.requests
            );
        }
    }

    /// From here on driver and server behave. There is always something to do, until the enumeration ends
    /// (which may take longer than this, if an answer said that the list is very long).
    pub fn finish(mut self) {
        for _ in 0..200 {
            self.deliver();
            self.discard();
            self.consume(self.waiting.len() as u32);
            while self.ask() {}
            self.discard();
            self.check();
            let held = self.calls.len() + self.rows.len();
            assert!(
                self.greedy || held <= 3 * self.concurrency as usize,
                "{held} pages held"
            );
            if self.machine.state() != State::Reading {
                break;
            }
            let &(ticket, page) = self
                .calls
                .first()
                .expect("a machine that reads asks for something");
            self.honest(ticket, page);
        }
        self.deliver();
        let report = self.machine.report();
        // Rows that were consumed before they were delivered are not delivered.
        if self.machine.state() != State::Reading && !self.greedy {
            assert_eq!(report.unique, self.unique_before + self.rows_delivered);
            assert!(!self.ask());
        }
    }
}

const STEPS: &[&str] = &[
    "a", "A", "h0", "h1", "h3", "Ah0h0h0", "Ah1", "d", "g", "C", "c1", "c2", "c3", "c4", "+",
    "++++", "-0", "-3-3-3", "r", "s0", "f0", "F0", "dgC", "dgCAh0", "t01", "t17", "t21", "t33",
    "t44", "t55", "t66", "t71", "t72", "t83", "t94", "t0<", "t7T", "t6L", "t35",
];

/// A program with other steps in it, doubled, cut or damaged.
pub fn mutated(random: &mut Random, base: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut program = base.to_vec();
    for _ in 0..1 + random.below(20) {
        let at = random.below(program.len() + 1);
        match random.below(6) {
            0 => damage(random, &mut program, others),
            1 if program.len() > 4 && program.len() < 2_000 => {
                let steps = program[4..].to_vec();
                program.extend(steps);
            }
            2 if program.len() > 4 => program[random.below(4)] = b'0' + random.below(40) as u8,
            _ => drop(program.splice(at..at, pick(random, STEPS).bytes())),
        }
    }
    program
}
