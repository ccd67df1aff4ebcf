//! Options as text: the name of one, and the number that is given for it. Each number is judged a second
//! time here.

use comfycontrol_runners::options::{
    CONCURRENCY, INTERVAL, MAX_RETRIES, NumberRule, PAGE, PER_PAGE, REQUESTS, TIMEOUT, WINDOW_MS,
    meant,
};

use crate::bytes::{damage, pick};
use crate::random::Random;

/// Options that are numbers: the rule, the least and the greatest value.
const NUMBERS: [(&str, NumberRule, f64, f64); 8] = [
    ("page", PAGE, 1.0, 4_294_967_295.0),
    ("perPage", PER_PAGE, 1.0, 100.0),
    ("timeout", TIMEOUT, 1.0, 2_147_483_647.0),
    ("maxRetries", MAX_RETRIES, 0.0, 10.0),
    ("concurrency", CONCURRENCY, 1.0, 16.0),
    ("interval", INTERVAL, 1_000.0, 86_400_000.0),
    ("requests", REQUESTS, 1.0, 1_000_000.0),
    ("windowMs", WINDOW_MS, 1.0, 86_400_000.0),
];

pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (option, value) = text.split_once(' ').unwrap_or((&text, ""));
    let number = NUMBERS.iter().find(|(name, ..)| *name == option);
    match (number, value.parse::<f64>()) {
        (Some((name, rule, least, greatest)), Ok(number)) => {
            let fits = number.trunc() == number && (*least..=*greatest).contains(&number);
            let read = rule.check(number).map(f64::from);
            assert_eq!(read, fits.then_some(number), "{name} {number}");
        }
        _ => check_meant(&text),
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
        meant(name, &OWN),
        expected.map(|(_, known)| known),
        "{name:?}"
    );
    let answer = meant(name, &ALL);
    assert!(answer.is_none_or(|answer| ALL.contains(&answer)));
    if let Some(same) = ALL.iter().find(|known| plain(known) == letters) {
        assert_eq!(answer, Some(*same), "{name:?}");
    }
    assert_eq!(meant(name, &[]), None);
}

fn plain(name: &str) -> Vec<u8> {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric).take(32);
    letters.map(|byte| byte.to_ascii_lowercase()).collect()
}

/// The edit distance, computed as it is defined: insertions, deletions and substitutions.
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
            format!("{option} {}", number(random)).into_bytes()
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
