//! `total`: the integer that a JSON number means to JavaScript, if it is one.
//!
//! The rule is `Number.isSafeInteger(JSON.parse(text)) && … >= 0`, so `1e2` and `100.0` are 100 and
//! `9007199254740991.2` is 9007199254740991, because the nearest double is. So this works out the nearest
//! double, bit by bit: nobody writes such totals, and the quick ways take more code than the whole crate.

const MAX: u64 = (1 << 53) - 1;

/// The place of a double's last bit behind the point, at most.
const BITS: u32 = 1074;

/// Decimal places that a number in the middle between two doubles can have, 2^-1075 among them, and one
/// more for whether anything but zeros follows.
const PLACES: usize = BITS as usize + 2;

/// The value of a number that follows JSON's grammar, or `None` if the nearest double is no integer from 0
/// to 2^53 − 1. `-0` and what rounds to it is 0.
#[inline(never)]
pub(crate) fn safe_integer(number: &[u8]) -> Option<u64> {
    // The first digit's place behind the point, counted from 0; negative in front of it.
    let mut place = 0i64;
    let mut exponent = 0i64;
    let mut is_below_one = false;
    let mut end = number.len();
    let mut is_whole = true;
    for (at, &byte) in number.iter().enumerate() {
        match byte {
            b'e' | b'E' => end = at,
            b'.' => is_whole = false,
            b'+' => {}
            b'-' => is_below_one = at > end,
            // Beyond 10^12, which no body's digits can outweigh, it stays there.
            _ if at > end => {
                exponent = (exponent * 10 + i64::from(byte & 15)).min(1_000_000_000_000);
            }
            _ => place -= i64::from(is_whole),
        }
    }
    place += if is_below_one { exponent } else { -exponent };
    let mut integer = 0;
    let mut fraction = [0; PLACES];
    let mut used = 0;
    for byte in &number[..end] {
        if !byte.is_ascii_digit() {
            continue;
        }
        let digit = byte - b'0';
        if place < 0 {
            integer = (integer * 10 + u64::from(digit)).min(MAX + 1);
        } else if digit != 0 {
            let last = PLACES - 1;
            let at = place.min(last as i64) as usize;
            fraction[at] = if at == last { 1 } else { digit };
            used = at + 1;
        }
        place += 1;
    }
    while place < 0 && (1..=MAX).contains(&integer) {
        integer *= 10;
        place += 1;
    }
    let fraction = &mut fraction[..used];
    let mut bits = 0;
    // Without a fraction, the integer is what it is.
    while used != 0 && integer <= MAX >> 1 && bits < BITS {
        integer = integer * 2 + doubled(fraction);
        bits += 1;
    }
    let half = doubled(fraction);
    if half != 0 && (integer % 2 != 0 || fraction.iter().any(|&digit| digit != 0)) {
        integer += 1;
    }
    if integer != 0 && integer.trailing_zeros() < bits {
        return None;
    }
    let value = integer.checked_shr(bits).unwrap_or(0);
    let is_negative = number.first() == Some(&b'-');
    (value <= MAX && !(is_negative && value != 0)).then_some(value)
}

/// Doubles a fraction, and gives what comes in front of its point.
fn doubled(fraction: &mut [u8]) -> u64 {
    let mut carry = 0;
    for digit in fraction.iter_mut().rev() {
        let value = *digit * 2 + carry;
        carry = u8::from(value > 9);
        *digit = value - carry * 10;
    }
    carry.into()
}
