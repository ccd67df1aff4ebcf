//! Every runner, once: paging that survives a changing list.
//!
//! The server pages by offset. While pages are read one after the other, a runner that leaves the
//! list moves the ones behind it up, and one of them slips from a page not read yet to one read
//! already: it is lost. A runner that joins moves them down: one is met twice. This machine is told
//! the answers and says which page to ask for next and which rows to hand over. It reads no clock,
//! sends nothing and knows no JavaScript.
//!
//! # What is assumed
//!
//! The rows and the `total` of one answer are of one moment; `created_at` of a runner never
//! changes; and of two runners always the same one comes first (`api/contract.md`: newest first;
//! the order of runners created at the same moment is not documented, but taken to be stable).
//!
//! # What `reconcile` guarantees
//!
//! *A runner that is in the list during the whole enumeration is handed over exactly once, unless
//! changes cancelled out without a trace.* The reasons:
//!
//! 1. **Overlap is proof.** An answer is an unbroken stretch of the list. If everything down to some
//!    row is covered, and the answer begins at or before that row, then everything down to the
//!    answer's last row is covered, whatever happened in between and whenever it was read. Page 1
//!    needs nothing before it. Runners that join are harmless for that reason: they cause overlap.
//! 2. **Adjacent pages** do not overlap. They are taken to join if nothing was seen to change between
//!    the first and the last moment at which either can have been read. A change is seen by a
//!    `total` other than before, a repeat, a row created after the last one of the page before, or
//!    an answer with more or fewer rows than its `total` says; also when it went away again, if only
//!    one answer told of it meanwhile.
//! 3. **After a change** the answers still under way are given up, every pair of pages that the change
//!    can have come between counts as not joined, and reading steps back: by as many pages as `total`
//!    says runners left, at least one, and further until there is overlap. One page at a time then,
//!    until the list holds still. Rows known by id are not handed over again.
//! 4. **At the end**, if fewer runners were found than `total` says and its growth does not explain
//!    that, the list is read once more from page 1 (in a resumed enumeration, and beyond the ids that
//!    are kept, the report says [`Complete::False`] instead).
//!
//! A removal and an addition between two reads can leave `total` as it was and show no repeat: a
//! loss that no client can see in the answers of one pass. [`Complete::True`] is therefore reported
//! only where one answer held the whole list, [`Complete::Unknown`] otherwise. Runners that join or
//! leave meanwhile may be handed over or not, but never twice.
//!
//! The tests play this against a list that changes at random while answers overtake each other
//! (`tests/rust/enumerate.rs`): nothing is lost where runners only leave, only join, where every
//! change gives `total` a new value, and where every state of the list was told by some answer.
//!
//! `detect` removes repeats, reads no page again, and reports [`Complete::False`] if it saw a change.
//! `none` hands over the rows as they come, repeats included.
//!
//! # Order
//!
//! While nothing changes, rows come in the order of the list. A row found by reading again comes
//! after those that were handed over before.
//!
//! # Bounds
//!
//! With `pages` for the pages that the first answer promised, and `spare` = 16 + 4 × concurrency:
//!
//! - At most 2 × `pages` + `spare` requests, then `list_changed` ([`State::Failed`]). While nothing
//!   changes it is exactly `pages`, and 1 for an empty list.
//! - `list_changed` sooner, when more requests brought nothing new than `spare`, plus the pages that
//!   did, plus those that the growth of `total` fills.
//! - At most 2 × concurrency pages asked for or held unconsumed, and half as many again
//!   for a moment after a change. Of the runners handed over, ids are kept for the last 4096 + 4 ×
//!   concurrency × page size at least and twice as many at most; older ones are known by `created_at` alone. (All are
//!   kept where the server keeps another order than the documented one, or very many share one
//!   `created_at`.)
//!
//! # Resuming
//!
//! A checkpoint continues the same enumeration: the guarantee holds for runners that are in the list
//! from the first request to the last, over all parts. Runners that joined before the place reached
//! are not looked for, as they would not have been without the interruption. It costs one
//! request more where the checkpoint stands at the end of a page, and as many pages as runners
//! joined or left meanwhile fill. Rows of answers that were not consumed are read again.

mod checkpoint;
mod report;
mod seen;
mod accept;

use std::mem::take;

