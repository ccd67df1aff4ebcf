//! What an enumeration says about its result.

use serde::{Serialize, Serializer};
use tsify::Tsify;

/// Whether every runner was handed over. Serialized as `false`, `true` or `"unknown"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complete {
    /// At least one of these is true: the enumeration did not reach the end; not all that was found was handed
    /// over; invalid runners were left out; `total` is larger than the number of runners found and of those that
    /// were added meanwhile; or the list visibly changed and was not read again (`none`, `detect`).
    False,
    /// One answer held the whole list, and all of it was handed over.
    True,
    /// No loss was visible. But the list took several answers, and a removal and an addition between
    /// two of them can cancel out without a trace.
    Unknown,
}

impl Serialize for Complete {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::False => serializer.serialize_bool(false),
            Self::True => serializer.serialize_bool(true),
            Self::Unknown => serializer.serialize_str("unknown"),
        }
    }
}

/// Serializes a count as a JavaScript number; by default it would become a `BigInt`.
fn as_number<S: Serializer>(count: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(*count as f64)
}

/// What an iteration found, including what it found before `resumeFrom`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Different runners found. With consistency `"none"`: all rows, repeats included.
    #[serde(serialize_with = "as_number")]
    #[tsify(type = "number")]
    pub unique: u64,
    /// Repeated rows. Only consistency `"none"` hands them over again.
    #[serde(serialize_with = "as_number")]
    #[tsify(type = "number")]
    pub duplicates: u64,
    /// `total` in the first answer; 0 before it.
    #[serde(serialize_with = "as_number")]
    #[tsify(type = "number")]
    pub total_start: u64,
    /// `total` in the latest answer; 0 before the first.
    #[serde(serialize_with = "as_number")]
    #[tsify(type = "number")]
    pub total_end: u64,
    /// Pages requested. Retries of one request are not counted.
    #[serde(serialize_with = "as_number")]
    #[tsify(type = "number")]
    pub requests: u64,
    /// Whether every runner was handed over.
    ///
    /// `true`: one answer held the whole list.
    ///
    /// `false`: the iteration did not reach the end, its consumer did not take all runners, invalid runners
    /// were left out, `total` is larger than the number of runners found and of those that were added
    /// meanwhile, or the list visibly changed and was not read again.
    ///
    /// `"unknown"`: no loss was visible. But the list took several answers, and a removal and an
    /// addition between two of them can cancel out without a trace.
    #[tsify(type = "boolean | \"unknown\"")]
    pub complete: Complete,
}
