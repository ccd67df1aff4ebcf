//! Options as text: the name of one, and what is given for it. Numbers are judged a second time here.

use comfycontrol_runners::options::{check as checked, expected, kind, meant};

use crate::bytes::{damage, pick};
use crate::random::Random;

/// The places of numbers in the table, their least and most, and their default. A rate limit has none.
const NUMBERS: [(&str, u32, f64, f64, Option<f64>); 8] = [
    ("page", 1, 1.0, 4_294_967_295.0, Some(1.0)),
    ("perPage", 2, 1.0, 100.0, Some(10.0)),
    ("timeout", 5, 1.0, 2_147_483_647.0, Some(10_000.0)),
    ("maxRetries", 6, 0.0, 10.0, Some(2.0)),
    ("concurrency", 11, 1.0, 16.0, Some(4.0)),
    ("interval", 15, 1_000.0, 86_400_000.0, Some(30_000.0)),
    ("requests", 16, 1.0, 1_000_000.0, None),
    ("windowMs", 17, 1.0, 86_400_000.0, None),
];

pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (option, value) = text.split_once(' ').unwrap_or((&text, ""));
    let Some(&(name, place, least, most, default)) =
        NUMBERS.iter().find(|(name, ..)| *name == option)
    else {
        return check_meant(&text);
    };
    assert!(!expected(place).is_empty());
    match value.parse::<f64>() {
        Ok(n) => {
            let fits = n.is_finite() && n.trunc() == n && (least..=most).contains(&n);
            let read = checked(place, 0, kind::NUMBER, n);
            assert_eq!(read, fits.then_some(n), "{name} {n}");
        }
        // Any other kind, known or not.
        Err(_) => {
            let other = value.bytes().map(u32::from).sum();
            let read = checked(place, 0, other, 0.0);
            match other {
                kind::ABSENT => assert_eq!(read, default, "{name}"),
                kind::NUMBER => {}
                _ => assert_eq!(read, None, "{name} of kind {other}"),
            }
            assert_eq!(checked(u32::from(u8::MAX) + other, 0, other, 0.0), None);
        }
    }
}

/// Options that no other API's name stands for.
const OWN: [&str; 7] = [
    "concurrency",
    "consistency",
    "interval",
    "onEvent",
    "onInvalidRunner",
    "onProgress",
    "resumeFrom",
];
const ALL: [&str; 9] = [
    "signal",
    "timeout",
    "maxRetries",
    "page",
    "perPage",
    "token",
    "baseUrl",
    "fetch",
    "rateLimit",
];

fn check_meant(name: &str) {
    let letters = plain(name);
    let nearest = OWN
        .iter()
        .map(|known| (distance(&letters, &plain(known)), *known))
        .min();
    let expected = nearest.filter(|(far, known)| *far <= 2 && far * 2 <= known.len());
    assert_eq!(
        meant(name, &OWN.join(", ")),
        expected.map(|(_, known)| known),
        "{name:?}"
    );
    let all = ALL.join(", ");
    let answer = meant(name, &all);
    assert!(answer.is_none_or(|answer| ALL.contains(&answer)));
    if let Some(same) = ALL.iter().find(|known| plain(known) == letters) {
        assert_eq!(answer, Some(*same), "{name:?}");
    }
    assert_eq!(meant(name, ""), None);
}

fn plain(name: &str) -> Vec<u8> {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric).take(32);
    letters.map(|byte| byte.to_ascii_lowercase()).collect()
}

/// Letters to put in, take out or exchange, as the definition says it.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = match (i, j) {
                (0, _) | (_, 0) => i + j,
                _ => (table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]))
                    .min(table[i - 1][j] + 1)
                    .min(table[i][j - 1] + 1),
            };
        }
    }
    table[a.len()][b.len()]
}

pub fn mutated(random: &mut Random, base: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut text = match random.below(4) {
        0 => {
            let name = if random.percent(50) {
                pick(random, &OWN)
            } else {
                pick(random, &ALL)
            };
            name.as_bytes().to_vec()
        }
        1 => base.to_vec(),
        _ => {
            let (option, ..) = NUMBERS[random.below(NUMBERS.len())];
            let kinds = ["\0", "\u{1}", "\u{2}", "\u{3}", "\u{4}", "\u{5}", "\u{7f}"];
            let value = match random.below(5) {
                0 => pick(random, &kinds).to_owned(),
                _ => number(random).to_string(),
            };
            format!("{option} {value}").into_bytes()
        }
    };
    if random.percent(50) {
        damage(random, &mut text, others);
    }
    text
}

/// A double at or beside a limit, or any.
fn number(random: &mut Random) -> f64 {
    let limits = [
        0.0,
        1.0,
        10.0,
        16.0,
        100.0,
        1e3,
        1e6,
        86_400_000.0,
        2_147_483_647.0,
        4_294_967_295.0,
        4_294_967_296.0,
        9_007_199_254_740_992.0,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
        f64::MIN_POSITIVE,
    ];
    let limit: f64 = limits[random.below(limits.len())];
    match random.below(8) {
        0 => limit.next_down(),
        1 => limit.next_up(),
        2 => -limit,
        3 => limit - 1.0,
        4 => limit + 1.0,
        5 => limit * 0.5,
        6 => f64::from_bits(random.next()),
        _ => limit,
    }
}
