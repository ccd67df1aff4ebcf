//! From what JavaScript passed to what [`crate::options`] has checked.

use js_sys::{Array, Function};
use wasm_bindgen::{JsCast, prelude::*};

use super::errors::{error, refused};
use super::host::{self, Outcome};
use super::turn::{self, Lane};
use crate::enumerate::{Checkpoint, Consistency};
use crate::error::{Failure, concat, decimal};
use crate::limiter::Pace;
use crate::options::{self, Expected, Given, RateLimitOptions};
use crate::request::{BaseUrl, DEFAULT_BASE_URL};

/// The options there are. A place in the list stands for the option elsewhere.
const NAMES: &str = "signal,page,perPage,token,baseUrl,timeout,maxRetries,fetch,rateLimit,onEvent,onInvalidRunner,\
    concurrency,consistency,resumeFrom,onProgress,interval";
const SIGNAL: u32 = 0;
pub const PAGE: u32 = 1;
pub const PER_PAGE: u32 = 2;
const TOKEN: u32 = 3;
const BASE_URL: u32 = 4;
pub const TIMEOUT: u32 = 5;
pub const MAX_RETRIES: u32 = 6;
const FETCH: u32 = 7;
const RATE_LIMIT: u32 = 8;
const ON_EVENT: u32 = 9;
const ON_INVALID: u32 = 10;
pub const CONCURRENCY: u32 = 11;
const CONSISTENCY: u32 = 12;
const RESUME_FROM: u32 = 13;
const ON_PROGRESS: u32 = 14;
pub const INTERVAL: u32 = 15;

/// Which options a function knows: a bit for each place.
#[derive(Clone, Copy)]
pub struct Known(u32);

impl Known {
    /// The options of a client.
    pub const CLIENT: Self = Self(0b111_1111_1000);
    /// What every call takes.
    pub const REQUEST: Self = Self(1 << SIGNAL | 1 << TIMEOUT | 1 << MAX_RETRIES);
    /// What a list takes.
    pub const LIST: Self = Self(Self::REQUEST.0 | 1 << PAGE | 1 << PER_PAGE);

    /// What an enumeration takes.
    pub const ITERATE: Self = Self(
        Self::REQUEST.0
            | 1 << PER_PAGE
            | 1 << CONCURRENCY
            | 1 << CONSISTENCY
            | 1 << RESUME_FROM
            | 1 << ON_PROGRESS,
    );
    /// What watching takes.
    pub const WATCH: Self = Self(Self::REQUEST.0 | 1 << PER_PAGE | 1 << INTERVAL);

    /// With those of a client, for the free functions.
    pub fn and_client(self) -> Self {
        Self(self.0 | Self::CLIENT.0)
    }
}

/// Options as given, each read exactly once.
#[derive(Clone)]
pub struct Values {
    names: &'static str,
    values: Array,
}

impl Values {
    pub fn read(options: &JsValue, known: Known) -> Result<Self, JsValue> {
        Self::of(NAMES, options, known)
    }

    fn of(names: &'static str, options: &JsValue, known: Known) -> Result<Self, JsValue> {
        match host::snapshot(options, names, known.0) {
            Ok(values) => Ok(Self { names, values }),
            Err(problem) => Err(unreadable(&problem, names, known, options)),
        }
    }

    fn bad(&self, place: u32, expected: &str) -> JsValue {
        let name = self.names.split(',').nth(place as usize);
        bad(name.unwrap_or_default(), expected, &self.values.get(place))
    }

    fn given(&self, place: u32) -> Given {
        given(&self.values.get(place))
    }

    /// A number through its check.
    pub fn integer(
        &self,
        place: u32,
        default: u32,
        check: fn(&Given, u32) -> Result<u32, Expected>,
    ) -> Result<u32, JsValue> {
        check(&self.given(place), default).map_err(|expected| self.bad(place, expected))
    }

    /// A function, or nothing.
    fn function(&self, place: u32) -> Result<Option<Function>, JsValue> {
        match self.given(place) {
            Given::Absent => Ok(None),
            Given::Function => Ok(Some(self.values.get(place).unchecked_into())),
            _ => Err(self.bad(place, "a function")),
        }
    }

