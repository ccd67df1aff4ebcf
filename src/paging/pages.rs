//! Pages from their request until the consumer has taken their rows.

use comfycontrol_decode::Key;

use super::protocol::{Delivery, Ticket};

/// The number of an event: the start of a request, or the arrival of an answer.
pub(super) type Tick = u32;

/// A page under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnderWay {
    pub(super) page: u64,
    pub(super) start: Tick,
}

/// The answer for a page.
#[derive(Debug)]
pub(super) struct PageAnswer {
    pub(super) page: u64,
    pub(super) start: Tick,
    pub(super) end: Tick,
    pub(super) keys: Vec<Key>,
    /// Invalid rows, which have no key.
    pub(super) left_out: u32,
}

impl PageAnswer {
    pub(super) fn ticket(&self) -> Ticket {
        Ticket(self.start)
    }
}

/// An accepted page, some rows of which the consumer has not taken.
#[derive(Debug)]
struct AcceptedPage {
    page: u64,
    ticket: Ticket,
    rows: Vec<u32>,
    unconsumed: u32,
}

#[derive(Debug, Default)]
pub(super) struct Pages {
    under_way: Vec<UnderWay>,
    /// Answers that wait until the pages before them are accepted.
    answered: Vec<PageAnswer>,
    /// Accepted pages, in the order in which they were accepted.
    held: Vec<AcceptedPage>,
    /// How many of `held` the driver has fetched with `deliver`.
    delivered: usize,
}

impl Pages {
    pub(super) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// Requests under way, and answers that wait.
    pub(super) fn requested(&self) -> usize {
        self.under_way.len() + self.answered.len()
    }

    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    pub(super) fn first_held(&self) -> Option<u64> {
        self.held.first().map(|held| held.page)
    }

    pub(super) fn is_requested(&self, page: u64) -> bool {
        self.under_way.iter().any(|request| request.page == page)
            || self.answered.iter().any(|answer| answer.page == page)
    }

    pub(super) fn is_under_way(&self, ticket: Ticket) -> bool {
        self.under_way
            .iter()
            .any(|request| request.start == ticket.0)
    }

    /// The earliest start of all that was requested.
    pub(super) fn earliest_start(&self) -> Option<Tick> {
        let under_way = self.under_way.iter().map(|request| request.start).min();
        let answered = self.answered.iter().map(|answer| answer.start).min();
        match (under_way, answered) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    pub(super) fn request(&mut self, request: UnderWay) {
        self.under_way.push(request);
    }

    /// The request is no longer under way. `None` if it was not.
    pub(super) fn arrive(&mut self, ticket: Ticket) -> Option<UnderWay> {
        let mut requests = self.under_way.iter();
        let index = requests.position(|request| request.start == ticket.0)?;
        Some(self.under_way.remove(index))
    }

    /// Keeps an answer until it can be accepted.
    pub(super) fn wait(&mut self, answer: PageAnswer) {
        self.answered.push(answer);
    }

    /// The answer for a page, if it waits.
    pub(super) fn take_answer(&mut self, page: u64) -> Option<PageAnswer> {
        let index = self
            .answered
            .iter()
            .position(|answer| answer.page == page)?;
        Some(self.answered.remove(index))
    }

    /// Removes one of the requests under way and the answers that wait.
    pub(super) fn pop_requested(&mut self) -> Option<Ticket> {
        if let Some(request) = self.under_way.pop() {
            return Some(Ticket(request.start));
        }
        self.answered.pop().map(|answer| answer.ticket())
    }

    /// Holds an accepted page. `rows` are to be delivered; there is at least one.
    pub(super) fn hold(&mut self, page: u64, ticket: Ticket, rows: Vec<u32>) {
        let unconsumed = rows.len() as u32;
        self.held.push(AcceptedPage {
            page,
            ticket,
            rows,
            unconsumed,
        });
    }

    pub(super) fn deliver(&mut self) -> Option<Delivery> {
        let next = self.held.get_mut(self.delivered)?;
        self.delivered += 1;
        Some(Delivery {
            ticket: next.ticket,
            rows: std::mem::take(&mut next.rows),
        })
    }

    /// The consumer took this many rows. Returns how many of them were there to take.
    pub(super) fn consume(&mut self, rows: u32) -> u32 {
        let mut left = rows;
        while let Some(first) = self.held.first_mut() {
            let some = left.min(first.unconsumed);
            first.unconsumed -= some;
            left -= some;
            if first.unconsumed > 0 {
                break;
            }
            self.held.remove(0);
            self.delivered = self.delivered.saturating_sub(1);
        }
        rows - left
    }
}
