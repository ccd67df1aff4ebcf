//! What a caller may say, and the only place that checks it.
//!
//! The structs hold options as given; their documentation is what a user reads in the editor. The
//! functions below them turn one given value into one that cannot be wrong, or say what was
//! expected.

use tsify::Tsify;

use crate::enumerate::Consistency;
use crate::limiter::Pace;

/// One option as the host gave it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Given {
    /// Not given, or `undefined`: the default holds.
    #[default]
    Absent,
    Number(f64),
    Text(String),
    /// `false`.
    No,
    Function,
    /// An object other than an array.
    Object,
    /// Anything else: `null`, `true`, an array, a symbol, …
    Other,
}

/// Options of every request.
#[derive(Debug, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// Cancels the call at any moment; the promise then rejects with `signal.reason`.
    #[tsify(optional, type = "AbortSignal")]
    pub signal: Given,
    /// Milliseconds for one attempt, from its start to the last byte of its body; waiting for the
    /// rate limit does not count. 1 to 2147483647, default 10000. Ends in `timeout`.
    #[tsify(optional, type = "number")]
    pub timeout: Given,
    /// How often a failed attempt is repeated: connection errors, time-outs, bodies that break
    /// off, 408, 429, 500, 502, 503 and 504. 0 to 10, default 2; 0 means one attempt. The first
    /// 429 of a call is not counted.
    #[tsify(optional, type = "number")]
    pub max_retries: Given,
}

/// Options of `listManagedRunners`.
#[derive(Debug, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ListOptions {
    #[serde(flatten)]
    pub request: RequestOptions,
    /// Which page, from 1 (to 4294967295). Default 1. A page past the end has no runners.
    #[tsify(optional, type = "number")]
    pub page: Given,
    /// Runners a page, 1 to 100. Default 10.
    #[tsify(optional, type = "number")]
    pub per_page: Given,
}

/// Options of `iterateManagedRunners` and `collectManagedRunners`.
#[derive(Debug, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct IterateOptions {
    #[serde(flatten)]
    pub request: RequestOptions,
    /// Runners a request, 1 to 100. Default 100.
    #[tsify(optional, type = "number")]
    pub per_page: Given,
    /// Requests that may be under way at a time, 1 to 16. Default 4. They keep to the rate limit
    /// as all others do. At most twice as many pages are held for a consumer that is slow.
    #[tsify(optional, type = "number")]
    pub concurrency: Given,
    /// What to do about changes of the list while it is read. Default `"reconcile"`.
    #[tsify(optional, type = "Consistency")]
    pub consistency: Given,
    /// The `checkpoint` of an enumeration of the same base URL and page size, to go on from.
    #[tsify(optional, type = "string")]
    pub resume_from: Given,
    /// Hears after each answer, and whenever a page was handed over, how far the enumeration is.
    #[tsify(optional, type = "(progress: Progress) => void")]
    pub on_progress: Given,
}

/// Options of `watchManagedRunners`.
#[derive(Debug, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct WatchOptions {
    #[serde(flatten)]
    pub request: RequestOptions,
    /// Runners a request, 1 to 100. Default 100.
    #[tsify(optional, type = "number")]
    pub per_page: Given,
    /// Milliseconds between two readings of the list, give or take 10 %, 1000 to 86400000. Default
    /// 30000. Errors double it, up to five minutes.
    #[tsify(optional, type = "number")]
    pub interval: Given,
}

/// How fast requests may start.
#[derive(Debug, Default, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitOptions {
    /// Requests that may start in one window. 1 to 1000000.
    #[tsify(type = "number")]
    pub requests: Given,
    /// The length of the window in milliseconds. 1 to 86400000.
    #[tsify(type = "number")]
    pub window_ms: Given,
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
    pub token: Given,
    /// Where the API is. An `http(s)` URL, or on a web page a path such as `"/api"`. Default: the
    /// environment variable `COMFYCONTROL_BASE_URL`, else `https://api.comfycontrol.app`.
    #[tsify(optional, type = "string")]
    pub base_url: Given,
    /// The default of `timeout` for every call of this client, in milliseconds.
    #[tsify(optional, type = "number")]
    pub timeout: Given,
    /// The default of `maxRetries` for every call of this client.
    #[tsify(optional, type = "number")]
    pub max_retries: Given,
    /// Used instead of the global `fetch`, and called as `fetch(url, init)`.
    #[tsify(optional, type = "typeof globalThis.fetch")]
    pub fetch: Given,
    /// How fast requests may start; `false` turns pacing off. Default `{ requests: 40, windowMs:
    /// 10000 }`, the documented limit. Requests are counted per origin, over all clients of this
    /// copy of the package.
    #[tsify(optional, type = "RateLimitOptions | false")]
    pub rate_limit: Given,
    /// Hears of every request, response, retry, wait and cooldown. What it throws is reported
    /// once and changes nothing.
    #[tsify(optional, type = "(event: ClientEvent) => void")]
    pub on_event: Given,
    /// Hears of every runner that is not what the contract says; such runners are left out of
    /// the result. Without it, one such runner fails the call with `invalid_response`.
    #[tsify(optional, type = "(issue: ValidationIssue) => void")]
    pub on_invalid_runner: Given,
}

