//! Options: the types that users see in their editor, and the code that reads them. Ranges and defaults
//! of numbers are in [`crate::options`].

use std::rc::Rc;

use js_sys::Function;
use tsify::Tsify;
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::AbortSignal;

use super::context::{AsyncContext, async_context};
use super::given::{Given, Names};
use super::host;
use super::ledger::is_ledger;
use crate::error::Failure;
use crate::limiter::Priority;
use crate::options as rules;
use crate::pace::Pace;
use crate::paging::{Checkpoint, Consistency};

/// Options of every request.
#[derive(Clone, Debug, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// Cancels the call at any moment; the promise then rejects with `signal.reason`.
    #[tsify(optional, type = "Signal | undefined")]
    pub signal: Option<AbortSignal>,
    /// Milliseconds for one attempt, from its start to the last byte of its body; waiting for the
    /// rate limit does not count. 1 to 2147483647, default 10000. After that the call retries, or
    /// ends in `timeout`. The token function has this long, too.
    #[tsify(optional, type = "number | undefined")]
    pub timeout: Option<u32>,
    /// How often the call retries after connection errors, time-outs, bodies that break off, 408,
    /// 429, 500, 502, 503 and 504. 0 to 10, default 2; 0 means one attempt. The first 429 of a call
    /// does not count.
    #[tsify(optional, type = "number | undefined")]
    pub max_retries: Option<u32>,
    /// Milliseconds for the whole call: waiting for the rate limit, all attempts and the pauses
    /// between them. 1 to 2147483647, default no limit. After that the call ends in `timeout`. For an
    /// enumeration, the time runs from the first `next` to the end; for a watch, it applies to each
    /// reading of the list.
    #[tsify(optional, type = "number | undefined")]
    pub total_timeout: Option<u32>,
    /// Which of several calls that wait for the rate limit goes first: `"high"`, `"normal"` or `"low"`.
    /// Default `"normal"`; for enumerations and watches, `"low"`. No effect on calls that wait for a ledger.
    #[tsify(optional, type = "Priority | undefined")]
    pub priority: Option<Priority>,
    /// Whether the call shares a request with identical calls that are under way. Default `true`, except
    /// in Cloudflare Workers and Vercel's edge runtime, where one visitor must not wait for a request of
    /// another. Calls are identical if they have the same token, page or id, `timeout`, `maxRetries` and
    /// `priority`, and come from the same client; without `headers` and `fetchOptions` also if they come from
    /// free functions with the same options, or from clients with the same base URL and rate limit whose
    /// only function is `token`.
    /// Each caller has its own result, `signal` and `totalTimeout`; the request is cancelled once all
    /// callers have left. Does not apply to enumerations and watches, which share no requests.
    #[tsify(optional, type = "boolean | undefined")]
    pub coalesce: Option<bool>,
    /// Where the call was made.
    #[serde(skip)]
    pub context: Option<AsyncContext>,
}

/// Options of `listManagedRunners`.
#[derive(Clone, Debug, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ListOptions {
    #[serde(flatten)]
    pub request: RequestOptions,
    /// The number of the page, 1 to 4294967295. Default 1. A page past the end has no runners.
    #[tsify(optional, type = "number | undefined")]
    pub page: u32,
    /// Runners per page, 1 to 100. Default 10.
    #[tsify(optional, type = "number | undefined")]
    pub per_page: u32,
}

/// Options of `iterateManagedRunners` and `collectManagedRunners`.
#[derive(Clone, Debug, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct IterateOptions {
    #[serde(flatten)]
    pub request: RequestOptions,
    /// Runners per request, 1 to 100. Default 100.
    #[tsify(optional, type = "number | undefined")]
    pub per_page: u32,
    /// How many requests may be under way at a time, within the rate limit. 1 to 16, default 4. The
    /// iterator holds at most twice as many pages for a slow consumer.
    #[tsify(optional, type = "number | undefined")]
    pub concurrency: u32,
    /// The maximum number of runners, 1 to 4294967295. Default: all. The client requests no page beyond
    /// them. If the list has more runners, `report.complete` is `false`, and `checkpoint` continues after
    /// the last runner handed over.
    #[tsify(optional, type = "number | undefined")]
    pub limit: Option<u32>,
    /// What to do if the list changes while it is read. Default `"reconcile"`.
    #[tsify(optional, type = "Consistency | undefined")]
    pub consistency: Consistency,
    /// The `checkpoint` to continue from. It must come from the same base URL and page size.
    #[tsify(optional, type = "string | undefined")]
    pub resume_from: Option<Checkpoint>,
    /// Called with the progress after each answer and after each page that was handed over. If the
    /// listener throws, its first error is reported (`reportError` or `console.error`), and the
    /// iteration goes on.
    #[tsify(optional, type = "((progress: Progress) => void) | undefined")]
    pub on_progress: Option<Function>,
}

