//! The values that the machine and its driver exchange.

/// Identifies one request of an enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(pub u32);

/// A page to request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Identifies the request when the driver reports its outcome.
    pub ticket: Ticket,
    /// The page number, from 1.
    pub page: u32,
}

/// Rows to hand over, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The request whose answer holds the rows. The other rows of this answer are not needed.
    pub ticket: Ticket,
    /// Indices into the `keys` given to [`Enumeration::answered`](super::Enumeration::answered). Never
    /// empty.
    pub rows: Vec<u32>,
}

/// Whether there is more to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Go on: request, answer, consume.
    Reading,
    /// The list was read. [`Enumeration::deliver`](super::Enumeration::deliver) returns the remaining rows.
    Done,
    /// No more requests. [`Enumeration::deliver`](super::Enumeration::deliver) still returns the rows that
    /// were accepted before.
    Failed(Why),
}

/// Why an enumeration failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The list changed faster than it could be read: the error `list_changed`.
    ListChanged,
    /// A request failed for good.
    Request,
}
