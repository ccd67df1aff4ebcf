//! `Retry-After`: the value, and after a line feed the answer's own `Date`. The `httpdate` crate reads the
//! dates; whatever it does not know must at least be harmless.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use comfycontrol_runners::retry_after::retry_after_ms;

use crate::bytes::damage;
use crate::platform::parse_date;
use crate::random::Random;

/// 2026-11-24, in milliseconds since 1970.
const NOW: f64 = 1_795_500_000_000.0;

pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (value, date) = text.split_once('\n').unwrap_or((&text, ""));
    let read = retry_after_ms(value, date, NOW, parse_date);
    assert!(read.is_none_or(|pause_ms| (0.0..=1e15).contains(&pause_ms)));
    if let Some(until) = exact_date(value.trim()) {
        // A damaged date of the answer is not used, or is one of those that the platform reads.
        let now = exact_date(date.trim()).or_else(|| date.trim().is_empty().then_some(NOW));
        let expected = now.map(|now| (until - now).max(0.0));
        assert!(read == expected || expected.is_none(), "{text:?}");
    } else if let Some(seconds) = seconds(value) {
        assert_eq!(read, Some((seconds * 1_000.0).min(1e15)), "{text:?}");
    } else if !value.trim().starts_with(|first| "MTWFS".contains(first)) {
        assert_eq!(read, None, "{text:?}");
    }
}

/// The largest of all numbers, with fractions rounded up.
fn seconds(value: &str) -> Option<f64> {
    let numbers = value.split(',').map(|number| {
        let number = number.trim();
        let begins_well = number.starts_with(|first: char| first.is_ascii_digit());
        let has_no_sign = number.bytes().all(|byte| b"0123456789.".contains(&byte));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let begun = fraction.bytes().any(|digit| digit != b'0');
        let is_number = begins_well && has_no_sign && !fraction.contains('.');
        is_number.then(|| whole.parse::<f64>().expect("digits") + f64::from(u8::from(begun)))
    });
    numbers.reduce(|one, other| Some(one?.max(other?)))?
}

/// The time of a date that is written exactly as one of the three forms.
fn exact_date(text: &str) -> Option<f64> {
    let time = httpdate::parse_http_date(text).ok()?;
    let is_exact = forms(time).iter().any(|form| form == text);
    let since_1970 = time.duration_since(UNIX_EPOCH).expect("not before 1970");
    is_exact.then_some(since_1970.as_secs_f64() * 1_000.0)
}

/// The three forms of RFC 9110 §5.6.7.
fn forms(time: SystemTime) -> [String; 3] {
    let preferred = httpdate::fmt_http_date(time);
    let [day, date, month, year, clock] =
        [0..3, 5..7, 8..11, 12..16, 17..25].map(|part| &preferred[part]);
    let days = [
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
    ];
    let long = days
        .iter()
        .find(|long| long.starts_with(day))
        .expect("a day");
    let padded = format!("{:>2}", date.trim_start_matches('0'));
    [
        format!("{long}, {date}-{month}-{} {clock} GMT", &year[2..]),
        format!("{day} {month} {padded} {clock} {year}"),
        preferred,
    ]
}

pub fn mutated(random: &mut Random, base: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut text = match random.below(4) {
        0 => random.below(100_000).to_string().into_bytes(),
        1 | 2 => date(random).into_bytes(),
        _ => base.to_vec(),
    };
    if random.percent(40) {
        text.push(b'\n');
        text.extend(date(random).bytes());
    }
    if random.percent(50) {
        damage(random, &mut text, others);
    }
    text
}

/// One of the three forms, often of a time near an edge.
fn date(random: &mut Random) -> String {
    let edges = [
        0,
        68_169_600,
        951_782_399,
        951_868_799,
        4_107_542_399,
        253_402_300_799,
    ];
    let edge = edges[random.below(edges.len())];
    let seconds = match random.below(3) {
        0 => random.next() % 253_402_300_800,
        1 => (edge + random.next() % 3).clamp(1, 253_402_300_800) - 1,
        _ => NOW as u64 / 1_000 + random.next() % 200_000,
    };
    let [long, asctime, preferred] = forms(UNIX_EPOCH + Duration::from_secs(seconds));
    match random.below(3) {
        0 => long,
        1 => asctime,
        _ => preferred,
    }
}
