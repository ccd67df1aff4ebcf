//! Page arithmetic.

/// Pages of `per_page` that `total` runners fill; 0 where there are none.
#[must_use]
pub fn page_count(total: u64, per_page: u32) -> u64 {
    total.div_ceil(u64::from(per_page.max(1)))
}
