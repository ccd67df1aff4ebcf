//! Page arithmetic.

use tsify::Tsify;

use crate::runner::ManagedRunner;

/// One page of the list, newest runners first.
#[derive(Clone, Debug, PartialEq, Eq, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ManagedRunnerPage {
    /// The runners of this page; empty past the end.
    pub runners: Vec<ManagedRunner>,
    /// Runners available to the caller's tier over all pages, as the server counted them for this
    /// answer. 0 to 2^53 − 1.
    #[tsify(type = "number")]
    pub total: u64,
    /// The page asked for, from 1.
    pub page: u32,
    /// The page size asked for, 1 to 100.
    pub per_page: u32,
    /// Pages of this size that `total` runners fill; 0 where there are none.
    #[tsify(type = "number")]
    pub page_count: u64,
    /// Whether a page follows this one.
    pub has_next_page: bool,
}

/// Pages of `per_page` that `total` runners fill.
#[must_use]
pub fn page_count(total: u64, per_page: u32) -> u64 {
    total.div_ceil(u64::from(per_page.max(1)))
}
