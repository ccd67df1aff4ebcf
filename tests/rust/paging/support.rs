//! Lists, and two drivers of the machine: one that reads to the end, one that does single steps.

use std::collections::{HashMap, VecDeque};

use comfycontrol_decode::{Instant, Key};
use comfycontrol_runners::paging::{Checkpoint, Consistency, Enumeration, Request, State, Ticket};

pub const BASE: &str = "https://api.comfycontrol.app";

pub const ALL: [Consistency; 3] = [
    Consistency::None,
    Consistency::Detect,
    Consistency::Reconcile,
];

/// A runner that was created `id` seconds after 1970.
pub fn key(id: u128) -> Key {
    let created_at = Instant {
        seconds: id as i64,
        nanos: 0,
    };
    Key { id, created_at }
}

/// Runners `first + count - 1` down to `first`: newest first.
pub fn list_from(first: u128, count: u128) -> Vec<Key> {
    (first..first + count).rev().map(key).collect()
}

/// Runners `count` down to 1.
pub fn list(count: u128) -> Vec<Key> {
    list_from(1, count)
}

/// Runners `10 × count` down to 10, with room for others between them.
pub fn spread(count: u128) -> Vec<Key> {
    (1..=count).rev().map(|n| key(10 * n)).collect()
}

pub fn ids(list: &[Key]) -> Vec<u128> {
    list.iter().map(|key| key.id).collect()
}

/// What the server answers: `total`, and the rows of the page.
pub fn page_of(list: &[Key], page: u32, per_page: usize) -> (u64, Vec<Key>) {
    let before = (page as usize - 1) * per_page;
    let rows = list.iter().skip(before).take(per_page);
    (list.len() as u64, rows.copied().collect())
}

/// What a run handed over, and which pages it requested.
#[derive(Debug, Default, PartialEq)]
pub struct Run {
    pub ids: Vec<u128>,
    pub pages: Vec<u32>,
}

/// Reads to the end. The answers arrive in the order of the requests. `answer` gets the page and the
/// number of the request, from 1.
pub fn read(
    machine: &mut Enumeration,
    mut answer: impl FnMut(u32, usize) -> (u64, Vec<Key>),
) -> Run {
    let mut run = Run::default();
    let mut under_way = VecDeque::new();
    let mut rows: HashMap<u32, Vec<Key>> = HashMap::new();
    for _ in 0..100_000 {
        while let Some(request) = machine.next_request() {
            run.pages.push(request.page);
            under_way.push_back((request.ticket, answer(request.page, run.pages.len())));
        }
        while let Some(ticket) = machine.discarded() {
            under_way.retain(|(other, _)| *other != ticket);
        }
        while let Some(delivery) = machine.deliver() {
            let keys = &rows[&delivery.ticket.0];
            let ids = delivery.rows.iter().map(|row| keys[*row as usize].id);
            run.ids.extend(ids);
            machine.consumed(delivery.rows.len() as u32);
        }
        if machine.state() != State::Reading {
            return run;
        }
        if let Some((ticket, (total, keys))) = under_way.pop_front() {
            rows.insert(ticket.0, keys.clone());
            machine.answered(ticket, total, keys, 0);
        }
    }
    panic!("the reading does not end");
}

/// A machine that handed over the first `rows` runners of a list, one page of 10 after the other.
pub fn handed_over(list: &[Key], rows: u32) -> Enumeration {
    let mut machine = Enumeration::new(10, 8, Consistency::Reconcile, None);
    for _ in 0..rows.div_ceil(10) {
        let request = machine.next_request().expect("a request");
        let (total, keys) = page_of(list, request.page, 10);
        machine.answered(request.ticket, total, keys, 0);
    }
    while machine.deliver().is_some() {}
    machine.consumed(rows);
    machine
}

