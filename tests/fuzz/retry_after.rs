//! `Retry-After` and HTTP dates: the value, and after a line feed the answer's own `Date`. The
//! oracle for dates is the `httpdate` crate; what it does not know must at least be harmless.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use comfycontrol_runners::http_date::parse;
use comfycontrol_runners::retry::retry_after;

use crate::bytes::damage;
use crate::random::Random;

/// 2026-11-24, in milliseconds since 1970.
const NOW: f64 = 1_795_500_000_000.0;

pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (value, date) = match text.split_once('\n') {
        Some((value, date)) => (value, Some(date)),
        None => (&text[..], None),
    };
    // No header holds other control characters than tabs.
    let odd = |text: &str| text.chars().any(|char| char.is_control() && char != '\t');
    if odd(value) || date.is_some_and(odd) {
        return;
    }
    let now = date
        .and_then(|date| milliseconds(blanks_off(date)))
        .unwrap_or(NOW);
    let expected = match seconds(blanks_off(value)) {
        Some(seconds) => Some(seconds),
        None => milliseconds(blanks_off(value)).map(|until| (until - now).max(0.0)),
    };
    let read = retry_after(value, date.unwrap_or_default(), NOW);
    assert_eq!(read, expected, "{value:?} {date:?}");
    assert!(
        read.is_none_or(|wait| (0.0..=1e15).contains(&wait)),
        "{read:?}"
    );
}

fn blanks_off(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Whole seconds, of any number of digits.
fn seconds(value: &str) -> Option<f64> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| (value.parse::<f64>().expect("digits") * 1_000.0).min(1e15))
}

/// A date as this package reads it. The crate must agree where it is a date to the letter.
fn milliseconds(text: &str) -> Option<f64> {
    let read = parse(text);
    if let Ok(time) = httpdate::parse_http_date(text) {
        let since = time.duration_since(UNIX_EPOCH).expect("not before 1970");
        let exact = forms(time).iter().any(|form| form == text);
        assert!(
            !exact || read == Some(since.as_secs_f64() * 1_000.0),
            "{text} is {read:?}"
        );
    }
    let year_10000 = 253_402_300_800_000.0;
    assert!(
        read.is_none_or(|time| (0.0..=year_10000).contains(&time)),
        "{text} is {read:?}"
    );
    read
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