/// What was expected of an option that is not so.
pub type Expected = &'static str;

/// A whole number in a range, or the default.
fn integer(
    given: &Given,
    range: (u32, u32),
    default: u32,
    expected: Expected,
) -> Result<u32, Expected> {
    match *given {
        Given::Absent => Ok(default),
        Given::Number(n)
            if n >= f64::from(range.0) && n <= f64::from(range.1) && n == f64::from(n as u32) =>
        {
            Ok(n as u32)
        }
        _ => Err(expected),
    }
}

/// See [`ListOptions::page`].
pub fn page(given: &Given) -> Result<u32, Expected> {
    integer(given, (1, u32::MAX), 1, "an integer from 1 to 4294967295")
}

/// See [`ListOptions::per_page`].
pub fn per_page(given: &Given, default: u32) -> Result<u32, Expected> {
    integer(given, (1, 100), default, "an integer from 1 to 100")
}

/// See [`IterateOptions::concurrency`].
pub fn concurrency(given: &Given, default: u32) -> Result<u32, Expected> {
    integer(given, (1, 16), default, "an integer from 1 to 16")
}

/// See [`WatchOptions::interval`].
pub fn interval(given: &Given, default: u32) -> Result<u32, Expected> {
    let range = (
        crate::watch::SHORTEST_INTERVAL,
        crate::watch::LONGEST_INTERVAL,
    );
    let expected = "a whole number of milliseconds from 1000 to 86400000";
    integer(given, range, default, expected)
}

/// See [`IterateOptions::consistency`].
pub fn consistency(given: &Given) -> Result<Consistency, Expected> {
    match given {
        Given::Absent => Ok(Consistency::default()),
        Given::Text(text) if text == "none" => Ok(Consistency::None),
        Given::Text(text) if text == "detect" => Ok(Consistency::Detect),
        Given::Text(text) if text == "reconcile" => Ok(Consistency::Reconcile),
        _ => Err("\"none\", \"detect\" or \"reconcile\""),
    }
}

/// See [`RequestOptions::timeout`].
pub fn timeout(given: &Given, default: u32) -> Result<u32, Expected> {
    let expected = "a whole number of milliseconds from 1 to 2147483647";
    integer(given, (1, 2_147_483_647), default, expected)
}

/// See [`RequestOptions::max_retries`].
pub fn max_retries(given: &Given, default: u32) -> Result<u32, Expected> {
    integer(given, (0, 10), default, "an integer from 0 to 10")
}

/// See [`RateLimitOptions`].
pub fn pace(given: &RateLimitOptions) -> Result<Pace, (&'static str, Expected)> {
    let required = |given: &Given, name, max, expected| match given {
        Given::Absent => Err((name, expected)),
        given => integer(given, (1, max), 1, expected).map_err(|expected| (name, expected)),
    };
    let expected = "an integer from 1 to 1000000";
    let requests = required(&given.requests, "rateLimit.requests", 1_000_000, expected)?;
    let expected = "a whole number of milliseconds from 1 to 86400000";
    let window = required(&given.window_ms, "rateLimit.windowMs", 86_400_000, expected)?;
    Ok(Pace {
        requests,
        window: f64::from(window),
    })
}

/// The known option that `name` was probably meant to be: the same letters in another spelling
/// (`per_page`), a name other APIs use (`limit`), or at most two letters off.
#[must_use]
pub fn meant<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
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
    let name = plain(name);
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == name);
    if let Some((_, meant)) = elsewhere {
        return known.iter().find(|known| *known == meant).copied();
    }
    let distances = known
        .iter()
        .map(|known| (distance(&name, &plain(known)), *known));
    let (distance, nearest) = distances.min()?;
    (distance <= 2 && distance * 2 <= nearest.len()).then_some(nearest)
}

/// At most 32 letters and digits in lower case.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.take(32).map(|c| c.to_ascii_lowercase()).collect()
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let here = (diagonal + usize::from(x != y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], here);
        }
    }
    row[b.len()]
}