use comfycontrol_decode::Key;
use tsify::Tsify;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use report::{Complete, Progress, Report, estimated_ms};
use seen::{CARRIED, Moment, NEVER, Seen};

use crate::page::page_count;

/// What to do about changes of the list while it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Consistency {
    /// Rows as they come, repeats included.
    None,
    /// Repeats removed; changes that were seen make the report `complete: false`.
    Detect,
    /// Repeats removed, and pages read again until the list holds still.
    #[default]
    Reconcile,
}

impl Consistency {
    /// What callers may say, in words.
    pub const EXPECTED: &'static str = "\"none\", \"detect\" or \"reconcile\"";

    /// By the name that callers give it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::None),
            "detect" => Some(Self::Detect),
            "reconcile" => Some(Self::Reconcile),
            _ => None,
        }
    }
}

/// A `total` beyond this, which the reader refuses, is taken for it.
const MOST_RUNNERS: u64 = (1 << 53) - 1;

/// Names one request of an enumeration: the moment at which it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(pub u32);

/// A page to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    pub ticket: Ticket,
    /// From 1.
    pub page: u32,
}

/// Rows to hand over, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Whose answer holds them. Its other rows are not needed any more.
    pub ticket: Ticket,
    /// Places in the `keys` given to [`Enumeration::answered`]; never empty.
    pub rows: Vec<u32>,
}

/// Whether there is more to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Go on: ask, answer, consume.
    Reading,
    /// Every row to come is in [`Enumeration::deliver`].
    Done,
    /// No more requests. Rows accepted before are still in [`Enumeration::deliver`].
    Failed(Why),
}

/// Why an enumeration failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The list did not hold still: `list_changed`.
    ListChanged,
    /// A request failed for good.
    Request,
}

/// A page from its request until the consumer has taken its rows. Moments are numbers of events:
/// starts and arrivals.
#[derive(Debug)]
struct Page {
    number: u64,
    start: u32,
    /// When the answer arrived; 0 while the request is under way.
    end: u32,
    keys: Vec<Key>,
    left_out: u32,
    /// What is to be delivered, once it is accepted, and how many of them were not consumed.
    rows: Vec<u32>,
    left: u32,
}

/// Two adjacent pages that were taken to join: the one before `page`, and `page`.
#[derive(Clone, Copy, Debug)]
struct Link {
    page: u64,
    /// The number of the answer accepted for `page`.
    cover: u32,
    /// When both had arrived.
    end: u32,
}

/// The enumeration of one list. See the [module](self) for what it guarantees.
///
/// The driver asks for what [`next_request`](Self::next_request) says, reports each outcome with
/// [`answered`](Self::answered) or [`failed`](Self::failed), hands over what
/// [`deliver`](Self::deliver) says, and reports what the consumer took with
/// [`consumed`](Self::consumed); after each of these it looks at all of them again. Rows, and
/// requests under way, that [`discarded`](Self::discarded) names are to be dropped.
#[derive(Debug)]
#[allow(clippy::vec_box, reason = "pages go from list to list: half the code")]
pub struct Enumeration {
    per_page: u64,
    concurrency: usize,
    consistency: Consistency,
    state: State,
    moment: u32,
    /// Pages asked for: requests under way, and answers that wait for their turn.
    asked: Vec<Box<Page>>,
    discarded: Vec<Ticket>,
    /// Accepted pages, in this order.
    unconsumed: Vec<Box<Page>>,
    /// How many of `unconsumed` were delivered.
    delivered: usize,

    /// The next page to accept.
    head: u64,
    /// The number of the first accepted answer since which every page followed the one before, up
    /// to `head`; 0 where `head` follows none.
    chain: u32,
    /// Of the page before `head`: when its last row was created, its start and its end.
    last: Moment,
    start: u32,
    end: u32,
    links: Vec<Link>,
    covers: u32,
    /// Everything created after this is covered.
    reached: Moment,
    /// Pages accepted since the last change: allows as many requests at a time.
    calm: usize,

    seen: Seen,
    /// How many of `seen` the consumer has taken.
    taken: usize,
    /// How many of `seen` came with the checkpoint.
    carried: usize,
    /// When the consumer has taken as many of `seen`, some can be forgotten.
    forget_at: usize,
    /// Rows created after this were handed over, or joined too late.
    horizon: Moment,
    ordered: bool,

