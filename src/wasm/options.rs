//! From what JavaScript passed to what [`crate::options`] has checked.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, prelude::*};

use super::errors::{Stop, get};
use super::host;
use crate::error::Failure;
use crate::limiter::Pace;
use crate::options::{self, Expected, Given, RateLimitOptions};
use crate::request::{BaseUrl, DEFAULT_BASE_URL};

const CLIENT: &[&str] = &[
    "token",
    "baseUrl",
    "timeout",
    "maxRetries",
    "fetch",
    "rateLimit",
    "onEvent",
    "onInvalidRunner",
];

/// Tables of known names: what a method of a client takes, and the same with all of a client's
/// options, for the free functions.
macro_rules! tables {
    ($($method:ident $free:ident: $($name:literal)*;)*) => { $(
        pub const $method: Table = Table(&["signal", "timeout", "maxRetries", $($name),*]);
        pub const $free: Table = Table(&[
            "signal", $($name,)* "token", "baseUrl", "timeout", "maxRetries", "fetch", "rateLimit",
            "onEvent", "onInvalidRunner",
        ]);
    )* };
}

tables! {
    LIST LIST_FREE: "page" "perPage";
    GET GET_FREE: ;
}

/// The names of the options a call knows.
#[derive(Clone, Copy)]
pub struct Table(&'static [&'static str]);

/// Options as given, each read exactly once.
pub struct Values {
    names: &'static [&'static str],
    values: Array,
}

impl Values {
    pub fn read(options: &JsValue, table: Table) -> Result<Self, Stop> {
        let names = table.0;
        let js: Array = names.iter().map(|name| JsValue::from_str(name)).collect();
        match host::snapshot(options, &js) {
            Ok(values) => Ok(Self { names, values }),
            Err(problem) => Err(unreadable(&problem, names, options)),
        }
    }

    fn js(&self, name: &str) -> JsValue {
        match self.names.iter().position(|known| *known == name) {
            Some(place) => self.values.get(place as u32),
            None => JsValue::UNDEFINED,
        }
    }

    /// One option through its check.
    pub fn check<T>(
        &self,
        name: &str,
        check: impl Fn(&Given) -> Result<T, Expected>,
    ) -> Result<T, Stop> {
        let value = self.js(name);
        check(&given(&value)).map_err(|expected| bad(name, expected, &value))
    }

    /// A function, or nothing.
    fn function(&self, name: &str) -> Result<Option<Function>, Stop> {
        let value = self.js(name);
        match given(&value) {
            Given::Absent => Ok(None),
            Given::Function => Ok(Some(value.unchecked_into())),
            _ => Err(bad(name, "a function", &value)),
        }
    }

    /// The caller's signal: `undefined`, or something that has what an `AbortSignal` has.
    pub fn signal(&self) -> Result<JsValue, Stop> {
        let value = self.js("signal");
        let fits = value.is_undefined()
            || (value.is_object()
                && get(&value, "aborted").as_bool().is_some()
                && get(&value, "addEventListener").is_function());
        if !fits {
            return Err(bad("signal", "an AbortSignal", &value));
        }
        Ok(value)
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
}

/// Where the token comes from.
pub enum Token {
    None,
    Text(String),
    Ask(Function),
}

impl Client {
    /// Checks a client's options once, and gives them as the frozen list that later calls read.
    pub fn settle(options: &JsValue) -> Result<Array, Stop> {
        let values = Values::read(options, Table(CLIENT))?;
        let client = Self::new(&values)?;
        copy_pace(&values.values, client.pace);
        Ok(values.values)
    }

    /// Reads what [`Self::settle`] gave.
    pub fn settled(values: &Array) -> Result<Self, Stop> {
        Self::new(&Values {
            names: CLIENT,
            values: values.clone(),
        })
    }

