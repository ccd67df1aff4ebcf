//! `created_at` and `updated_at`: date-times of RFC 3339 §5.6, checked against the calendar.
//!
//! Decided here, where the RFC leaves room:
//! - `T` or `t` between date and time, `Z` or `z`; a space instead of `T` is refused.
//! - Second 60 only where §5.7 allows one: in the last minute of a month in UTC (`23:59:60Z`), written
//!   with any offset. Which months had one is not looked up.
//! - Offset `-00:00` ("local offset unknown", §4.3) is accepted. Offsets go to `±23:59`.
//! - Any number of fraction digits; years 0000 to 9999 in the proleptic Gregorian calendar.

use crate::at::At;

/// The point in time that a date-time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Instant {
    /// Seconds since 1970-01-01T00:00:00Z; before it, negative. A leap second counts as the next one.
    pub seconds: i64,
    /// Nanoseconds after that; further digits are cut off.
    pub nanos: u32,
}

/// The length of the date-time `n` bytes further if it is of the usual form: with a `Z`, and without leap
/// second, lower case, or 29 February. `None` is for [`read`].
#[inline(always)]
pub(crate) fn usual(at: At, n: usize) -> Option<usize> {
    // Against "0000-00-00T00:00" digits become their value, and separators zero; then one
    // comparison checks all sixteen, the first digits of month, day, hour and minute more closely.
    let value = at.lanes(n).xor(*b"0000-00-00T00:00");
    if !value.at_most([9, 9, 9, 9, 0, 1, 9, 0, 3, 9, 0, 2, 9, 0, 5, 9]) {
        return None;
    }
    let [low, high] = value.halves();
    let month = (low >> 40 & 15) * 10 + (low >> 48 & 15);
    let day = (high & 15) * 10 + (high >> 8 & 15);
    let hour = (high >> 24 & 15) * 10 + (high >> 32 & 15);
    // ":ss": like above, the sum has the top bit of a byte set whose digit is too large.
    let second = at.four(n + 16) ^ u32::from_le_bytes(*b":00\0");
    let right = month.wrapping_sub(1) < 12
        && (day.wrapping_sub(1) < 28 || (month != 2 && day.wrapping_sub(1) < month_days(month)))
        && hour < 24
        && (second | second.wrapping_add(0x0076_7a00)) & 0x0080_80ff == 0;
    if !right {
        return None;
    }
    let mut len = 19;
    if at.ahead(n + len) == b'.' && at.ahead(n + len + 1).is_ascii_digit() {
        len += 2;
        // Longer fractions are unusual, too.
        while len < 30 && at.ahead(n + len).is_ascii_digit() {
            len += 1;
        }
    }
    if at.ahead(n + len) == b'Z' {
        Some(len + 1)
    } else {
        None
    }
}

/// The length of a month that is not February, in days.
#[inline(always)]
fn month_days(month: u64) -> u64 {
    30 + ((month ^ month >> 3) & 1)
}

/// Reads a date-time of any form that has `len` bytes.
#[inline(never)]
pub(crate) fn read(at: At, len: usize) -> Option<Instant> {
    let mut parts = [0; 6];
    // SAFETY (all of this function): past bytes that were seen to be part of the date-time.
    let mut end = numbers(at, b"0000-00-00T00:00:00", &mut parts)?;
    let [year, month, day, hour, minute, second] = parts;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last_day = match month {
        2 => 28 + i32::from(is_leap),
        _ => month_days(month as u64) as i32,
    };
    if !(1..=12).contains(&month)
        || !(1..=last_day).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let mut nanos = 0;
    if end.byte() == b'.' {
        let mut scale = 100_000_000;
        while end.ahead(1).is_ascii_digit() {
            end = unsafe { end.add(1) };
            nanos += scale * u32::from(end.byte() & 15);
            scale /= 10;
        }
        if end.byte() == b'.' {
            return None;
        }
        end = unsafe { end.add(1) };
    }
    let sign = end.byte();
    let mut offset = 0;
    match sign {
        b'Z' | b'z' => end = unsafe { end.add(1) },
        b'+' | b'-' => {
            let mut parts = [0; 2];
            end = numbers(unsafe { end.add(1) }, b"00:00", &mut parts)?;
            let [hours, minutes] = parts;
            if hours > 23 || minutes > 59 {
                return None;
            }
            offset = hours * 60 + minutes;
            if sign == b'-' {
                offset = -offset;
            }
        }
        _ => return None,
    }
    if end.since(at) != len {
        return None;
    }
    // Minutes since the start of the written day, in UTC: of the day before if negative, and so on.
    let utc = hour * 60 + minute - offset;
    // The UTC day of a leap second is the written one or the one before; no offset reaches the end of the
    // one after.
    let ends_month = (utc == -1 && day == 1) || (utc == 1439 && day == last_day);
    if second == 60 && !ends_month {
        return None;
    }
    let seconds = i64::from(days(year, month, day)) * 86400 + i64::from(utc * 60 + second);
    Some(Instant { seconds, nanos })
}