    /// Reading began at page 1, and nothing new was found since.
    fruitless: bool,
    resumed: bool,
    changed: bool,
    /// `total` was told.
    told: bool,
    report: Report,
    left_out: u64,
    consumed: u64,
    /// `total` when a page was last accepted.
    settled_total: u64,
    /// Runners that joined, as far as `total` shows.
    growth: u64,
    /// No more requests than this.
    limit: u64,
    /// Requests that brought nothing new, and pages that did.
    vain: u64,
    useful: u64,
}

impl Enumeration {
    /// `per_page` is 1 to 100; `concurrency`, at least 1, is how many requests may be under way.
    #[must_use]
    pub fn new(
        per_page: u32,
        concurrency: u32,
        consistency: Consistency,
        resume: Option<Checkpoint>,
    ) -> Self {
        let concurrency = concurrency.max(1) as usize;
        let mut new = Self {
            per_page: per_page.max(1).into(),
            concurrency,
            consistency,
            state: State::Reading,
            moment: 0,
            asked: Vec::new(),
            discarded: Vec::new(),
            unconsumed: Vec::new(),
            delivered: 0,
            head: 1,
            chain: 0,
            last: NEVER,
            start: 0,
            end: 0,
            links: Vec::new(),
            covers: 0,
            reached: NEVER,
            calm: concurrency,
            seen: Seen::default(),
            taken: 0,
            carried: 0,
            forget_at: 0,
            horizon: NEVER,
            ordered: true,
            fruitless: true,
            resumed: false,
            changed: false,
            told: false,
            report: Report::START,
            left_out: 0,
            consumed: 0,
            settled_total: 0,
            growth: 0,
            limit: u64::MAX,
            vain: 0,
            useful: 1,
        };
        if let Some(from) = &resume {
            new.resume(from);
        }
        new
    }

    fn resume(&mut self, from: &Checkpoint) {
        let [ordered, changed, horizon, head, counts @ ..] = from.numbers;
        let [unique, duplicates, total_start, total, requests] = counts;
        self.ordered = ordered > 0;
        self.changed = changed > 0;
        self.horizon = horizon as Moment;
        self.reached = self.horizon;
        // A larger one was never written, and could not be asked for.
        self.head = head.clamp(1, u32::MAX.into());
        self.useful = self.head;
        self.fruitless = self.head == 1;
        self.consumed = unique;
        self.settled_total = total;
        self.report = Report {
            unique,
            duplicates,
            total_start,
            total_end: total,
            requests,
            complete: Complete::False,
        };
        // A checkpoint from before the first answer is none.
        self.resumed = total_start > 0 || unique > 0;
        if self.resumed {
            self.calm = 1;
        }
        for id in &from.known {
            // When it was created is not known until it is met, only that it is not after the horizon.
            self.seen.push(*id, Moment::MIN, CARRIED);
        }
        // If nothing had changed, they are the last ones of what is covered.
        if self.changed {
            self.seen.uncover(0);
        }
        self.taken = from.known.len();
        self.carried = self.taken;
    }

    /// The next page to ask for, if one should be asked for now.
    pub fn next_request(&mut self) -> Option<Request> {
        let abreast = self.concurrency.min(self.calm.max(1));
        let window = 2 * self.concurrency;
        if !self.reading() || self.under_way() >= abreast || self.unconsumed.len() >= window {
            return None;
        }
        let mut page = self.head;
        while self.place_of(page) < self.asked.len() {
            page += 1;
        }
        // Until the first answer, the pages are unknown.
        let full = self.asked.len() + self.unconsumed.len() >= window;
        if page > self.head && (page > self.pages() || full) {
            return None;
        }
        if self.report.requests >= self.limit {
            self.give_up();
            return None;
        }
        self.report.requests += 1;
        self.moment += 1;
        self.asked.push(Box::new(Page {
            number: page,
            start: self.moment,
            end: 0,
            keys: Vec::new(),
            left_out: 0,
            rows: Vec::new(),
            left: 0,
        }));
        Some(Request {
            ticket: Ticket(self.moment),
            page: page.try_into().unwrap_or(u32::MAX),
        })
    }

