//! `created_at` and `updated_at`: date-times of RFC 3339 §5.6, checked against the calendar.
//!
//! Where the RFC leaves room, this reader decides:
//! - `T` may be `t`, and `Z` may be `z`. A space instead of `T` is refused.
//! - Second 60 is accepted where §5.7 allows one: in the last minute of a month in UTC (`23:59:60Z`), written
//!   with any offset. The reader does not know which months really had a leap second.
//! - Offset `-00:00` ("local offset unknown", §4.3) is accepted. Offsets go to `±23:59`.
//! - A fraction has any number of digits. Years go from 0000 to 9999 in the proleptic Gregorian calendar.

use crate::lanes::Lanes;

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Instant {
    /// Seconds since 1970-01-01T00:00:00Z; negative before that. A leap second counts as the next second.
    pub seconds: i64,
    /// Nanoseconds after that. Further digits of the fraction are dropped.
    pub nanos: u32,
}

/// How many bytes [`usual_len`] looks at.
pub(crate) const USUAL_REACH: usize = 32;

/// The length of the date-time at the start of `text` if it has the usual form: with a `Z`, at most ten
/// digits of a fraction, and without leap second, small letters and 29 February. If this returns `None`,
/// [`read`] decides.
#[inline(always)]
pub(crate) fn usual_len(text: &[u8; USUAL_REACH]) -> Option<usize> {
    // XOR turns digits into their values and the separators into zeros. Then one comparison checks all
    // sixteen bytes, the first digits of month, hour and minute more closely.
    let head = text.first_chunk()?;
    let head = Lanes::load(head).xor(*b"0000-00-00T00:00");
    if !head.at_most([9, 9, 9, 9, 0, 1, 9, 0, 3, 9, 0, 2, 9, 0, 5, 9]) {
        return None;
    }
    let [low, high] = head.halves();
    let month = (low >> 40 & 15) * 10 + (low >> 48 & 15);
    let day = (high & 15) * 10 + (high >> 8 & 15);
    let hour = (high >> 24 & 15) * 10 + (high >> 32 & 15);
    let last_day = if month == 2 { 28 } else { month_days(month) };
    let [colon, tens, ones] = [text[16], text[17], text[18]];
    let is_valid = matches!(month, 1..=12)
        && (1 <= day && day <= last_day)
        && hour <= 23
        && colon == b':'
        && matches!(tens, b'0'..=b'5')
        && ones.is_ascii_digit();
    if !is_valid {
        return None;
    }
    let mut len = 19;
    if text[len] == b'.' && text[len + 1].is_ascii_digit() {
        len += 2;
        while len < 30 && text[len].is_ascii_digit() {
            len += 1;
        }
    }
    if text[len] == b'Z' {
        Some(len + 1)
    } else {
        None
    }
}

/// The number of days of a month that is not February.
#[inline(always)]
fn month_days(month: u64) -> u64 {
    // 31 in odd months up to July, and in even months from August on.
    30 + ((month ^ month >> 3) & 1)
}

/// Whether all of `text` is a date-time.
pub(crate) fn is_date_time(text: &[u8]) -> bool {
    read(text).is_some()
}

/// The point in time of `text`, if all of it is a date-time.
#[inline(never)]
pub(crate) fn read(text: &[u8]) -> Option<Instant> {
    let mut parts = [0; 6];
    let rest = numbers(text, b"0000-00-00T00:00:00", &mut parts)?;
    let [year, month, day, hour, minute, second] = parts;
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last_day = match month {
        2 => 28 + i32::from(is_leap_year),
        _ => month_days(month as u64) as i32,
    };
    let is_valid = (1..=12).contains(&month)
        && (1..=last_day).contains(&day)
        && hour <= 23
        && minute <= 59
        && second <= 60;
    if !is_valid {
        return None;
    }
    let (nanos, zone) = fraction(rest)?;
    // Minutes since the start of the written day, in UTC; negative on the day before.
    let minutes = hour * 60 + minute - offset_minutes(zone)?;
    // The UTC day of a leap second is the written one or the one before it: no offset reaches the end of
    // the day after.
    let ends_month = minutes == -1 && day == 1 || minutes == 1439 && day == last_day;
    if second == 60 && !ends_month {
        return None;
    }
    let seconds = i64::from(days(year, month, day)) * 86400 + i64::from(minutes * 60 + second);
    Some(Instant { seconds, nanos })
}