    /// What to do about changes of the list.
    pub fn consistency(&self) -> Result<Consistency, JsValue> {
        options::consistency(&self.given(CONSISTENCY))
            .map_err(|expected| self.bad(CONSISTENCY, expected))
    }

    /// A checkpoint that fits, or nothing.
    pub fn resume_from(&self, base: &str, per_page: u32) -> Result<Option<Checkpoint>, JsValue> {
        match self.given(RESUME_FROM) {
            Given::Absent => Ok(None),
            Given::Text(text) => match Checkpoint::read(&text, base, per_page) {
                Ok(checkpoint) => Ok(Some(checkpoint)),
                Err(refused_for) => Err(refused(&Failure::checkpoint(refused_for))),
            },
            _ => Err(self.bad(RESUME_FROM, "a checkpoint string")),
        }
    }

    /// Who hears of progress.
    pub fn on_progress(&self) -> Result<Option<Function>, JsValue> {
        self.function(ON_PROGRESS)
    }

    /// The caller's signal: `undefined`, or something that has what an `AbortSignal` has.
    pub fn signal(&self) -> Result<JsValue, JsValue> {
        let value = self.values.get(SIGNAL);
        if value.is_undefined() || host::is_signal(&value) {
            Ok(value)
        } else {
            Err(self.bad(SIGNAL, "an AbortSignal"))
        }
    }
}

/// A client's options, checked.
pub struct Client {
    pub base: BaseUrl,
    pub token: Token,
    pub timeout: u32,
    pub max_retries: u32,
    pub fetch: Function,
    /// `None`: no pacing.
    pub pace: Option<Pace>,
    pub on_event: Option<Function>,
    pub on_invalid: Option<Function>,
    /// The limiter of its origin.
    pub lane: Lane,
}

/// Where the token comes from.
pub enum Token {
    None,
    Text(String),
    Ask(Function),
}

impl Client {
    /// Checks a client's options once, and gives them as the list that later calls read.
    pub fn settle(options: &JsValue) -> Result<JsValue, JsValue> {
        let values = Values::read(options, Known::CLIENT)?;
        let client = Self::new(&values)?;
        if let Some(pace) = client.pace {
            // A copy, so that later changes to the caller's object change nothing.
            host::put_pace(&values.values, RATE_LIMIT, pace.requests, pace.window);
        }
        // What the environment said, so that no call has to ask it again.
        values.values.set(BASE_URL, client.base.as_str().into());
        if let Token::Text(token) = &client.token {
            values.values.set(TOKEN, token.into());
        }
        Ok(values.values.into())
    }

    /// Reads what [`Self::settle`] gave.
    pub fn settled(values: &JsValue) -> Result<Self, JsValue> {
        let values = Values {
            names: NAMES,
            values: values.unchecked_ref::<Array>().clone(),
        };
        Self::of(&values, false)
    }

    /// Checks the client's part of `values`.
    pub fn new(values: &Values) -> Result<Self, JsValue> {
        Self::of(values, true)
    }

    /// `environment` tells whether what is not given may be in the environment.
    fn of(values: &Values, environment: bool) -> Result<Self, JsValue> {
        let base = base_url(values)?;
        let token = token(values, environment)?;
        if !matches!(token, Token::None) && !base.is_confidential() {
            let expected =
                "https, since a token is never sent over plain http (loopback hosts excepted)";
            return Err(bad("baseUrl", expected, &base.origin().into()));
        }
        let fetch = match values.function(FETCH)? {
            Some(fetch) => fetch,
            None => global_fetch()?,
        };
        Ok(Self {
            token,
            timeout: values.integer(TIMEOUT, 10_000, options::timeout)?,
            max_retries: values.integer(MAX_RETRIES, 2, options::max_retries)?,
            fetch,
            pace: pace(values)?,
            on_event: values.function(ON_EVENT)?,
            on_invalid: values.function(ON_INVALID)?,
            lane: turn::lane(base.origin()),
            base,
        })
    }
}