/// Options of `watchManagedRunners`.
#[derive(Clone, Debug, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct WatchOptions {
    #[serde(flatten)]
    pub request: RequestOptions,
    /// Runners per request, 1 to 100. Default 100.
    #[tsify(optional, type = "number | undefined")]
    pub per_page: u32,
    /// Milliseconds between two readings of the list, ± 10 %. 1000 to 86400000, default 30000. Each
    /// error in a row doubles it, up to five minutes.
    #[tsify(optional, type = "number | undefined")]
    pub interval: u32,
    /// Whether the watch continues while the page is hidden. Default `false`.
    #[tsify(optional, type = "boolean | undefined")]
    pub background: bool,
    /// Whether the watch also yields an item for a reading without changes. Such an item shows that the
    /// list is still the same, and that an earlier error is over. Default `false`.
    #[tsify(optional, type = "boolean | undefined")]
    pub every_reading: bool,
}

/// How fast requests may start.
#[derive(Clone, Debug, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitOptions {
    /// Requests that may start in one window. 1 to 1000000.
    #[tsify(type = "number")]
    pub requests: u32,
    /// The length of the window in milliseconds. 1 to 86400000.
    #[tsify(type = "number")]
    pub window_ms: u32,
    /// Shares the limit with other processes or tabs, such as `redisLedger(client)` of
    /// `comfycontrol-runners/redis`. Default: none, the limit counts this process alone.
    #[tsify(optional, type = "RateLimitLedger | undefined")]
    pub ledger: Option<JsValue>,
}

/// Options of a client, or of a single call of a free function.
#[derive(Clone, Debug, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ClientOptions {
    /// The API token (`cfc_…`), or a function that returns it. The function is called for every
    /// call, before every retry, and once more after a 401; in Node, Bun and Deno in the async context of
    /// the call (`AsyncLocalStorage`). Default: the environment variable `COMFYCONTROL_TOKEN` in
    /// Node, Bun and Deno, else none (a same-origin proxy may add one). The client sends the token
    /// only over `https` or to loopback hosts (see `allowInsecureToken`), and shows it in no error,
    /// event or log.
    #[tsify(
        optional,
        type = "string | (() => string | Promise<string>) | undefined"
    )]
    pub token: Option<Token>,
    /// Whether the client may send the token over plain `http` to other hosts than this machine, such
    /// as a container in your own network. Anybody on the network path can read it. Default `false`.
    #[tsify(optional, type = "boolean | undefined")]
    pub allow_insecure_token: bool,
    /// Where the API is. An `http(s)` URL; on a web page, or with a `fetch` of your own, also a path
    /// such as `"/api"`. Default: the environment variable `COMFYCONTROL_BASE_URL`, else
    /// `https://api.comfycontrol.app`.
    #[tsify(optional, type = "string | undefined")]
    pub base_url: Option<String>,
    /// Milliseconds for one attempt, for calls without a `timeout` of their own. 1 to 2147483647, default 10000.
    #[tsify(optional, type = "number | undefined")]
    pub timeout: u32,
    /// How often a call retries, for calls without `maxRetries` of their own. 0 to 10, default 2.
    #[tsify(optional, type = "number | undefined")]
    pub max_retries: u32,
    /// Whether calls share requests, for calls without `coalesce` of their own. Default `true`, except in
    /// Cloudflare Workers and Vercel's edge runtime.
    #[tsify(optional, type = "boolean | undefined")]
    pub coalesce: Option<bool>,
    /// A function to use instead of the global `fetch`. It is called as `fetch(url, init)`.
    #[tsify(optional, type = "Fetch | undefined")]
    pub fetch: Option<Function>,
    /// Headers to add to every request, such as those that your proxy requires. This package sets
    /// `accept` and, with a token, `authorization`; `authorization` is refused here. In a browser, any
    /// header other than `accept-language` causes a CORS preflight before a request to another origin.
    #[tsify(
        optional,
        type = "Record<string, string> | Iterable<[string, string]> | undefined"
    )]
    pub headers: Option<JsValue>,
    /// Further members of the second argument of `fetch`: for example `credentials`, `cache`, `priority`,
    /// Next's `next` or undici's `dispatcher`. `method`, `body`, `headers` and `signal` are refused.
    #[tsify(optional, type = "Readonly<Record<string, unknown>> | undefined")]
    pub fetch_options: Option<JsValue>,
    /// How fast requests may start; `false` turns pacing off. Default `{ requests: 40, windowMs:
    /// 10000 }`, the documented limit. All clients of this copy of the package that call the same
    /// origin share the limit; with a `ledger`, so do all clients that use the ledger.
    #[tsify(optional, type = "RateLimitOptions | false | undefined")]
    pub rate_limit: Option<RateLimitOptions>,
    /// Called at every request, response, retry, wait and cooldown, and when a `ledger` is lost or back.
    /// If the listener throws, its first error is reported (`reportError` or `console.error`), and the
    /// call goes on.
    #[tsify(optional, type = "((event: ClientEvent) => void) | undefined")]
    pub on_event: Option<Function>,
    /// Called for each problem with a runner that breaks the contract; such runners are left out of
    /// the result. Without this option, one such runner fails the call with `invalid_response`.
    #[tsify(optional, type = "((issue: ValidationIssue) => void) | undefined")]
    pub on_invalid_runner: Option<Function>,
}

