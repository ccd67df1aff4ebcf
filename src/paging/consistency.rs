//! What the caller wants done about a list that changes while it is read.

use tsify::Tsify;

/// What to do about changes of the list while it is read.
///
/// - `"none"`: hand over the rows as they come, repeats included.
/// - `"detect"`: remove repeats. If a change was seen, the report says `complete: false`.
/// - `"reconcile"`: remove repeats, and read pages again until the list holds still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Consistency {
    /// Hand over the rows as they come, repeats included.
    None,
    /// Remove repeats. If a change was seen, the report says `complete: false`.
    Detect,
    /// Remove repeats, and read pages again until the list holds still.
    #[default]
    Reconcile,
}

impl Consistency {
    /// What callers may write, in words.
    pub const EXPECTED: &'static str = "\"none\", \"detect\" or \"reconcile\"";

    /// The value that callers write as `name`; `None` if there is no such value.
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