fn base_url(values: &Values) -> Result<BaseUrl, JsValue> {
    let mut name = "baseUrl";
    let mut value = values.values.get(BASE_URL);
    if value.is_undefined() {
        name = "COMFYCONTROL_BASE_URL";
        value = host::environment(name);
    }
    let text = match given(&value) {
        Given::Absent => DEFAULT_BASE_URL.to_owned(),
        Given::Text(text) => text,
        _ => return Err(bad(name, "a string", &value)),
    };
    let origin = if text.starts_with('/') {
        host::page_origin().as_string()
    } else {
        None
    };
    BaseUrl::parse(&text, origin.as_deref()).map_err(|expected| bad(name, expected, &value))
}

fn token(values: &Values, environment: bool) -> Result<Token, JsValue> {
    let mut name = "token";
    let mut value = values.values.get(TOKEN);
    if environment && value.is_undefined() {
        name = "COMFYCONTROL_TOKEN";
        value = host::environment(name);
    }
    match given(&value) {
        Given::Absent => Ok(Token::None),
        Given::Text(token) => checked_token(name, token).map(Token::Text),
        Given::Function => Ok(Token::Ask(value.unchecked_into())),
        _ => Err(secret(name, "a string or a function", &value)),
    }
}

/// A token that a header can carry.
pub fn checked_token(name: &str, token: String) -> Result<String, JsValue> {
    if token.is_empty() {
        return Err(secret(name, "a token", &token.into()));
    }
    match crate::request::check_token(&token) {
        Ok(()) => Ok(token),
        Err(place) => {
            let given = concat(&[
                "one with another character at place ",
                &decimal(place as u64),
            ]);
            let expected = "visible ASCII characters only, which is what a header can carry";
            Err(refused(&Failure::option(name, expected, &given)))
        }
    }
}

fn pace(values: &Values) -> Result<Option<Pace>, JsValue> {
    match values.given(RATE_LIMIT) {
        Given::Absent => Ok(Some(Pace::DOCUMENTED)),
        Given::No => Ok(None),
        Given::Object => {
            let limit = Values::of(
                "requests,windowMs",
                &values.values.get(RATE_LIMIT),
                Known(0b11),
            )?;
            let raw = RateLimitOptions {
                requests: limit.given(0),
                window_ms: limit.given(1),
            };
            let pace = options::pace(&raw).map_err(|(name, expected)| {
                let place = u32::from(name.ends_with("windowMs"));
                bad(name, expected, &limit.values.get(place))
            })?;
            Ok(Some(pace))
        }
        _ => Err(values.bad(RATE_LIMIT, "{ requests, windowMs } or false")),
    }
}

fn global_fetch() -> Result<Function, JsValue> {
    let fetch = host::global_fetch();
    if fetch.is_function() {
        return Ok(fetch.unchecked_into());
    }
    let expected = "a function, since this runtime has no fetch of its own";
    Err(bad("fetch", expected, &fetch))
}

/// What JavaScript passed, as far as the checks tell kinds apart.
pub fn given(value: &JsValue) -> Given {
    match host::kind(value) {
        0 => Given::Absent,
        1 => Given::Number(value.as_f64().unwrap_or_default()),
        2 => Given::Text(value.as_string().unwrap_or_default()),
        3 => Given::No,
        4 => Given::Function,
        5 => Given::Object,
        _ => Given::Other,
    }
}

pub fn bad(name: &str, expected: &str, value: &JsValue) -> JsValue {
    shown(name, expected, value, false)
}

/// As [`bad`], for a value that must not be shown.
pub fn secret(name: &str, expected: &str, value: &JsValue) -> JsValue {
    shown(name, expected, value, true)
}

fn shown(name: &str, expected: &str, value: &JsValue, secret: bool) -> JsValue {
    refused(&Failure::option(
        name,
        expected,
        &host::describe(value, secret),
    ))
}

fn unreadable(problem: &Outcome, names: &'static str, known: Known, options: &JsValue) -> JsValue {
    let name = problem.get(2).as_string().unwrap_or_default();
    if problem.length() == 0 {
        bad("options", "an object", options)
    } else if problem.ending() == host::FAILED {
        let failure = Failure::option(&name, "a value", "a getter that throws");
        error(&failure, problem)
    } else {
        let mut list = Vec::new();
        for (place, name) in names.split(',').enumerate() {
            if known.0 >> place & 1 == 1 {
                list.push(name);
            }
        }
        refused(&Failure::unknown_option(
            &name,
            options::meant(&name, &list),
            &list,
        ))
    }
}
