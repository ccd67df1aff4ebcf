//! `created_at` and `updated_at`: date-times of RFC 3339 §5.6, checked against the calendar.
//!
//! Decided here, where the RFC leaves room:
//! - `T` or `t` between date and time, `Z` or `z`; a space instead of `T` is refused.
//! - Second 60 only where §5.7 allows one: in the last minute of a month in UTC (`23:59:60Z`), written
//!   with any offset. Which months had one is not looked up.
//! - Offset `-00:00` ("local offset unknown", §4.3) is accepted. Offsets go to `±23:59`.
//! - Any number of fraction digits; years 0000 to 9999 in the proleptic Gregorian calendar.

use crate::lanes::Lanes;

/// Whether 19 bytes from `at` on are a date and a time like `2024-01-15T10:30:00`. Says no to some that are
/// valid, which [`read`] then decides: 29 February, leap seconds, lower case.
///
/// # Safety
/// 20 bytes from `at` on must be readable.
#[inline(always)]
unsafe fn is_plain(at: *const u8) -> bool {
    // Against "0000-00-00T00:00" digits become their value, and separators zero; then one
    // comparison checks all sixteen, the first digits of month, day, hour and minute more closely.
    // SAFETY: 20 bytes are readable.
    let (lanes, tail) = unsafe { (Lanes::load(at), at.add(16).cast::<u32>().read_unaligned()) };
    let value = lanes.xor(*b"0000-00-00T00:00");
    if !value.at_most([9, 9, 9, 9, 0, 1, 9, 0, 3, 9, 0, 2, 9, 0, 5, 9]) {
        return false;
    }
    let [low, high] = value.halves();
    let month = (low >> 40 & 15) * 10 + (low >> 48 & 15);
    let day = (high & 15) * 10 + (high >> 8 & 15);
    let hour = (high >> 24 & 15) * 10 + (high >> 32 & 15);
    // ":ss": like above, the sum has the top bit of a byte set whose digit is too large.
    let second = tail.to_le() ^ u32::from_le_bytes(*b":00\0");
    month.wrapping_sub(1) < 12
        && (day.wrapping_sub(1) < 28 || day.wrapping_sub(1) < month_days_outside_february(month))
        && hour < 24
        && (second | second.wrapping_add(0x0076_7a00)) & 0x0080_80ff == 0
}

/// 30 or 31, and 0 for February.
#[inline(always)]
fn month_days_outside_february(month: u64) -> u64 {
    if month == 2 {
        0
    } else {
        30 + ((month ^ month >> 3) & 1)
    }
}

/// The point in time that a date-time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Instant {
    /// Seconds since 1970-01-01T00:00:00Z; before it, negative. A leap second counts as the next one.
    pub seconds: i64,
    /// Nanoseconds after that; further digits are cut off.
    pub nanos: u32,
}

/// Reads a date-time of any form: its end and its instant, or `None` if there is none at `at`.
///
/// # Safety
/// `at` must point into a body or another buffer that is followed by [`PAD`](crate::body::PAD) zeros.
pub(crate) unsafe fn read(at: *const u8) -> Option<(*const u8, Instant)> {
    // SAFETY: reads at most 25 bytes ahead without having seen that they are part of the date-time,
    // and a digit or letter lies before the zeros.
    let byte = |i: usize| unsafe { *at.add(i) };
    // SAFETY: likewise.
    let two = |i: usize| unsafe { two_digits(at.add(i)) };
    let (century, year) = (two(0), two(2));
    let (month, day, hour, minute, second) = (two(5), two(8), two(11), two(14), two(17));
    let separators = [byte(4), byte(7), byte(10) & !0x20, byte(13), byte(16)];
    if century.max(year) > 99
        || separators != *b"--T::"
        || month.wrapping_sub(1) as u64 >= 12
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let year = century * 100 + year;
    let last_day = month_days(year, month);
    if day.wrapping_sub(1) as u64 >= last_day as u64 {
        return None;
    }
    let mut i = 19;
    let mut nanos = 0;
    if byte(i) == b'.' {
        let mut scale = 100_000_000;
        i += 1;
        let first = i;
        while byte(i).is_ascii_digit() {
            nanos += scale * u32::from(byte(i) - b'0');
            scale /= 10;
            i += 1;
        }
        if i == first {
            return None;
        }
    }
    let mut offset = 0;
    match byte(i) {
        b'Z' | b'z' => i += 1,
        sign @ (b'+' | b'-') => {
            let (hours, minutes) = (two(i + 1), two(i + 4));
            if hours > 23 || byte(i + 3) != b':' || minutes > 59 {
                return None;
            }
            offset = hours * 60 + minutes;
            if sign == b'-' {
                offset = -offset;
            }
            i += 6;
        }
        _ => return None,
    }
    // Minutes since the start of the written day, in UTC: of the day before if negative, and so on.
    let utc = hour * 60 + minute - offset;
    if second == 60 {
        // The UTC day is the written one or the one before; no offset reaches the end of the one after.
        let ends_month = match utc {
            -1 => day == 1,
            1439 => day == last_day,
            _ => false,
        };
        if !ends_month {
            return None;
        }
    }
    let seconds = (days(year, month, day) * 1440 + utc) * 60 + second;
    // SAFETY: every byte before this place was seen to be part of the date-time.
    Some((unsafe { at.add(i) }, Instant { seconds, nanos }))
}

/// Two digits; 255, which is beyond every limit, if they are not.
///
/// # Safety
/// 2 bytes from `at` on must be readable.
#[inline(never)]
unsafe fn two_digits(at: *const u8) -> i64 {
    // SAFETY: passed on to the caller.
    let [tens, ones] = unsafe { [*at, *at.add(1)] }.map(|byte| byte.wrapping_sub(b'0'));
    if tens > 9 || ones > 9 {
        255
    } else {
        i64::from(tens * 10 + ones)
    }
}

/// The length of a month, in days.
fn month_days(year: i64, month: i64) -> i64 {
    match month_days_outside_february(month as u64) as i64 {
        0 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        0 => 28,
        days => days,
    }
}

/// Days from 1970-01-01 to the given day of the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have their leap day last; 153 days are five such months.
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let in_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + in_year
        - 719_468
}

/// The end of the date-time at `at`, or `None` if there is none.
///
/// # Safety
/// As for [`read`].
#[inline(always)]
pub(crate) unsafe fn end(at: *const u8) -> Option<*const u8> {
    // SAFETY: PAD is more than 20 bytes, and steps go over bytes that were seen to be part of the date-time.
    unsafe {
        if is_plain(at) {
            let mut end = at.add(19);
            if *end == b'.' && (*end.add(1)).is_ascii_digit() {
                end = end.add(2);
                while (*end).is_ascii_digit() {
                    end = end.add(1);
                }
            }
            if *end == b'Z' {
                return Some(end.add(1));
            }
        }
        unusual_end(at)
    }
}

/// # Safety
/// As for [`read`].
#[cold]
#[inline(never)]
unsafe fn unusual_end(at: *const u8) -> Option<*const u8> {
    // SAFETY: passed on to the caller.
    unsafe { read(at) }.map(|(end, _)| end)
}
