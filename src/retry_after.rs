//! Reads the header `Retry-After`.

use crate::text::concat;

/// Reads `Retry-After` (RFC 9110 §10.2.3), in milliseconds from now: seconds, or a date.
///
/// A date is relative to the answer's own `Date`, if there is one, so that a wrong local clock does no
/// harm. If the header is doubled (`3, 3`), the longest pause counts. Fractions (`3.0`) are rounded up. An
/// unreadable value counts as absent, and a past date as 0. `now` is in milliseconds since 1970;
/// `parse_date` is the platform's `Date.parse`.
#[must_use]
pub fn retry_after_ms(
    retry_after: &str,
    date: &str,
    now: f64,
    parse_date: fn(&str) -> f64,
) -> Option<f64> {
    if let Some(until) = http_date(retry_after, parse_date) {
        let now = http_date(date, parse_date).unwrap_or(now);
        return Some((until - now).max(0.0));
    }
    let mut longest: Option<f64> = None;
    for part in retry_after.as_bytes().split(|byte| *byte == b',') {
        longest = Some(longest.unwrap_or(0.0).max(seconds(part.trim_ascii())?));
    }
    // The limit is later than every date, and small enough to be added to one exactly.
    longest.map(|seconds| (seconds * 1_000.0).min(1e15))
}

/// Reads decimal seconds. A fraction is rounded up.
fn seconds(text: &[u8]) -> Option<f64> {
    let point = text.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = text.split_at(point.unwrap_or(text.len()));
    let fraction = fraction.get(1..).unwrap_or_default();
    if whole.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return None;
    }
    let value = |sum: f64, byte: &u8| sum * 10.0 + f64::from(*byte - b'0');
    let has_fraction = fraction.iter().any(|byte| *byte != b'0');
    Some(whole.iter().fold(0.0, value) + if has_fraction { 1.0 } else { 0.0 })
}

/// An HTTP date (RFC 9110 §5.6.7) in milliseconds since 1970. All three formats begin with the name of
/// a weekday and mean GMT, which the oldest format does not say.
fn http_date(text: &str, parse_date: fn(&str) -> f64) -> Option<f64> {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let text = text.trim_ascii();
    // If the header is doubled, take the first date: its only comma follows the weekday.
    let mut commas = text.bytes().enumerate().filter(|(_, byte)| *byte == b',');
    let end = commas.nth(1).map_or(text.len(), |(index, _)| index);
    let text = text.get(..end).unwrap_or_default().trim_ascii();
    if !DAYS.iter().any(|day| text.starts_with(day)) {
        return None;
    }
    let time = if text.ends_with("GMT") {
        parse_date(text)
    } else {
        parse_date(&concat(&[text, " GMT"]))
    };
    time.is_finite().then_some(time)
}
