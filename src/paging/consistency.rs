//! The option `consistency`.

use tsify::Tsify;

/// What to do if the list changes while it is read.
///
/// - `"none"`: hand over the rows as they come, repeats included.
/// - `"detect"`: remove repeats. If a change was seen, `report.complete` is `false`.
/// - `"reconcile"`: remove repeats, and read pages again until the list stops changing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Tsify)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the list above says what each value means")]
pub enum Consistency {
    None,
    Detect,
    #[default]
    Reconcile,
}

impl Consistency {
    /// The allowed values, for error messages.
    pub const EXPECTED: &'static str = "\"none\", \"detect\" or \"reconcile\"";

    /// The value with this name in JavaScript, if there is one.
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
