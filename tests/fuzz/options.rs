//! Options as text: the name of one, and what is given for it. Numbers are judged a second time here.

use comfycontrol_runners::enumerate::Consistency;
use comfycontrol_runners::limiter::Pace;
use comfycontrol_runners::options::{
    Given, RateLimitOptions, concurrency, consistency, interval, max_retries, meant, pace, page,
    per_page, timeout,
};

use crate::bytes::{damage, pick};
use crate::random::Random;

pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (option, value) = text.split_once(' ').unwrap_or((&text, ""));
    let one = given(value);
    let integer = |read: Result<u32, _>, least, most, default| {
        assert_eq!(
            read.ok(),
            whole(&one, least, most, Some(default)),
            "{option} {one:?}"
        );
    };
    match option {
        "page" => integer(page(&one), 1.0, 4_294_967_295.0, 1),
        "perPage" => integer(per_page(&one, 10), 1.0, 100.0, 10),
        "concurrency" => integer(concurrency(&one, 4), 1.0, 16.0, 4),
        "interval" => integer(interval(&one, 30_000), 1_000.0, 86_400_000.0, 30_000),
        "timeout" => integer(timeout(&one, 10_000), 1.0, 2_147_483_647.0, 10_000),
        "maxRetries" => integer(max_retries(&one, 2), 0.0, 10.0, 2),
        "consistency" => {
            let expected = match value {
                "none" => Some(Consistency::None),
                "detect" => Some(Consistency::Detect),
                "reconcile" | "absent" => Some(Consistency::Reconcile),
                _ => None,
            };
            assert_eq!(consistency(&one).ok(), expected, "{one:?}");
        }
        "pace" => {
            let (first, second) = value.split_once(' ').unwrap_or((value, "absent"));
            check_pace(given(first), given(second));
        }
        _ => check_meant(&text),
    }
}

fn given(text: &str) -> Given {
    match text {
        "absent" => Given::Absent,
        "no" => Given::No,
        "function" => Given::Function,
        "object" => Given::Object,
        "other" => Given::Other,
        text => match text.parse() {
            Ok(number) => Given::Number(number),
            Err(_) => Given::Text(text.to_owned()),
        },
    }
}

fn whole(given: &Given, least: f64, most: f64, default: Option<u32>) -> Option<u32> {
    match *given {
        Given::Absent => default,
        Given::Number(n) => {
            let fits = n.is_finite() && n.trunc() == n && (least..=most).contains(&n);
            fits.then_some(n as u32)
        }
        _ => None,
    }
}

fn check_pace(requests: Given, window_ms: Given) {
    let wanted = (
        whole(&requests, 1.0, 1_000_000.0, None),
        whole(&window_ms, 1.0, 86_400_000.0, None),
    );
    let read = pace(&RateLimitOptions {
        requests,
        window_ms,
    });
    match (read, wanted) {
        (Ok(read), (Some(requests), Some(window))) => {
            assert_eq!(
                read,
                Pace {
                    requests,
                    window: f64::from(window)
                }
            );
        }
        (Err((name, _)), (None, _)) => assert_eq!(name, "rateLimit.requests"),
        (Err((name, _)), (Some(_), None)) => assert_eq!(name, "rateLimit.windowMs"),
        (read, wanted) => panic!("expected {wanted:?} but got {read:?}"),
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
            let options = [
                "page",
                "perPage",
                "concurrency",
                "interval",
                "timeout",
                "maxRetries",
                "pace",
            ];
            let option = pick(random, &options);
            let (first, second) = (number(random), number(random));
            if option == "pace" {
                format!("pace {first} {second}").into_bytes()
            } else {
                format!("{option} {first}").into_bytes()
            }
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