/// The nanoseconds of a fraction, if there is one, and what follows it.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let [b'.', digits @ ..] = text else {
        return Some((0, text));
    };
    let len = digits.iter().take_while(|byte| byte.is_ascii_digit());
    let (digits, rest) = digits.split_at_checked(len.count())?;
    let mut nanos = 0;
    let mut unit = 100_000_000;
    for digit in digits {
        nanos += u32::from(digit - b'0') * unit;
        unit /= 10;
    }
    if digits.is_empty() {
        None
    } else {
        Some((nanos, rest))
    }
}

/// The offset from UTC in minutes, if this is `Z` or an offset and nothing else.
fn offset_minutes(zone: &[u8]) -> Option<i32> {
    let (sign, offset) = match zone {
        b"Z" | b"z" => return Some(0),
        [b'+', offset @ ..] => (1, offset),
        [b'-', offset @ ..] => (-1, offset),
        _ => return None,
    };
    let mut parts = [0; 2];
    let rest = numbers(offset, b"00:00", &mut parts)?;
    let [hours, minutes] = parts;
    let is_valid = hours <= 23 && minutes <= 59 && rest.is_empty();
    is_valid.then_some(sign * (hours * 60 + minutes))
}

/// Reads a number for each group of zeros in `form`, and returns the rest of the text. The other characters
/// must be as in `form`, or a small `t` for `T`.
#[inline(never)]
fn numbers<'a>(text: &'a [u8], form: &[u8], numbers: &mut [i32]) -> Option<&'a [u8]> {
    let (head, rest) = text.split_at_checked(form.len())?;
    let mut numbers = numbers.iter_mut();
    let mut number = numbers.next()?;
    for (&byte, &wanted) in head.iter().zip(form) {
        if wanted == b'0' && byte.is_ascii_digit() {
            *number = *number * 10 + i32::from(byte - b'0');
        } else if wanted != b'0' && (byte == wanted || byte == b't' && wanted == b'T') {
            number = numbers.next()?;
        } else {
            return None;
        }
    }
    Some(rest)
}

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar.
fn days(year: i32, month: i32, day: i32) -> i32 {
    // Count years from March, so that the leap day is the last one; five such months have 153 days. Add 400
    // years, which have 146,097 days, so that nothing is negative.
    let year = (year + 400 - i32::from(month <= 2)) as u32;
    let month = (month as u32 + 9) % 12;
    let in_year = (153 * month + 2) / 5;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + in_year;
    days as i32 + day - 1 - 719_468 - 146_097
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `usual_len` knows all of this text.
    fn is_usual(text: impl AsRef<[u8]>) -> bool {
        let text = text.as_ref();
        let mut here = [b'x'; USUAL_REACH];
        here[..text.len()].copy_from_slice(text);
        usual_len(&here) == Some(text.len())
    }

    #[test]
    fn every_usual_date_and_time_is_known_as_one() {
        for month in 0..=19 {
            for day in 0..=39 {
                let date = format!("2024-{month:02}-{day:02}");
                let text = format!("{date}T10:30:00Z");
                let expected = is_date_time(text.as_bytes()) && (month, day) != (2, 29);
                assert_eq!(is_usual(&text), expected, "{text}");
            }
        }
        for two in 0..100 {
            for (time, limit) in [
                (format!("{two:02}:30:00"), 24),
                (format!("10:{two:02}:00"), 60),
                (format!("10:30:{two:02}"), 60),
            ] {
                let is_valid = two < limit;
                assert_eq!(is_usual(format!("2024-12-31T{time}Z")), is_valid, "{time}");
            }
            let text = format!("{two:02}{two:02}-10-10T23:59:59Z");
            assert!(is_usual(&text), "{text}");
        }
    }

    #[test]
    fn usual_fractions_have_one_to_ten_digits() {
        for digits in 0..=11 {
            let text = format!("2024-01-15T10:30:00.{}Z", "9".repeat(digits));
            let expected = (1..=10).contains(&digits);
            assert_eq!(is_usual(text), expected, "{digits}");
        }
        assert!(is_usual("2024-01-15T10:30:00.0123456789Z"));
        assert!(!is_usual("2024-01-15T10:30:00,1Z"));
        assert!(!is_usual("2024-01-15T10:30:00.1+00:00"));
        assert!(!is_usual("2024-01-15T10:30:00.1"));
    }

    #[test]
    fn no_other_byte_is_usual() {
        let right = b"2024-10-15T10:30:05.123Z";
        for index in 0..right.len() {
            for byte in 0..=255 {
                let mut text = *right;
                text[index] = byte;
                // Another digit may be valid; no other valid form differs in one byte.
                let is_digit = right[index].is_ascii_digit() && byte.is_ascii_digit();
                let expected = is_digit && is_date_time(&text) || text == *right;
                assert_eq!(is_usual(text), expected, "{index}: {byte}");
            }
        }
    }
}
