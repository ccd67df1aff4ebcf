//! The contract's rules for fields, written down a second time and with other means than the reader.

use comfycontrol_decode::Instant;

/// A UUID of any version: hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub fn uuid(text: &str) -> Option<u128> {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let digits = groups.concat();
    let fits = lengths == [8, 4, 4, 4, 12] && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| u128::from_str_radix(&digits, 16).expect("hexadecimal digits"))
}

/// A date-time of RFC 3339 §5.6; second 60 only at the end of a month in UTC.
pub fn date_time(text: &str) -> Option<Instant> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, zone) = rest.split_at_checked(rest.find(['Z', 'z', '+', '-'])?)?;
    let time = time.strip_prefix(['T', 't'])?;
    let (clock, fraction) = match time.split_once('.') {
        Some((_, "")) => return None,
        Some((clock, fraction)) => (clock, fraction),
        None => (time, ""),
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let offset = match zone.strip_prefix(['+', '-']) {
        Some(zone_clock) => {
            let [hours, minutes] = numbers(zone_clock, ':', [2, 2])?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 60 + minutes) * if zone.starts_with('-') { -1 } else { 1 }
        }
        None if zone.len() == 1 => 0,
        None => return None,
    };
    let month = usize::try_from(month).ok()?;
    let length = *lengths(year).get(month.checked_sub(1)?)?;
    let fits = (1..=length).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    if !fits || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let minutes = (days(year, month) + day - 1) * 1440 + hour * 60 + minute - offset;
    let seconds = minutes * 60 + second;
    let begins_month = || {
        let midnight = seconds.rem_euclid(86_400) == 0;
        let mut months = (year - 1..=year + 1).flat_map(|year| (1..=12).map(move |m| (year, m)));
        midnight && months.any(|(year, month)| days(year, month) == seconds.div_euclid(86_400))
    };
    if second == 60 && !begins_month() {
        return None;
    }
    let nanos = format!("{fraction:0<9.9}").parse().expect("nine digits");
    Some(Instant { seconds, nanos })
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The days of each month.
fn lengths(year: i64) -> [i64; 12] {
    let february = if is_leap(year) { 29 } else { 28 };
    [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

/// Days from 1970 to the beginning of a month, by counting them.
fn days(year: i64, month: usize) -> i64 {
    let leap_days = (0..year).filter(|year| is_leap(*year)).count() as i64;
    let before: i64 = lengths(year)[..month - 1].iter().sum();
    // 719,528 days from the year 0 to 1970.
    year * 365 + leap_days + before - 719_528
}

/// Numbers of exactly these lengths, between separators.
fn numbers<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next()?;
        let digits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = if digits {
            part.parse().ok()?
        } else {
            return None;
        };
    }
    parts.next().is_none().then_some(numbers)
}

/// The integer from 0 to 2^53 − 1 that the double of this JSON number is.
pub fn safe_integer(number: &str) -> Option<u64> {
    let double: f64 = number.parse().expect("JSON's numbers are Rust's");
    let fits = double.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(&double);
    fits.then_some(double as u64)
}
