//! A client: its options with all defaults filled in, and the limiter of its origin.

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::Url;

use super::error::{unexpected, unexpected_value};
use super::host::{self, environment_variable, page_address};
use super::options::{ClientOptions, RateLimitOptions, Token};
use super::origin::Origin;
use crate::endpoint::{self, BaseUrl, DEFAULT_BASE_URL, UrlParts};
use crate::error::Failure;
use crate::limiter::RateLimit;
use crate::pace::Pace;
use crate::text::concat;

#[wasm_bindgen(module = "/js/request-init.js")]
extern "C" {
    /// The caller's additions to each request: the options `headers` and `fetchOptions`.
    #[derive(Clone, Debug, PartialEq)]
    pub type RequestInit;
    /// Why they cannot be sent.
    pub type InitProblem;
    #[wasm_bindgen(method, getter)]
    pub fn name(this: &InitProblem) -> String;
    #[wasm_bindgen(method, getter)]
    pub fn expected(this: &InitProblem) -> String;
    #[wasm_bindgen(method, getter)]
    pub fn given(this: &InitProblem) -> String;

    #[wasm_bindgen(catch, js_namespace = inits, js_name = readInit)]
    fn read_init(
        headers: Option<&JsValue>,
        options: Option<&JsValue>,
    ) -> Result<RequestInit, InitProblem>;
}

/// What calls need from their client.
#[derive(Debug)]
pub struct Client {
    pub base: BaseUrl,
    pub token: Option<Token>,
    pub timeout_ms: u32,
    pub max_retries: u32,
    /// Whether identical calls share a request.
    pub coalesce: bool,
    /// `None` if pacing is off.
    pub pace: Option<Pace>,
    /// What all calls to its origin share.
    pub origin: Rc<Origin>,
    pub on_event: Option<Function>,
    pub on_invalid_runner: Option<Function>,
    pub init: RequestInit,
    fetch: Option<Function>,
}

impl Client {
    /// Fills in what the options leave open, from the environment and the defaults, and checks the result.
    pub fn new(mut options: ClientOptions) -> Result<Self, JsValue> {
        fetch_of(options.fetch.as_ref())?;
        let mut name = "token";
        if options.token.is_none() {
            name = "COMFYCONTROL_TOKEN";
            options.token = environment_variable(name).map(Token::Fixed);
        }
        if let Some(Token::Fixed(token)) = &options.token {
            check_token(token, name)?;
        }
        let mut name = "baseUrl";
        if options.base_url.is_none() {
            name = "COMFYCONTROL_BASE_URL";
            options.base_url = environment_variable(name);
        }
        let url = options.base_url.as_deref().unwrap_or(DEFAULT_BASE_URL);
        let base = base_url(url, name)?;
        if options.token.is_some() && !base.is_confidential() && !options.allow_insecure_token {
            return Err(Failure::insecure(base.origin()).into());
        }
        let pace = options.rate_limit.as_ref().map(RateLimitOptions::pace);
        let ledger = options.rate_limit.and_then(|limit| limit.ledger);
        Ok(Self {
            origin: Origin::find(base.origin(), ledger),
            base,
            token: options.token,
            timeout_ms: options.timeout,
            max_retries: options.max_retries,
            coalesce: (options.coalesce).unwrap_or_else(host::may_share_requests),
            pace,
            on_event: options.on_event,
            on_invalid_runner: options.on_invalid_runner,
            init: request_init(options.headers.as_ref(), options.fetch_options.as_ref())?,
            fetch: options.fetch,
        })
    }

    /// The caller's `fetch`, or the current global one: tests and tools replace it at any time. The global one cannot
    /// send requests to a path where there is no page. That is no error before: a module of a web page makes its
    /// client also where a server renders the page.
    pub fn fetch(&self) -> Result<Function, Failure> {
        if self.fetch.is_none() && self.base.origin().is_empty() {
            let expected =
                "an absolute URL (a path works only on a web page, or with a `fetch` of your own)";
            return Err(unexpected_value(
                "baseUrl",
                expected,
                &self.base.url().into(),
            ));
        }
        fetch_of(self.fetch.as_ref())
    }

    /// Whether requests of this client and another one are the same, and reported to the same listeners, if they
    /// have the same token and `fetch`.
    pub fn is_same(&self, other: &Self) -> bool {
        self.base == other.base
            && self.init == other.init
            && self.pace == other.pace
            && self.origin.ledger == other.origin.ledger
            && self.on_event == other.on_event
            && self.on_invalid_runner == other.on_invalid_runner
    }

    /// The URL of the list, without a query. A checkpoint is valid for this URL only.
    pub fn list_url(&self) -> String {
        concat(&[self.base.origin(), &self.base.list_path()])
    }

    /// The current state of the rate limit.
    pub fn rate_limit(&self) -> RateLimit {
        match self.pace {
            None => RateLimit::UNLIMITED,
            Some(pace) => {
                let mut limiter = self.origin.limiter.borrow_mut();
                limiter.status(pace, host::now(), host::epoch())
            }
        }
    }
}

/// Checks and copies the options `headers` and `fetchOptions`.
fn request_init(
    headers: Option<&JsValue>,
    options: Option<&JsValue>,
) -> Result<RequestInit, JsValue> {
    read_init(headers, options).map_err(|problem| {
        Failure::option(&problem.name(), &problem.expected(), &problem.given()).into()
    })
}

fn fetch_of(given: Option<&Function>) -> Result<Function, Failure> {
    if let Some(fetch) = given {
        return Ok(fetch.clone());
    }
    let fetch = host::global_member(&["fetch"]).unwrap_or_default();
    fetch.dyn_into().map_err(|_| {
        Failure::unsupported("this runtime has no fetch: pass one as the option `fetch`")
    })
}

/// Refuses a token that a header cannot carry.
pub fn check_token(token: &str, name: &str) -> Result<(), Failure> {
    endpoint::check_token(token).map_err(|reason| Failure::token(name, reason))
}

/// A placeholder for the origin that only the caller's `fetch` knows.
const UNKNOWN_ORIGIN: &str = "https://origin.invalid";

/// Reads an absolute URL or a path (`/api`). A path belongs to the page's own origin. Without a page, it has none:
/// see [`Client::fetch`].
fn base_url(text: &str, name: &str) -> Result<BaseUrl, JsValue> {
    let refuse = |expected| unexpected(name, expected, &text.into());
    let is_path = text.starts_with('/') && !text.starts_with("//");
    let page = is_path.then(page_address).flatten();
    let home = page.as_deref().unwrap_or(UNKNOWN_ORIGIN);
    let url = if is_path {
        Url::new_with_base(text, home)
    } else {
        Url::new(text)
    };
    let url = url.map_err(|_| refuse("an http(s) URL, or a path such as \"/api\""))?;
    let base = BaseUrl::new(UrlParts {
        href: &url.href(),
        origin: &url.origin(),
        hostname: &url.hostname(),
        pathname: &url.pathname(),
    });
    let base = base.map_err(refuse)?;
    // `/\host` begins like a path, but names another host; `/..//host` becomes `//host`.
    let is_elsewhere = || {
        let home = Url::new(home).map(|home| home.origin());
        home.as_deref() != Ok(base.origin()) || url.pathname().starts_with("//")
    };
    if is_path && is_elsewhere() {
        return Err(refuse("a path such as \"/api\""));
    }
    Ok(if is_path && page.is_none() {
        base.without_origin()
    } else {
        base
    })
}