#[wasm_bindgen(typescript_custom_section)]
const FETCH: &str = r#"
/** The global `AbortSignal` type; without the DOM's types, the members that the client needs. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
    ? S
    : { readonly aborted: boolean; readonly reason?: unknown };

/** A `fetch` function, with only what the client needs: those of every runtime and library fit. */
export type Fetch = (url: string, init: { headers: Record<string, string>; signal: Signal }) => PromiseLike<{ readonly status: number }>;
"#;

/// Where a token comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Fixed(String),
    Function(Function),
}

impl RequestOptions {
    /// Reads the options of a client's `getManagedRunner`.
    pub fn read(options: &JsValue) -> Result<Self, JsValue> {
        thread_local!(static NAMES: Rc<Names> = Names::asked_by(RequestOptions::from));
        Given::read(options, &NAMES)?.checked(Self::from)
    }

    /// Reads the options of the free function.
    pub fn read_with_client(options: &JsValue) -> Result<(Self, ClientOptions), JsValue> {
        thread_local!(static NAMES: Rc<Names> = Names::asked_by(RequestOptions::with_client));
        Given::read(options, &NAMES)?.checked(Self::with_client)
    }

    fn with_client(given: &mut Given) -> (Self, ClientOptions) {
        (Self::from(given), ClientOptions::from(given))
    }

    fn from(given: &mut Given) -> Self {
        Self {
            signal: given.signal("signal"),
            timeout: given.optional_number("timeout", &rules::TIMEOUT),
            max_retries: given.optional_number("maxRetries", &rules::MAX_RETRIES),
            coalesce: given.optional_boolean("coalesce"),
            total_timeout: given.optional_number("totalTimeout", &rules::TIMEOUT),
            priority: priority(given),
            context: async_context(),
        }
    }

    /// Reads the options of the pages of a whole list, whose default priority is lower.
    fn of_list(given: &mut Given) -> Self {
        let options = Self::from(given);
        Self {
            priority: options.priority.or(Some(Priority::Low)),
            ..options
        }
    }
}

impl ListOptions {
    /// Reads the options of a client's `listManagedRunners`.
    pub fn read(options: &JsValue) -> Result<Self, JsValue> {
        thread_local!(static NAMES: Rc<Names> = Names::asked_by(ListOptions::from));
        Given::read(options, &NAMES)?.checked(Self::from)
    }

    /// Reads the options of the free function.
    pub fn read_with_client(options: &JsValue) -> Result<(Self, ClientOptions), JsValue> {
        thread_local!(static NAMES: Rc<Names> = Names::asked_by(ListOptions::with_client));
        Given::read(options, &NAMES)?.checked(Self::with_client)
    }

    fn with_client(given: &mut Given) -> (Self, ClientOptions) {
        (Self::from(given), ClientOptions::from(given))
    }

    fn from(given: &mut Given) -> Self {
        Self {
            request: RequestOptions::from(given),
            page: given.number("page", &rules::PAGE),
            per_page: given.number("perPage", &rules::PER_PAGE),
        }
    }
}

impl IterateOptions {
    /// Reads the options of an enumeration of the list at `list_url`, which checkpoints are bound to.
    pub fn read(options: &JsValue, list_url: &str) -> Result<Self, JsValue> {
        thread_local!(static NAMES: Rc<Names> = Names::asked_by(|given| IterateOptions::from(given, "")));
        Given::read(options, &NAMES)?.checked(|given| Self::from(given, list_url))
    }

    fn from(given: &mut Given, list_url: &str) -> Self {
        let request = RequestOptions::of_list(given);
        let per_page = given.number("perPage", &rules::PER_PAGE_OF_ALL);
        Self {
            request,
            per_page,
            concurrency: given.number("concurrency", &rules::CONCURRENCY),
            limit: given.optional_number("limit", &rules::LIMIT),
            consistency: consistency(given),
            resume_from: checkpoint(given, list_url, per_page),
            on_progress: given.function("onProgress"),
        }
    }
}

impl WatchOptions {
    /// Reads the options of `watchManagedRunners`.
    pub fn read(options: &JsValue) -> Result<Self, JsValue> {
        thread_local!(static NAMES: Rc<Names> = Names::asked_by(WatchOptions::from));
        Given::read(options, &NAMES)?.checked(Self::from)
    }

