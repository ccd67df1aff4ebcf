//! Every runner, once: paging that survives a changing list.
//!
//! The server pages by offset. When a runner leaves the list while a client reads page after page, all
//! runners behind it move up. One of them moves from a page that is still to be read to a page that was
//! read already: the client loses it. When a runner joins, the others move down: the client meets one of
//! them twice.
//!
//! The machine in this module decides which page to request next and which rows to hand over. A driver
//! sends the requests and reports the answers. The machine reads no clock, sends nothing, and knows no
//! JavaScript.
//!
//! # Assumptions
//!
//! - The rows and the `total` of one answer belong to one moment.
//! - The `created_at` of a runner never changes.
//! - The order of two runners never changes. `api/contract.md` says newest first. It does not say how
//!   runners are ordered that were created at the same time; the machine takes that order to be stable.
//!
//! # What `reconcile` guarantees
//!
//! *A runner that is in the list during the whole enumeration is handed over exactly once, unless changes
//! cancelled out without a trace.* Here is why:
//!
//! 1. **Overlap is proof.** An answer is an unbroken stretch of the list. Suppose the list is covered down
//!    to some row, and an answer begins at or before that row. Then the list is covered down to the
//!    answer's last row, whatever happened in between, and whenever the server read the answer. Page 1
//!    needs nothing before it. For this reason runners that join do no harm: they cause overlap.
//! 2. **Adjacent pages** do not overlap. The machine takes them to join if it saw no change between the
//!    first and the last moment at which the server can have read either of them. A change shows as a
//!    `total` that moved, as a repeated row, as a row created after the last one of the page before, or
//!    as an answer that has more or fewer rows than its `total` says. A change that was undone shows too,
//!    if at least one answer was read in between.
//! 3. **After a change** the machine gives up the requests under way. All pairs of pages that the change
//!    can have come between no longer count as joined. Reading steps back by as many pages as `total`
//!    says that runners left, at least by one, and further until there is overlap. From then on the
//!    machine requests one page at a time, and more again while the list holds still. It finds repeated
//!    rows by their ids and does not hand them over again.
//! 4. **At the end** the machine compares the number of runners found with `total`. If runners are missing,
//!    and the growth of `total` does not explain it, the machine reads the list once more from page 1. In
//!    an enumeration from a checkpoint that does not list all ids, and in one that has forgotten ids (see
//!    below), it does not: there the report says [`Complete::False`].
//!
//! A removal and an addition between two answers can leave `total` as it was and cause no repeat. No client
//! can see such a loss in the answers of one pass. Therefore the report says [`Complete::True`] only if one
//! answer held the whole list, and otherwise [`Complete::Unknown`]. A runner that joins or leaves during the
//! enumeration is handed over once or not at all, but never twice.
//!
//! The tests play the machine against a list that changes at random while answers overtake each other
//! (`tests/rust/paging/campaign.rs`). Nothing is lost where runners only leave, where they only join, where
//! every change gives `total` a value that it never had, and where an answer was read in every state of the
//! list.
//!
//! `detect` removes repeats and reads no page again. If it saw a change, the report says
//! [`Complete::False`]. `none` hands over the rows as they come, repeats included.
//!
//! # Order
//!
//! While nothing changes, rows come in the order of the list. A row that was found by reading again comes
//! after the rows that were handed over before.
//!
//! # Bounds
//!
//! Let `pages` be the number of pages that the first answer promised, and `spare` = 16 + 4 × concurrency.
//!
//! - The machine makes at most 2 × `pages` + `spare` requests; then the enumeration ends with `list_changed`
//!   ([`State::Failed`]). While nothing changes it makes exactly `pages`, and 1 for an empty list.
//! - It ends with `list_changed` sooner if too many requests brought nothing new: more than `spare`, plus
//!   the pages that did, plus the pages that the growth of `total` fills.
//! - At most 2 × concurrency pages are requested or held for the consumer, and 3 × concurrency for a moment
//!   after a change.
//! - Let `kept` = 4096 + 4 × concurrency × page size. The machine keeps the ids of at least the last `kept`
//!   and at most the last 2 × `kept` runners handed over. Older runners are known by their `created_at` alone.
//!   All ids are kept where the server keeps another order than newest first, or where very many runners
//!   share one `created_at`.
//!
//! # Resuming
//!
//! A checkpoint continues the same enumeration: the guarantee holds for runners that are in the list from
//! the first request to the last, over all parts. A runner that joined in front of the position reached is
//! not looked for; without the interruption it would not have been either. Resuming costs one more request
//! if the checkpoint is at the end of a page, and one for each page filled by runners that joined or left
//! meanwhile. Rows that the consumer did not take are read again.
//!
//! Resuming relies on the documented order. If the server keeps another one and no answer before the
//! checkpoint showed it, runners can be lost. If only the comparison of two pages showed it, each part reads
//! from page 1 again, and a long list ends with `list_changed`.

mod base64;
mod budget;
mod checkpoint;
mod consistency;
mod coverage;
mod enumeration;
mod estimate;
mod pages;
mod protocol;
mod report;
mod seen;
mod totals;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use consistency::Consistency;
pub use enumeration::Enumeration;
pub use estimate::{EnumerationProgress, Throughput, estimated_ms};
pub use protocol::{Delivery, Request, State, Ticket, Why};
pub use report::{Complete, Report};
