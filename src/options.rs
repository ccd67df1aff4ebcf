//! What a caller may say, and the only place that checks it.
//!
//! The structs name the options; their documentation is what a user reads in the editor. JavaScript
//! reads their values (`pkg/js/options.js`), and asks [`check`] of each, by its place in that file,
//! whether it is right.

use tsify::Tsify;

use crate::text::{cut, text};
use crate::watch::{DEFAULT_INTERVAL, LONGEST_INTERVAL, SHORTEST_INTERVAL};

/// An option of a kind that JavaScript alone has, or that it hands on as it is.
pub type Host = ();

/// Options of every request.
#[derive(Debug, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// Cancels the call at any moment; the promise then rejects with `signal.reason`.
    #[tsify(optional, type = "AbortSignal")]
    pub signal: Host,
    /// Milliseconds for one attempt, from its start to the last byte of its body; waiting for the
    /// rate limit does not count. 1 to 2147483647, default 10000. Ends in `timeout`.
    #[tsify(optional, type = "number")]
    pub timeout: Host,
    /// How often a failed attempt is repeated: connection errors, time-outs, bodies that break
    /// off, 408, 429, 500, 502, 503 and 504. 0 to 10, default 2; 0 means one attempt. The first
    /// 429 of a call is not counted.
    #[tsify(optional, type = "number")]
    pub max_retries: Host,
}

/// Options of `listManagedRunners`.
#[derive(Debug, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ListOptions {
    #[serde(flatten)]
    pub request: RequestOptions,
    /// Which page, from 1 (to 4294967295). Default 1. A page past the end has no runners.
    #[tsify(optional, type = "number")]
    pub page: Host,
    /// Runners a page, 1 to 100. Default 10.
    #[tsify(optional, type = "number")]
    pub per_page: Host,
}

/// Options of `iterateManagedRunners` and `collectManagedRunners`.
#[derive(Debug, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct IterateOptions {
    #[serde(flatten)]
    pub request: RequestOptions,
    /// Runners a request, 1 to 100. Default 100.
    #[tsify(optional, type = "number")]
    pub per_page: Host,
    /// Requests that may be under way at a time, 1 to 16. Default 4. They keep to the rate limit
    /// as all others do. At most twice as many pages are held for a consumer that is slow.
    #[tsify(optional, type = "number")]
    pub concurrency: Host,
    /// What to do about changes of the list while it is read. Default `"reconcile"`.
    #[tsify(optional, type = "Consistency")]
    pub consistency: Host,
    /// The `checkpoint` of an enumeration of the same base URL and page size, to go on from.
    #[tsify(optional, type = "string")]
    pub resume_from: Host,
    /// Hears after each answer, and whenever a page was handed over, how far the enumeration is.
    #[tsify(optional, type = "(progress: Progress) => void")]
    pub on_progress: Host,
}

/// Options of `watchManagedRunners`.
#[derive(Debug, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct WatchOptions {
    #[serde(flatten)]
    pub request: RequestOptions,
    /// Runners a request, 1 to 100. Default 100.
    #[tsify(optional, type = "number")]
    pub per_page: Host,
    /// Milliseconds between two readings of the list, give or take 10 %, 1000 to 86400000. Default
    /// 30000. Errors double it, up to five minutes.
    #[tsify(optional, type = "number")]
    pub interval: Host,
}

/// How fast requests may start.
#[derive(Debug, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitOptions {
    /// Requests that may start in one window. 1 to 1000000.
    #[tsify(type = "number")]
    pub requests: Host,
    /// The length of the window in milliseconds. 1 to 86400000.
    #[tsify(type = "number")]
    pub window_ms: Host,
}

