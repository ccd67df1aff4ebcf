//! Reads and checks an options object. Each value is read once. The first value that is wrong becomes the
//! error.

use std::cell::RefCell;

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::AbortSignal;

use super::cancellation::is_abort_signal;
use super::error::{caused, unexpected};
use super::host::{self, OptionProblem};
use crate::error::Failure;
use crate::options::{self as rules, NumberRule};
use crate::text::concat;

/// The options that a caller passed. The getters below treat a wrong value as not given, and note the
/// error; [`checked`](Self::checked) returns the first one.
pub struct Given {
    names: &'static [&'static str],
    /// In the order of `names`; `None` if the caller passed no options.
    values: Option<Array>,
    /// Precedes the names in messages.
    prefix: &'static str,
    /// The error for the first wrong value.
    error: Option<JsValue>,
}

impl Given {
    /// Reads the options with these names. Refuses anything but an object, and an object with other names.
    pub fn read(options: &JsValue, names: &'static [&'static str]) -> Result<Self, JsValue> {
        let values = if options.is_undefined() {
            None
        } else if options.is_object() && host::is_array(options) == Ok(false) {
            let values = host::read_options(options, &js_names(names));
            Some(values.map_err(|problem| unreadable(&problem, names))?)
        } else {
            return Err(unexpected("options", "an object", options));
        };
        Ok(Self {
            names,
            values,
            prefix: "",
            error: None,
        })
    }

    /// The same for the members of an option: `prefix` precedes their names in messages.
    pub fn named(self, prefix: &'static str) -> Self {
        Self { prefix, ..self }
    }

    /// Returns `options`, or the error of the first wrong value.
    pub fn checked<T>(self, options: T) -> Result<T, JsValue> {
        match self.error {
            None => Ok(options),
            Some(error) => Err(error),
        }
    }

    /// The value of an option; `None` if it is not given.
    pub fn value(&self, name: &str) -> Option<JsValue> {
        let index = self.names.iter().position(|known| *known == name)?;
        let value = self.values.as_ref()?.get(index as u32);
        (!value.is_undefined()).then_some(value)
    }

    /// A copy of the given options. It has no prototype, because a setter on `Object.prototype` would
    /// take what is assigned.
    pub fn to_object(&self) -> JsValue {
        let object = Object::create(JsValue::NULL.unchecked_ref::<Object>());
        for name in self.names {
            if let Some(value) = self.value(name) {
                // Such an object takes every member.
                let _ = Reflect::set(&object, &JsValue::from_str(name), &value);
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
        name: &str,
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

    pub fn number(&mut self, name: &str, rule: &NumberRule) -> u32 {
        let number = self.optional_number(name, rule).or(rule.default);
        number.unwrap_or_else(|| {
            self.note_unexpected(name, &rule.expected(), &JsValue::UNDEFINED);
            0
        })
    }

    pub fn optional_number(&mut self, name: &str, rule: &NumberRule) -> Option<u32> {
        let value = self.value(name)?;
        let number = value.as_f64().and_then(|number| rule.check(number));
        if number.is_none() {
            self.note_unexpected(name, &rule.expected(), &value);
        }
        number
    }

    /// `false` is the default.
    pub fn boolean(&mut self, name: &str) -> bool {
        self.optional_boolean(name).unwrap_or_default()
    }

    pub fn optional_boolean(&mut self, name: &str) -> Option<bool> {
        let is_boolean = |value: &JsValue| value.as_bool().is_some();
        self.option(name, "a boolean", is_boolean)?.as_bool()
    }

    pub fn string(&mut self, name: &str, expected: &str) -> Option<String> {
        self.option(name, expected, JsValue::is_string)?.as_string()
    }

    pub fn function(&mut self, name: &str) -> Option<Function> {
        let value = self.option(name, "a function", JsValue::is_function);
        value.map(JsCast::unchecked_into)
    }

    pub fn signal(&mut self, name: &str) -> Option<AbortSignal> {
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

/// The names as a JavaScript array, cached for each list.
fn js_names(names: &'static [&'static str]) -> Array {
    thread_local! {
        static MADE: RefCell<Vec<(&'static [&'static str], Array)>> = const { RefCell::new(Vec::new()) };
    }
    MADE.with_borrow_mut(|made| {
        if let Some((_, array)) = made.iter().find(|(known, _)| std::ptr::eq(*known, names)) {
            return array.clone();
        }
        let array: Array = names.iter().map(|name| JsValue::from_str(name)).collect();
        made.push((names, array.clone()));
        array
    })
}