/// A machine, the list that it reads, and the consumer of its rows. Nothing happens by itself.
pub struct Reader {
    pub machine: Enumeration,
    pub list: Vec<Key>,
    per_page: u32,
    pub under_way: Vec<Request>,
    /// Rows of the answers that were neither delivered nor discarded.
    rows: Vec<(Ticket, Vec<Key>)>,
    /// Delivered, and not yet consumed.
    pub waiting: VecDeque<u128>,
    /// Consumed.
    pub ids: Vec<u128>,
}

impl Reader {
    pub fn new(list: Vec<Key>, per_page: u32, concurrency: u32, consistency: Consistency) -> Self {
        Self::from(list, per_page, concurrency, consistency, None)
    }

    pub fn from(
        list: Vec<Key>,
        per_page: u32,
        concurrency: u32,
        consistency: Consistency,
        checkpoint: Option<&str>,
    ) -> Self {
        let resume = checkpoint.map(|text| Checkpoint::read(text, BASE, per_page).expect("reads"));
        Self {
            machine: Enumeration::new(per_page, concurrency, consistency, resume),
            list,
            per_page,
            under_way: Vec::new(),
            rows: Vec::new(),
            waiting: VecDeque::new(),
            ids: Vec::new(),
        }
    }

    pub fn checkpoint(&self) -> String {
        self.machine.checkpoint(BASE, self.per_page)
    }

    /// How many ids the checkpoint lists; everything else takes 92 bytes.
    pub fn listed_ids(&self) -> usize {
        (self.checkpoint().len() * 3 / 4 - 92) / 16
    }

    /// Requests all that the machine wants. Returns the pages.
    pub fn request(&mut self) -> Vec<u32> {
        let before = self.under_way.len();
        while let Some(request) = self.machine.next_request() {
            self.under_way.push(request);
        }
        self.discard();
        let requested = self.under_way.get(before..).unwrap_or_default();
        requested.iter().map(|request| request.page).collect()
    }

    /// The answer for this page arrives, with the list as it is now.
    pub fn answer(&mut self, page: u32) {
        let (total, keys) = page_of(&self.list, page, self.per_page as usize);
        self.answer_with(page, total, keys);
    }

    pub fn answer_with(&mut self, page: u32, total: u64, keys: Vec<Key>) {
        let mut requests = self.under_way.iter();
        let index = requests.position(|request| request.page == page);
        let request = self.under_way.remove(index.expect("a page under way"));
        self.rows.push((request.ticket, keys.clone()));
        self.machine.answered(request.ticket, total, keys, 0);
        while let Some(delivery) = self.machine.deliver() {
            let mut rows = self.rows.iter();
            let index = rows.position(|(ticket, _)| *ticket == delivery.ticket);
            let (_, keys) = self.rows.swap_remove(index.expect("kept rows"));
            let ids = delivery.rows.iter().map(|row| keys[*row as usize].id);
            self.waiting.extend(ids);
        }
        self.discard();
    }

    fn discard(&mut self) {
        while let Some(ticket) = self.machine.discarded() {
            self.under_way.retain(|request| request.ticket != ticket);
            self.rows.retain(|(other, _)| *other != ticket);
        }
    }

    /// The consumer takes this many rows, or all if there are fewer.
    pub fn consume(&mut self, rows: usize) {
        let rows = rows.min(self.waiting.len());
        self.ids.extend(self.waiting.drain(..rows));
        self.machine.consumed(rows as u32);
    }

    /// Answers in the order of the requests until the consumer has this many rows, or until the end.
    /// Returns the pages requested.
    pub fn read(&mut self, rows: usize) -> Vec<u32> {
        let mut pages = Vec::new();
        loop {
            self.consume(rows - self.ids.len());
            if self.ids.len() == rows {
                return pages;
            }
            pages.extend(self.request());
            let Some(first) = self.under_way.first() else {
                return pages;
            };
            self.answer(first.page);
        }
    }

    pub fn read_all(&mut self) -> Vec<u32> {
        self.read(usize::MAX)
    }
}