/// Options of a client, or of a single call of a free function.
#[derive(Debug, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ClientOptions {
    /// The API token (`cfc_…`), or a function that gives it, asked before every request and once
    /// more after a 401. Default: the environment variable `COMFYCONTROL_TOKEN` in Node, Bun and
    /// Deno, else none (a same-origin proxy may add one). It is sent over `https` and to loopback
    /// hosts only, and shows up in no error, event or log.
    #[tsify(optional, type = "string | (() => string | Promise<string>)")]
    pub token: Host,
    /// Where the API is. An `http(s)` URL, or on a web page a path such as `"/api"`. Default: the
    /// environment variable `COMFYCONTROL_BASE_URL`, else `https://api.comfycontrol.app`.
    #[tsify(optional, type = "string")]
    pub base_url: Host,
    /// The default of `timeout` for every call of this client, in milliseconds.
    #[tsify(optional, type = "number")]
    pub timeout: Host,
    /// The default of `maxRetries` for every call of this client.
    #[tsify(optional, type = "number")]
    pub max_retries: Host,
    /// Used instead of the global `fetch`, and called as `fetch(url, init)`.
    #[tsify(optional, type = "typeof globalThis.fetch")]
    pub fetch: Host,
    /// How fast requests may start; `false` turns pacing off. Default `{ requests: 40, windowMs:
    /// 10000 }`, the documented limit. Requests are counted per origin, over all clients of this
    /// copy of the package.
    #[tsify(optional, type = "RateLimitOptions | false")]
    pub rate_limit: Host,
    /// Hears of every request, response, retry, wait and cooldown. What it throws is reported
    /// once and changes nothing.
    #[tsify(optional, type = "(event: ClientEvent) => void")]
    pub on_event: Host,
    /// Hears of every runner that is not what the contract says; such runners are left out of
    /// the result. Without it, one such runner fails the call with `invalid_response`.
    #[tsify(optional, type = "(issue: ValidationIssue) => void")]
    pub on_invalid_runner: Host,
}

/// Kinds of values, as `kind` of `pkg/js/options.js` tells them apart; all others are refused.
pub mod kind {
    /// Not given, or `undefined`: the default holds.
    pub const ABSENT: u32 = 0;
    pub const NUMBER: u32 = 1;
    pub const TEXT: u32 = 2;
    /// `false`.
    pub const NO: u32 = 3;
    pub const FUNCTION: u32 = 4;
    /// An object other than an array; for `signal`, one that has what an `AbortSignal` has.
    pub const OBJECT: u32 = 5;
    /// `null`, `true`, an array, a symbol, …
    pub const OTHER: u32 = 6;
}

/// What an option may be.
struct Rule {
    /// A bit for each kind.
    kinds: u32,
    /// The range and the default of a number.
    range: [u32; 3],
    expected: &'static str,
}

const fn kinds(kinds: &[u32], expected: &'static str) -> Rule {
    let mut bits = 1 << kind::ABSENT;
    let mut place = 0;
    while place < kinds.len() {
        bits |= 1 << kinds[place];
        place += 1;
    }
    Rule {
        kinds: bits,
        range: [0; 3],
        expected,
    }
}

const fn number(low: u32, high: u32, default: u32, expected: &'static str) -> Rule {
    Rule {
        kinds: 1 << kind::ABSENT | 1 << kind::NUMBER,
        range: [low, high, default],
        expected,
    }
}

const fn required(low: u32, high: u32, expected: &'static str) -> Rule {
    Rule {
        kinds: 1 << kind::NUMBER,
        range: [low, high, 0],
        expected,
    }
}

const fn refused(expected: &'static str) -> Rule {
    Rule {
        kinds: 0,
        range: [0; 3],
        expected,
    }
}

const INTEGER: &str = "an integer";
const MILLISECONDS: &str = "a whole number of milliseconds";
const FUNCTION: &str = "a function";
/// The place of `perPage`.
const PER_PAGE: u32 = 2;
/// Its default where a whole list is read.
const PER_PAGE_OF_ALL: f64 = 100.0;
/// Bits of options that only reading a whole list takes: `concurrency` and `interval`.
const READS_ALL: u32 = 1 << 11 | 1 << 15;

/// In the order of `pkg/js/options.js`: the options, and what else JavaScript may have to refuse.
static RULES: [Rule; 26] = [
    kinds(&[kind::OBJECT], "an AbortSignal"),
    number(1, u32::MAX, 1, INTEGER),
    number(1, 100, 10, INTEGER),
    kinds(&[kind::TEXT, kind::FUNCTION], "a string or a function"),
    kinds(&[kind::TEXT], "a string"),
    number(1, 2_147_483_647, 10_000, MILLISECONDS),
    number(0, 10, 2, INTEGER),
    kinds(&[kind::FUNCTION], FUNCTION),
    kinds(&[kind::NO, kind::OBJECT], "{ requests, windowMs } or false"),
    kinds(&[kind::FUNCTION], FUNCTION),
    kinds(&[kind::FUNCTION], FUNCTION),
    number(1, 16, 4, INTEGER),
    kinds(&[kind::TEXT], "\"none\", \"detect\" or \"reconcile\""),
    kinds(&[kind::TEXT], "a checkpoint string"),
    kinds(&[kind::FUNCTION], FUNCTION),
    number(
        SHORTEST_INTERVAL,
        LONGEST_INTERVAL,
        DEFAULT_INTERVAL,
        MILLISECONDS,
    ),
    required(1, 1_000_000, INTEGER),
    required(1, 86_400_000, MILLISECONDS),
    refused("a function, since this runtime has no fetch of its own"),
    refused("an object"),
    refused("a value"),
    refused("a UUID"),
    refused("an array"),
    refused("a string"),
    refused("a function that gives a string"),
    refused("a function that gives a token"),
];

