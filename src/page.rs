//! Page arithmetic.

/// How many pages of `per_page` runners `total` runners fill. A `per_page` of 0 counts as 1.
#[must_use]
pub fn page_count(total: u64, per_page: u32) -> u64 {
    total.div_ceil(u64::from(per_page.max(1)))
}