    /// Checks the client's part of `values`.
    pub fn new(values: &Values) -> Result<Self, Stop> {
        let base = base_url(values)?;
        let token = token(values)?;
        if !matches!(token, Token::None) && !base.is_confidential() {
            let expected =
                "https, since a token is never sent over plain http (loopback hosts excepted)";
            return Err(bad("baseUrl", expected, &base.origin().into()));
        }
        let fetch = match values.function("fetch")? {
            Some(fetch) => fetch,
            None => global_fetch()?,
        };
        Ok(Self {
            base,
            token,
            timeout: values.check("timeout", |given| options::timeout(given, 10_000))?,
            max_retries: values.check("maxRetries", |given| options::max_retries(given, 2))?,
            fetch,
            pace: pace(values)?,
            on_event: values.function("onEvent")?,
            on_invalid: values.function("onInvalidRunner")?,
        })
    }
}

fn base_url(values: &Values) -> Result<BaseUrl, Stop> {
    let mut name = "baseUrl";
    let mut value = values.js(name);
    if value.is_undefined() {
        name = "COMFYCONTROL_BASE_URL";
        value = host::environment(name).map_or_else(|| DEFAULT_BASE_URL.into(), JsValue::from);
    }
    let Given::Text(text) = given(&value) else {
        return Err(bad(name, "a string", &value));
    };
    BaseUrl::parse(&text, host::page_origin().as_deref())
        .map_err(|expected| bad(name, expected, &value))
}

fn token(values: &Values) -> Result<Token, Stop> {
    let value = values.js("token");
    match given(&value) {
        Given::Absent => match host::environment("COMFYCONTROL_TOKEN") {
            Some(token) => checked_token("COMFYCONTROL_TOKEN", token).map(Token::Text),
            None => Ok(Token::None),
        },
        Given::Text(token) => checked_token("token", token).map(Token::Text),
        Given::Function => Ok(Token::Ask(value.unchecked_into())),
        _ => Err(secret("token", "a string or a function", &value)),
    }
}

/// A token that a header can carry.
pub fn checked_token(name: &str, token: String) -> Result<String, Stop> {
    if token.is_empty() {
        return Err(secret(name, "a token", &token.into()));
    }
    match crate::request::check_token(&token) {
        Ok(()) => Ok(token),
        Err(place) => {
            let given = [
                "one with another character at place ",
                &crate::error::decimal(place as u64),
            ]
            .concat();
            let expected = "visible ASCII characters only, which is what a header can carry";
            Err(Failure::option(name, expected, &given).into())
        }
    }
}

fn pace(values: &Values) -> Result<Option<Pace>, Stop> {
    let value = values.js("rateLimit");
    match given(&value) {
        Given::Absent => Ok(Some(Pace::DOCUMENTED)),
        Given::No => Ok(None),
        Given::Object => {
            let limit = Values::read(&value, Table(&["requests", "windowMs"]))?;
            let raw = RateLimitOptions {
                requests: given(&limit.js("requests")),
                window_ms: given(&limit.js("windowMs")),
            };
            let pace = options::pace(&raw).map_err(|(name, expected)| {
                bad(name, expected, &limit.js(&name["rateLimit.".len()..]))
            })?;
            Ok(Some(pace))
        }
        _ => Err(bad("rateLimit", "{ requests, windowMs } or false", &value)),
    }
}

fn global_fetch() -> Result<Function, Stop> {
    let fetch = get(&js_sys::global(), "fetch");
    fetch.dyn_into().map_err(|value| {
        bad(
            "fetch",
            "a function, since this runtime has no fetch of its own",
            &value,
        )
    })
}

/// What JavaScript passed, as far as the checks tell kinds apart.
pub fn given(value: &JsValue) -> Given {
    if value.is_undefined() {
        Given::Absent
    } else if let Some(number) = value.as_f64() {
        Given::Number(number)
    } else if let Some(text) = value.as_string() {
        Given::Text(text)
    } else if value.is_function() {
        Given::Function
    } else if value.is_object() && !Array::is_array(value) {
        Given::Object
    } else if value.as_bool() == Some(false) {
        Given::No
    } else {
        Given::Other
    }
}

pub fn bad(name: &str, expected: &str, value: &JsValue) -> Stop {
    Failure::option(name, expected, &host::describe(value, false)).into()
}

/// As [`bad`], for a value that must not be shown.
pub fn secret(name: &str, expected: &str, value: &JsValue) -> Stop {
    Failure::option(name, expected, &host::describe(value, true)).into()
}

fn unreadable(problem: &Array, names: &[&str], options: &JsValue) -> Stop {
    let name = problem.get(0).as_string().unwrap_or_default();
    match problem.length() {
        0 => bad("options", "an object", options),
        1 => Failure::unknown_option(&name, options::meant(&name, names), names).into(),
        _ => {
            let failure = Failure::option(&name, "a value", "a getter that throws");
            Stop::Failed(failure, Some(problem.get(1)))
        }
    }
}

/// A frozen copy of `rateLimit`, so that later changes to the caller's object change nothing.
fn copy_pace(values: &Array, pace: Option<Pace>) {
    let Some(pace) = pace else { return };
    let copy = js_sys::Object::new();
    let _ = Reflect::set(&copy, &"requests".into(), &pace.requests.into());
    let _ = Reflect::set(&copy, &"windowMs".into(), &pace.window.into());
    let place = CLIENT.iter().position(|name| *name == "rateLimit");
    values.set(place.unwrap_or_default() as u32, copy.into());
}
