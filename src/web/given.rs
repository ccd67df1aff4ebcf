//! Reads and checks an options object. Each value is read once. The first value that is wrong becomes the
//! error.
//!
//! One call to JavaScript reads all values: with a call for each value, a free function takes a fifth longer. This one
//! call needs the names of all options in advance. So, once for each kind of options, [`Names`] lets the getters run
//! without values and records the names that they ask for. No list repeats the names.

use std::rc::Rc;
use std::thread::LocalKey;

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::AbortSignal;

use super::cancellation::is_abort_signal;
use super::error::{caused, unexpected};
use super::host::{self, OptionProblem};
use crate::error::Failure;
use crate::options::{self as rules, NumberRule};
use crate::text::concat;

/// The options of one kind that are known, in the order in which they are read.
pub struct Names {
    names: Vec<&'static str>,
    js_names: Array,
}

impl Names {
    /// The names that `read` asks for. `read` must ask for every option, whatever the values are: any other name is
    /// refused as unknown.
    pub fn asked_by<T>(read: fn(&mut Given) -> T) -> Rc<Self> {
        let mut given = Given::from(Source::Recorder(Vec::new()));
        read(&mut given);
        Rc::new(given.into_names())
    }
}

/// The options that a caller passed. The getters below treat a wrong value as not given, and note the
/// error; [`checked`](Self::checked) returns the first one.
pub struct Given {
    source: Source,
    /// Precedes the names in messages.
    prefix: &'static str,
    /// The error for the first wrong value.
    error: Option<JsValue>,
}

enum Source {
    /// The caller passed no options.
    Nothing,
    /// The values, in the order of the names.
    Values(Rc<Names>, Array),
    /// No values: notes the names that getters ask for.
    Recorder(Vec<&'static str>),
}

impl From<Source> for Given {
    fn from(source: Source) -> Self {
        Self {
            source,
            prefix: "",
            error: None,
        }
    }
}

impl Given {
    /// Reads the options with these names. Refuses anything but an object, and an object with other names.
    pub fn read(options: &JsValue, names: &'static LocalKey<Rc<Names>>) -> Result<Self, JsValue> {
        if options.is_undefined() {
            return Ok(Source::Nothing.into());
        }
        // `is_array` fails for a revoked proxy, which cannot be read either.
        if !options.is_object() || host::is_array(options) != Ok(false) {
            return Err(unexpected("options", "an object", options));
        }
        let names = names.with(Rc::clone);
        match host::read_options(options, &names.js_names) {
            Ok(values) => Ok(Source::Values(names, values).into()),
            Err(problem) => Err(unreadable(&problem, &names.names)),
        }
    }

    /// For the members of an option: `prefix` precedes their names in messages.
    pub fn named(self, prefix: &'static str) -> Self {
        Self { prefix, ..self }
    }

    fn into_names(self) -> Names {
        let names = match self.source {
            Source::Recorder(names) => names,
            _ => Vec::new(),
        };
        let js_names = names.iter().map(|name| JsValue::from_str(name)).collect();
        Names { names, js_names }
    }

    /// Returns what `read` makes of the options, or the error of the first wrong value.
    pub fn checked<T>(mut self, read: impl FnOnce(&mut Self) -> T) -> Result<T, JsValue> {
        let options = read(&mut self);
        match self.error {
            None => Ok(options),
            Some(error) => Err(error),
        }
    }

    /// The value of an option; `None` if it is not given.
    pub fn value(&mut self, name: &'static str) -> Option<JsValue> {
        match &mut self.source {
            Source::Nothing => None,
            Source::Values(names, values) => {
                let index = names.names.iter().position(|known| *known == name)?;
                let value = values.get(index as u32);
                (!value.is_undefined()).then_some(value)
            }
            Source::Recorder(names) => {
                if !names.contains(&name) {
                    names.push(name);
                }
                None
            }
        }
    }

    /// A copy of the given options. It has no prototype, because a setter on `Object.prototype` would
    /// take what is assigned.
    pub fn to_object(&self) -> JsValue {
        let object = Object::create(JsValue::NULL.unchecked_ref::<Object>());
        if let Source::Values(names, values) = &self.source {
            for (index, name) in (0..).zip(&names.names) {
                let value = values.get(index);
                if !value.is_undefined() {
                    // Such an object takes every member.
                    let _ = Reflect::set(&object, &JsValue::from_str(name), &value);
                }
            }
        }
        object.into()
    }

    /// Keeps the error, unless there is an earlier one.
    pub fn note(&mut self, error: JsValue) {
        self.error.get_or_insert(error);
    }

    pub fn note_unexpected(&mut self, name: &str, expected: &str, value: &JsValue) {
        self.note(unexpected(&concat(&[self.prefix, name]), expected, value));
    }

    /// The value of an option, if it is given and `is_valid` accepts it.
    pub fn option(
        &mut self,
        name: &'static str,
        expected: &str,
        is_valid: fn(&JsValue) -> bool,
    ) -> Option<JsValue> {
        let value = self.value(name)?;
        if is_valid(&value) {
            return Some(value);
        }
        self.note_unexpected(name, expected, &value);
        None
    }

    pub fn number(&mut self, name: &'static str, rule: &NumberRule) -> u32 {
        let number = self.optional_number(name, rule).or(rule.default);
        number.unwrap_or_else(|| {
            self.note_unexpected(name, &rule.expected(), &JsValue::UNDEFINED);
            0
        })
    }

    pub fn optional_number(&mut self, name: &'static str, rule: &NumberRule) -> Option<u32> {
        let value = self.value(name)?;
        let number = value.as_f64().and_then(|number| rule.check(number));
        if number.is_none() {
            self.note_unexpected(name, &rule.expected(), &value);
        }
        number
    }

    /// `false` is the default.
    pub fn boolean(&mut self, name: &'static str) -> bool {
        self.optional_boolean(name).unwrap_or_default()
    }

    pub fn optional_boolean(&mut self, name: &'static str) -> Option<bool> {
        let is_boolean = |value: &JsValue| value.as_bool().is_some();
        self.option(name, "a boolean", is_boolean)?.as_bool()
    }

    pub fn string(&mut self, name: &'static str, expected: &str) -> Option<String> {
        self.option(name, expected, JsValue::is_string)?.as_string()
    }

    pub fn function(&mut self, name: &'static str) -> Option<Function> {
        let value = self.option(name, "a function", JsValue::is_function);
        value.map(JsCast::unchecked_into)
    }

    pub fn signal(&mut self, name: &'static str) -> Option<AbortSignal> {
        let value = self.option(name, "an AbortSignal", is_abort_signal);
        value.map(JsCast::unchecked_into)
    }
}

/// The error for options that cannot be read.
fn unreadable(problem: &OptionProblem, names: &[&str]) -> JsValue {
    let name = problem.name();
    if problem.is_unknown() {
        let meant = rules::meant(&name, names);
        return Failure::unknown_option(&name, meant, names).into();
    }
    let failure = Failure::option(&name, "a value", "a getter that throws");
    caused(&failure, &problem.cause())
}
