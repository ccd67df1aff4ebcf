//! The rules for options: ranges, defaults and similar names. `src/web/options.rs` reads the values and
//! applies these rules.

use std::ops::RangeInclusive;

use crate::text::{concat, number};
use crate::watch;

/// The rule for a number option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberRule {
    /// The smallest and the largest value.
    pub range: RangeInclusive<u32>,
    /// `None` if the option is required, or may be left out.
    pub default: Option<u32>,
    /// The kind of number, for error messages.
    pub what: &'static str,
}

impl NumberRule {
    const fn new(low: u32, high: u32, default: u32, what: &'static str) -> Self {
        Self {
            range: low..=high,
            default: Some(default),
            what,
        }
    }

    const fn without_default(low: u32, high: u32, what: &'static str) -> Self {
        Self {
            range: low..=high,
            default: None,
            what,
        }
    }

    /// The number as an integer; `None` if it is not an integer in the range.
    #[must_use]
    pub fn check(&self, number: f64) -> Option<u32> {
        let integer = number as u32;
        (f64::from(integer) == number && self.range.contains(&integer)).then_some(integer)
    }

    /// Describes the allowed values: `an integer from 1 to 100`.
    #[must_use]
    pub fn expected(&self) -> String {
        let Self { range, what, .. } = self;
        let (low, high) = (number(*range.start()), number(*range.end()));
        concat(&[what, " from ", &low, " to ", &high])
    }
}

const INTEGER: &str = "an integer";
const MILLISECONDS: &str = "a whole number of milliseconds";

/// `page`
pub const PAGE: NumberRule = NumberRule::new(1, u32::MAX, 1, INTEGER);
/// `perPage` of a single page.
pub const PER_PAGE: NumberRule = NumberRule::new(1, 100, 10, INTEGER);
/// `perPage` of a whole list.
pub const PER_PAGE_OF_ALL: NumberRule = NumberRule::new(1, 100, 100, INTEGER);
/// `timeout`. Timers accept at most 31 bits.
pub const TIMEOUT: NumberRule = NumberRule::new(1, i32::MAX as u32, 10_000, MILLISECONDS);
/// `maxRetries`
pub const MAX_RETRIES: NumberRule = NumberRule::new(0, 10, 2, INTEGER);
/// `concurrency`
pub const CONCURRENCY: NumberRule = NumberRule::new(1, 16, 4, INTEGER);
/// `limit`
pub const LIMIT: NumberRule = NumberRule::without_default(1, u32::MAX, INTEGER);
/// `interval`
pub const INTERVAL: NumberRule = NumberRule::new(
    watch::SHORTEST_INTERVAL_MS,
    watch::LONGEST_INTERVAL_MS,
    watch::DEFAULT_INTERVAL_MS,
    MILLISECONDS,
);
/// `rateLimit.requests`
pub const REQUESTS: NumberRule = NumberRule::without_default(1, 1_000_000, INTEGER);
/// `rateLimit.windowMs`
pub const WINDOW_MS: NumberRule = NumberRule::without_default(1, 86_400_000, MILLISECONDS);

/// Names that other clients use for the same option, with letters and digits only, in lower case.
const ALIASES: [(&str, &str); 10] = [
    ("apikey", "token"),
    ("authtoken", "token"),
    ("accesstoken", "token"),
    ("limit", "perPage"),
    ("pagesize", "perPage"),
    ("retries", "maxRetries"),
    ("url", "baseUrl"),
    ("timeoutms", "timeout"),
    ("abortsignal", "signal"),
    ("pagenumber", "page"),
];

/// The known option that the caller probably meant by `name`: the same letters in another spelling
/// (`per_page`), a name that other APIs use (`limit`), or a name with at most two wrong letters.
#[must_use]
pub fn meant<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = letters(name);
    if let Some((_, meant)) = ALIASES.iter().find(|(other, _)| other.as_bytes() == name) {
        return known.iter().copied().find(|known| known == meant);
    }
    let distances = known
        .iter()
        .map(|known| (strsim::generic_levenshtein(&name, &letters(known)), *known));
    let (distance, nearest) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= 2 && distance * 2 <= nearest.len()).then_some(nearest)
}

/// The letters and digits in lower case, at most 32: no option has more.
fn letters(name: &str) -> Vec<u8> {
    let mut letters = name.to_ascii_lowercase().into_bytes();
    letters.retain(u8::is_ascii_alphanumeric);
    letters.truncate(32);
    letters
}