/// Checks the option at a place, of a function that takes the options in `known`. Gives the number
/// that holds, -1 for what is right and no number, and `None` for what is not right.
#[must_use]
pub fn check(place: u32, known: u32, kind: u32, number: f64) -> Option<f64> {
    let rule = RULES.get(place as usize)?;
    let [low, high, default] = rule.range;
    let [low, high, default] = [low.into(), high.into(), f64::from(default)];
    let right = match kind {
        _ if rule.kinds.unbounded_shr(kind) & 1 == 0 => false,
        kind::NUMBER => number >= low && number <= high && number == f64::from(number as u32),
        _ => true,
    };
    if !right {
        return None;
    }
    Some(if kind == kind::NUMBER {
        number
    } else if high == 0.0 {
        -1.0
    } else if place == PER_PAGE && known & READS_ALL != 0 {
        PER_PAGE_OF_ALL
    } else {
        default
    })
}

/// What is expected at a place.
#[must_use]
pub fn expected(place: u32) -> String {
    let Some(rule) = RULES.get(place as usize) else {
        return String::new();
    };
    let [low, high, _] = rule.range;
    if high == 0 {
        return text![rule.expected];
    }
    text![rule.expected, " from ", low, " to ", high]
}

/// The known option that `name` was probably meant to be: the same letters in another spelling
/// (`per_page`), a name other APIs use (`limit`), or at most two letters off. `known` is a list with
/// a comma and a blank between any two.
#[must_use]
pub fn meant<'a>(name: &str, known: &'a str) -> Option<&'a str> {
    const ELSEWHERE: [(&str, &str); 10] = [
        ("apikey", "token"),
        ("authtoken", "token"),
        ("accesstoken", "token"),
        ("limit", "perPage"),
        ("pagesize", "perPage"),
        ("retries", "maxRetries"),
        ("url", "baseUrl"),
        ("timeoutms", "timeout"),
        ("abortsignal", "signal"),
        ("pagenumber", "page"),
    ];
    let mut letters = [[0; LONGEST]; 2];
    let [name_letters, known_letters] = &mut letters;
    let name = plain(name, name_letters);
    let mut elsewhere = ELSEWHERE.iter();
    let elsewhere = elsewhere.find(|(other, _)| other.as_bytes() == name);
    let mut nearest = (3, "");
    let mut rest = known;
    while !rest.is_empty() {
        let mut end = 0;
        while end < rest.len() && rest.as_bytes()[end] != b',' {
            end += 1;
        }
        let known = cut(rest, 0, end);
        rest = cut(rest, end + 2, rest.len());
        let off = match elsewhere {
            Some((_, meant)) => usize::from(known != *meant) * 3,
            None => distance(name, plain(known, known_letters)),
        };
        if off < nearest.0 && off * 2 <= known.len() {
            nearest = (off, known);
        }
    }
    Some(nearest.1).filter(|nearest| !nearest.is_empty())
}

/// So many letters of a name are looked at; no option has more.
const LONGEST: usize = 32;

/// The first letters and digits in lower case.
#[inline(never)]
fn plain<'a>(name: &str, letters: &'a mut [u8; LONGEST]) -> &'a [u8] {
    let mut len = 0;
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() && len < LONGEST {
            letters[len] = byte.to_ascii_lowercase();
            len += 1;
        }
    }
    &letters[..len]
}

/// Levenshtein distance.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row = [0; LONGEST + 1];
    for (j, place) in row.iter_mut().enumerate() {
        *place = j;
    }
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let here = (diagonal + usize::from(x != y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = here;
        }
    }
    row[b.len()]
}