    fn from(given: &mut Given) -> Self {
        Self {
            request: RequestOptions::of_list(given),
            per_page: given.number("perPage", &rules::PER_PAGE_OF_ALL),
            interval: given.number("interval", &rules::INTERVAL),
            background: given.boolean("background"),
            every_reading: given.boolean("everyReading"),
        }
    }

    /// The options of each reading of the list.
    pub fn reading(&self) -> IterateOptions {
        IterateOptions {
            request: self.request.clone(),
            per_page: self.per_page,
            concurrency: 1,
            limit: None,
            consistency: Consistency::Reconcile,
            resume_from: None,
            on_progress: None,
        }
    }
}

impl ClientOptions {
    /// Reads the options of a client. Also returns a copy of them as an object.
    pub fn read(options: &JsValue) -> Result<(Self, JsValue), JsValue> {
        thread_local!(static NAMES: Rc<Names> = Names::asked_by(ClientOptions::from));
        Given::read(options, &NAMES)?.checked(|given| (Self::from(given), given.to_object()))
    }

    fn from(given: &mut Given) -> Self {
        Self {
            token: token(given),
            allow_insecure_token: given.boolean("allowInsecureToken"),
            base_url: given.string("baseUrl", "a string"),
            timeout: given.number("timeout", &rules::TIMEOUT),
            max_retries: given.number("maxRetries", &rules::MAX_RETRIES),
            coalesce: given.optional_boolean("coalesce"),
            fetch: given.function("fetch"),
            headers: given.option("headers", "an object", JsValue::is_object),
            fetch_options: given.option("fetchOptions", "an object", JsValue::is_object),
            rate_limit: rate_limit(given),
            on_event: given.function("onEvent"),
            on_invalid_runner: given.function("onInvalidRunner"),
        }
    }
}

fn token(given: &mut Given) -> Option<Token> {
    let is_token = |value: &JsValue| value.is_string() || value.is_function();
    let value = given.option("token", "a string or a function", is_token)?;
    Some(match value.as_string() {
        Some(token) => Token::Fixed(token),
        None => Token::Function(value.unchecked_into()),
    })
}

fn priority(given: &mut Given) -> Option<Priority> {
    let name = given.string("priority", Priority::EXPECTED)?;
    let priority = Priority::named(&name);
    if priority.is_none() {
        given.note_unexpected("priority", Priority::EXPECTED, &name.into());
    }
    priority
}

fn consistency(given: &mut Given) -> Consistency {
    let Some(name) = given.string("consistency", Consistency::EXPECTED) else {
        return Consistency::default();
    };
    Consistency::named(&name).unwrap_or_else(|| {
        given.note_unexpected("consistency", Consistency::EXPECTED, &name.into());
        Consistency::default()
    })
}

fn checkpoint(given: &mut Given, list_url: &str, per_page: u32) -> Option<Checkpoint> {
    let text = given.string("resumeFrom", "a checkpoint string")?;
    match Checkpoint::read(&text, list_url, per_page) {
        Ok(checkpoint) => Some(checkpoint),
        Err(error) => {
            given.note(Failure::checkpoint(&error.given()).into());
            None
        }
    }
}

/// Reads the rate limit; `None` if pacing is off.
fn rate_limit(given: &mut Given) -> Option<RateLimitOptions> {
    let Some(value) = given.value("rateLimit") else {
        return Some(RateLimitOptions::DOCUMENTED);
    };
    if value == JsValue::FALSE {
        return None;
    }
    if !value.is_object() || host::is_array(&value) != Ok(false) {
        given.note_unexpected("rateLimit", "{ requests, windowMs } or false", &value);
        return None;
    }
    let limit = RateLimitOptions::read(&value);
    limit.map_err(|error| given.note(error)).ok()
}

impl RateLimitOptions {
    const DOCUMENTED: Self = Self {
        requests: Pace::DOCUMENTED.requests,
        window_ms: Pace::DOCUMENTED.window_ms as u32,
        ledger: None,
    };

    pub fn pace(&self) -> Pace {
        Pace {
            requests: self.requests,
            window_ms: self.window_ms.into(),
        }
    }

    fn read(limit: &JsValue) -> Result<Self, JsValue> {
        thread_local!(static NAMES: Rc<Names> = Names::asked_by(RateLimitOptions::from));
        let given = Given::read(limit, &NAMES)?;
        given.named("rateLimit.").checked(Self::from)
    }

    fn from(given: &mut Given) -> Self {
        let expected = "an object with acquire, settle, abandon and freeze";
        Self {
            requests: given.number("requests", &rules::REQUESTS),
            window_ms: given.number("windowMs", &rules::WINDOW_MS),
            ledger: given.option("ledger", expected, is_ledger),
        }
    }
}