    /// The answer to a request: its `total`, the keys of its runners in order, and how many
    /// runners it held besides, which were left out as invalid.
    ///
    /// Keep the rows until they are named by [`deliver`](Self::deliver) or
    /// [`discarded`](Self::discarded). Answers to discarded requests are ignored.
    pub fn answered(&mut self, ticket: Ticket, total: u64, keys: Vec<Key>, left_out: u32) {
        let place = self.place_under_way(ticket);
        if place < self.asked.len() {
            let asked = self.asked.swap_remove(place);
            self.arrived(asked, total.min(MOST_RUNNERS), keys, left_out);
        }
    }

    /// A request failed for good. The enumeration ends; rows accepted before are still delivered.
    pub fn failed(&mut self, ticket: Ticket) {
        if self.place_under_way(ticket) < self.asked.len() {
            self.end(State::Failed(Why::Request));
        }
    }

    /// The next rows to hand over.
    pub fn deliver(&mut self) -> Option<Delivery> {
        let next = self.unconsumed.get_mut(self.delivered)?;
        self.delivered += 1;
        Some(Delivery {
            ticket: Ticket(next.start),
            rows: take(&mut next.rows),
        })
    }

    /// An answer whose rows are not needed any more, or a request under way that is to be aborted.
    pub fn discarded(&mut self) -> Option<Ticket> {
        self.discarded.pop()
    }

    /// The consumer took this many more of the delivered rows.
    pub fn consumed(&mut self, rows: u32) {
        let mut left = rows;
        while let Some(first) = self.unconsumed.first_mut() {
            let some = left.min(first.left);
            first.left -= some;
            left -= some;
            if first.left > 0 {
                break;
            }
            self.unconsumed.remove(0);
            self.delivered = self.delivered.saturating_sub(1);
        }
        // Never more than there are.
        self.consumed += u64::from(rows - left);
        self.taken += (rows - left) as usize;
        self.forget();
    }

    /// Whether there is more to come.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// What was found so far. `complete` is final once the state is.
    #[must_use]
    pub fn report(&self) -> Report {
        self.report
    }

    /// How far the enumeration is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let mut remaining = 0;
        if self.reading() {
            remaining = (self.pages() + 1).saturating_sub(self.head + self.asked.len() as u64);
        }
        Progress {
            delivered: self.consumed,
            total: self.told.then_some(self.report.total_end),
            requests: self.report.requests,
            under_way: self.under_way() as u32,
            remaining,
        }
    }

    /// Where the consumer stands: the rows it took are done, all others are not. To be read by
    /// [`Checkpoint::read`] with the same base URL and page size.
    #[must_use]
    pub fn checkpoint(&self, base_url: &str, per_page: u32) -> String {
        let (taken, waiting) = self.seen.rows.split_at(self.taken);
        let mut horizon = self.horizon;
        if self.ordered && self.taken > 0 && self.reached != NEVER {
            // Done is what was created after all that waits, and after all that is not covered.
            horizon = self.reached;
            for row in waiting {
                horizon = horizon.max(row.created_at);
            }
        }
        let mut head = self.head.saturating_sub(1).max(1);
        if let Some(first) = self.unconsumed.first() {
            head = head.min(first.number);
        }
        let numbers = [
            self.ordered.into(),
            self.changed.into(),
            horizon as u64,
            head,
            self.consumed,
            self.report.duplicates,
            self.report.total_start,
            self.settled_total,
            self.report.requests,
        ];
        let known = taken.iter().filter(|row| row.created_at <= horizon);
        checkpoint::write(&numbers, known.map(|row| row.id), base_url, per_page)
    }

    fn reading(&self) -> bool {
        matches!(self.state, State::Reading)
    }

    /// The pages of the list; 0 before the first answer.
    fn pages(&self) -> u64 {
        if self.told {
            page_count(self.report.total_end, self.per_page as u32)
        } else {
            0
        }
    }

    /// How many requests are under way.
    fn under_way(&self) -> usize {
        let mut count = 0;
        for asked in &self.asked {
            count += usize::from(asked.end == 0);
        }
        count
    }

    /// The place of this page in `asked`; beyond all if it is not there.
    fn place_of(&self, page: u64) -> usize {
        let asked = self.asked.iter();
        asked.take_while(|asked| asked.number != page).count()
    }

    /// As [`place_of`](Self::place_of), by ticket, of a request under way.
    fn place_under_way(&self, ticket: Ticket) -> usize {
        let asked = self.asked.iter();
        asked
            .take_while(|asked| asked.start != ticket.0 || asked.end > 0)
            .count()
    }
}
