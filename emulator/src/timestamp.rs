//! Dates and times as the API writes them, and the calendar of generated runners.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcDateTime};

/// What a virtual clock shows at its start: 2026-01-01T00:00:00Z. It is later than the creation of
/// the first 27,000 generated runners.
pub const VIRTUAL_START: OffsetDateTime = match OffsetDateTime::from_unix_timestamp(1_767_225_600) {
    Ok(start) => start,
    Err(_) => panic!("2026 is a valid year"),
};

/// The calendar's tick 0: 2024-01-15T10:30:00Z.
const CALENDAR_START: i64 = 1_705_314_600;

/// The time from one tick of the calendar to the next: 37 minutes.
const TICK_SECONDS: u64 = 37 * 60;

/// Far past any test, and still before the year 9999. The calendar stops here.
const LAST_TICK: u64 = 10_000_000;

/// `seconds` after a tick of the calendar, as RFC 3339.
pub fn calendar(tick: u64, seconds: u64) -> String {
    let offset = tick.min(LAST_TICK) * TICK_SECONDS + seconds;
    format_unix(CALENDAR_START + offset as i64)
}

/// Formats a date and time as RFC 3339, in UTC and whole seconds.
pub fn format(time: OffsetDateTime) -> String {
    format_unix(time.unix_timestamp())
}

fn format_unix(seconds: i64) -> String {
    let last = UtcDateTime::MAX.unix_timestamp();
    let time = UtcDateTime::from_unix_timestamp(seconds.min(last));
    let text = time.ok().and_then(|time| time.format(&Rfc3339).ok());
    text.expect("the year has four digits")
}

/// Parses an RFC 3339 date-time, or says that it is none.
pub fn parse(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| format!("{text:?} is not an RFC 3339 date-time"))
}
