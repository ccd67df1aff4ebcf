//! `total`: the integer that a JSON number means to JavaScript, if it is one.
//!
//! The rule is `Number.isSafeInteger(JSON.parse(text)) && … >= 0`, so `1e2` and `100.0` are 100 and
//! `9007199254740991.2` is 9007199254740991, because the nearest double is. A general decimal-to-double
//! routine costs more code than this whole crate; this one answers only whether the nearest double is an
//! integer from 0 to 2^53 − 1, by comparing digits with those of half a unit in the last place.

use core::cmp::Ordering::{Equal, Greater, Less};

const MAX: u64 = (1 << 53) - 1;

/// The value of `number`, which must follow JSON's grammar for numbers, or `None` if the nearest double is
/// no integer from 0 to 2^53 − 1. `-0` and what rounds to it is 0.
pub(crate) fn safe_integer(number: &[u8]) -> Option<u64> {
    // The usual spelling: digits that cannot overflow.
    if number.len() <= 15 {
        let mut value = 0;
        let plain = number.iter().all(|&byte| {
            value = value * 10 + u64::from(byte & 15);
            byte.is_ascii_digit()
        });
        if plain {
            return Some(value);
        }
    }
    rounded(number)
}

#[cold]
fn rounded(number: &[u8]) -> Option<u64> {
    let negative = number.first() == Some(&b'-');
    let value = Decimal::new(number)?;
    let rounded = value.round()?;
    if negative && rounded != 0 {
        None
    } else {
        Some(rounded)
    }
}

/// `0.DIGITS × 10^point`, where `digits` may hold one `.` to be skipped and does not begin with `0` or `.`;
/// no digits are zero.
struct Decimal<'a> {
    digits: &'a [u8],
    point: i64,
}

impl<'a> Decimal<'a> {
    fn new(number: &'a [u8]) -> Option<Self> {
        let at = |is: fn(&u8) -> bool| number.iter().position(is);
        let end = at(|byte| byte | 0x20 == b'e').unwrap_or(number.len());
        let exponent = exponent(number.get(end + 1..).unwrap_or(&[]));
        let mantissa = number.get(..end)?;
        let dot = at(|&byte| byte == b'.').unwrap_or(end);
        let first = mantissa
            .iter()
            .position(|byte| matches!(byte, b'1'..=b'9'))
            .unwrap_or(end);
        // Digits between the first one that counts and the point; negative for zeros after the point.
        let whole = dot as i64 - first as i64 + i64::from(first > dot);
        Some(Self {
            digits: mantissa.get(first..)?,
            point: whole + exponent,
        })
    }

    fn digits(&self) -> impl Iterator<Item = u8> + '_ {
        self.digits
            .iter()
            .filter(|&&byte| byte != b'.')
            .map(|byte| byte & 15)
    }

    /// The nearest double, ties to even, if it is an integer from 0 to [`MAX`].
    fn round(&self) -> Option<u64> {
        if self.digits.is_empty() || self.point < -323 {
            return Some(0); // Less than 10^-323, of which more below, divided by ten.
        }
        if self.point > 16 {
            return None; // At least 10^16.
        }
        if self.point < 0 {
            // Less than 0.1, so only zero is left: up to half of the least double, 2^-1075.
            let tiny = self.point == -323 && self.compare(-323, 1075, false) != Greater;
            return tiny.then_some(0);
        }
        let mut integer = 0;
        let mut digits = self.digits();
        for _ in 0..self.point {
            integer = integer * 10 + u64::from(digits.next().unwrap_or(0));
        }
        if integer > MAX {
            return None;
        }
        if digits.all(|digit| digit == 0) {
            return Some(integer);
        }
        // Half a unit in the last place is 2^-bits.
        let bits = if integer == 0 {
            54
        } else {
            53 - integer.ilog2() as usize
        };
        let up = if integer != 0 {
            match self.compare(self.point, bits, false) {
                Less => return Some(integer),
                // Only with one bit left is the integer itself the last place and may be odd.
                Equal if bits > 1 || integer % 2 == 0 => return Some(integer),
                _ => bits == 1,
            }
        } else {
            false
        };
        if !up && self.compare(self.point, bits, true) == Less {
            return None;
        }
        Some(integer + 1).filter(|&integer| integer <= MAX)
    }

    /// Compares the fraction that is left after taking `skip` digits (or, below zero, putting as many
    /// zeros in front) with 2^-bits, or with 1 − 2^-bits.
    fn compare(&self, skip: i64, bits: usize, from_one: bool) -> core::cmp::Ordering {
        let zeros = if skip < 0 { -skip as usize } else { 0 };
        let mine = self.digits().skip(skip.max(0) as usize);
        let mut mine = core::iter::repeat_n(0, zeros).chain(mine);
        let mut power = [0u8; 1075];
        let power = &mut power[..bits];
        // 1 halved `bits` times has as many decimal places.
        let mut whole = 1;
        for _ in 0..bits {
            let mut rest = whole;
            whole = 0;
            for digit in power.iter_mut() {
                let value = rest * 10 + *digit;
                *digit = value / 2;
                rest = value % 2;
            }
        }
        let last = bits - 1;
        for (place, digit) in power.iter().enumerate() {
            let theirs = match from_one {
                true if place == last => 10 - digit,
                true => 9 - digit,
                false => *digit,
            };
            let order = mine.next().unwrap_or(0).cmp(&theirs);
            if order != Equal {
                return order;
            }
        }
        if mine.any(|digit| digit != 0) {
            Greater
        } else {
            Equal
        }
    }
}

/// The exponent's value; beyond ±10^12, which no body's digits can outweigh, it stays there.
fn exponent(text: &[u8]) -> i64 {
    let value = text
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .fold(0, |value: i64, byte| {
            (value * 10 + i64::from(byte & 15)).min(1_000_000_000_000)
        });
    if text.first() == Some(&b'-') {
        -value
    } else {
        value
    }
}