/// Reads the numbers that stand where `form` has zeros, and goes past them. What is between is as in
/// `form`, or a small letter.
#[inline(never)]
fn numbers(mut at: At, form: &[u8], numbers: &mut [i32]) -> Option<At> {
    let mut numbers = numbers.iter_mut();
    let mut number = numbers.next()?;
    for &wanted in form {
        let byte = at.byte();
        let digit = byte.wrapping_sub(b'0');
        if wanted == b'0' && digit <= 9 {
            *number = *number * 10 + i32::from(digit);
        } else if byte == wanted || byte == b't' && wanted == b'T' {
            number = numbers.next()?;
        } else {
            return None;
        }
        // SAFETY: none of these bytes is zero.
        at = unsafe { at.add(1) };
    }
    Some(at)
}

/// Days from 1970-01-01 to the given day of the proleptic Gregorian calendar.
fn days(year: i32, month: i32, day: i32) -> i32 {
    // Years that begin in March have their leap day last; 153 days are five such months. Four centuries
    // later, nothing is negative.
    let year = (year + 400 - i32::from(month <= 2)) as u32;
    let month = (month as u32 + 9) % 12;
    let in_year = (153 * month + 2) / 5;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + in_year;
    days as i32 + day - 1 - 719_468 - 146_097
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Body;

    /// Whether all of this is taken for the usual form.
    fn is_usual(text: impl AsRef<[u8]>) -> bool {
        let text = text.as_ref();
        let body = Body::from([b"\"", text, b"x"].concat());
        usual(body.start(), 1) == Some(text.len())
    }

    fn is_right(text: &[u8]) -> bool {
        read(Body::from(text).start(), text.len()).is_some()
    }

    #[test]
    fn every_usual_date_and_time_is_known_as_one() {
        for month in 0..=19 {
            for day in 0..=39 {
                let date = format!("2024-{month:02}-{day:02}");
                let text = format!("{date}T10:30:00Z");
                let expected = is_right(text.as_bytes()) && (month, day) != (2, 29);
                assert_eq!(is_usual(&text), expected, "{text}");
            }
        }
        for two in 0..100 {
            for (time, limit) in [
                (format!("{two:02}:30:00"), 24),
                (format!("10:{two:02}:00"), 60),
                (format!("10:30:{two:02}"), 60),
            ] {
                let is_right = two < limit;
                assert_eq!(is_usual(format!("2024-12-31T{time}Z")), is_right, "{time}");
            }
            assert!(
                is_usual(format!("{two:02}{two:02}-10-10T23:59:59Z")),
                "{two}"
            );
        }
    }

    #[test]
    fn usual_fractions_have_one_to_ten_digits() {
        for digits in 0..=12 {
            let fraction = "9".repeat(digits);
            let is_right = (1..=10).contains(&digits);
            assert_eq!(
                is_usual(format!("2024-01-15T10:30:00.{fraction}Z")),
                is_right
            );
        }
        assert!(is_usual("2024-01-15T10:30:00.0123456789Z"));
        assert!(!is_usual("2024-01-15T10:30:00,1Z"));
        assert!(!is_usual("2024-01-15T10:30:00.1+00:00"));
        assert!(!is_usual("2024-01-15T10:30:00.1"));
    }

    #[test]
    fn no_other_byte_is_usual() {
        let right = b"2024-10-15T10:30:05.123Z";
        for at in 0..right.len() {
            for byte in 0..=255 {
                let mut text = *right;
                text[at] = byte;
                // A digit is one wherever one was; no other form differs in one byte.
                let same = right[at].is_ascii_digit() && byte.is_ascii_digit() && is_right(&text);
                assert_eq!(is_usual(text), same || text == *right, "{at}: {byte}");
            }
        }
    }
}
