//! Drives watching: when to read the list, and what to tell of it.

use std::cell::RefCell;

use js_sys::{Array, Map, Object, Reflect};
use wasm_bindgen::{JsCast, prelude::*};

use super::errors::get;
use super::host::{self, Pause};
use super::iterate::Iteration;
use super::options::{self, Known, Values};
use super::rows::changed_fields;
use super::trap::{self, Place};
use crate::options as check;
use crate::watch::{DEFAULT_INTERVAL, Fate, Fields, Poll, Schedule, diff};

/// A list that is watched.
#[wasm_bindgen(skip_typescript)]
pub struct Watching {
    settings: JsValue,
    values: Values,
    schedule: RefCell<Schedule>,
    pause: Pause,
    signal: JsValue,
    /// The last good list, and the place of each id in it.
    last: RefCell<Option<(Array, Map)>>,
}

impl Watching {
    pub fn new(settings: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        let values = Values::read(options, Known::WATCH)?;
        let interval = values.integer(options::INTERVAL, DEFAULT_INTERVAL, check::interval)?;
        let signal = values.signal()?;
        // The options of its readings are checked now, too.
        Iteration::of(settings, &values, 1)?;
        Ok(Self {
            settings: settings.clone(),
            values,
            schedule: RefCell::new(Schedule::new(interval)),
            pause: Pause::new(&signal),
            signal,
            last: RefCell::default(),
        })
    }
}

#[wasm_bindgen]
impl Watching {
    /// What to do now: an [`Iteration`] to read the list with, or a promise to wait for before
    /// asking again.
    pub fn poll(&self, visible: bool) -> JsValue {
        trap::point(Place::Watch);
        let now = host::now();
        let mut schedule = self.schedule.borrow_mut();
        let wait = match schedule.poll(now, visible) {
            Poll::Now => {
                schedule.started();
                // Its options were checked before; where the environment has changed since, the
                // reading fails with the reason.
                return Iteration::of(&self.settings, &self.values, 1)
                    .map_or_else(|error| error, JsValue::from);
            }
            Poll::At(time) => (time - now).ceil(),
            Poll::Hidden | Poll::UnderWay => f64::INFINITY,
        };
        self.pause.wait(wait).into()
    }

    /// Ends the wait that [`poll`](Self::poll) gave.
    pub fn wake(&self) {
        self.pause.end();
    }

    /// Whether the caller's signal ended it.
    pub fn aborted(&self) -> bool {
        get(&self.signal, "aborted").is_truthy()
    }

    /// The list was read: what to tell, or `undefined`.
    pub fn succeeded(&self, rows: Array) -> JsValue {
        (self.schedule.borrow_mut()).succeeded(host::now(), js_sys::Math::random());
        let places = Map::new();
        for place in 0..rows.length() {
            places.set(&get(&rows.get(place), "id"), &place.into());
        }
        let old = self.last.replace(Some((rows.clone(), places)));
        let first = old.is_none();
        let (old_rows, old_places) = old.unwrap_or_default();
        let find = |place| {
            let found = old_places.get(&get(&rows.get(place), "id"));
            found.as_f64().map(|old| old as u32)
        };
        let diff = diff(old_rows.length(), rows.length(), find, |old, new| {
            Fields(changed_fields(&old_rows.get(old), &rows.get(new)))
        });
        let (added, removed, changed) = (Array::new(), Array::new(), Array::new());
        for (place, fate) in (0..).zip(&diff.fates) {
            match *fate {
                // The object that is known already, so that nobody has to compare again.
                Fate::Same(old) => rows.set(place, old_rows.get(old)),
                Fate::Added => _ = added.push(&rows.get(place)),
                Fate::Changed(old, fields) => {
                    let names: Array = fields.names().map(JsValue::from_str).collect();
                    let before = old_rows.get(old);
                    changed.push(&object(&[
                        ("runner", rows.get(place)),
                        ("previous", before),
                        ("fields", names.into()),
                    ]));
                }
            }
        }
        for old in &diff.removed {
            removed.push(&old_rows.get(*old));
        }
        if diff.is_empty() && !first {
            return JsValue::UNDEFINED;
        }
        // The caller may change its own list.
        let runners = rows.slice(0, rows.length());
        let added = if first { Array::new() } else { added };
        object(&[
            ("runners", runners.into()),
            ("added", added.into()),
            ("removed", removed.into()),
            ("changed", changed.into()),
        ])
    }

    /// The list could not be read: what to tell.
    pub fn failed(&self, error: JsValue) -> JsValue {
        let retry_at = get(&error, "retryAt").as_f64();
        let retry_at = retry_at.map(|at| at - host::epoch() + host::now());
        (self.schedule.borrow_mut()).failed(host::now(), js_sys::Math::random(), retry_at);
        let last = self.last.borrow();
        let runners = match &*last {
            Some((rows, _)) => rows.slice(0, rows.length()),
            None => Array::new(),
        };
        object(&[("error", error), ("runners", runners.into())])
    }
}

fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in entries {
        // Setting a property of our own plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.unchecked_into()
}
