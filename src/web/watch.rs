//! Watching: reads the list again and again, and reports what changed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Promise, Reflect};
use tsify::Tsify;
use wasm_bindgen::{JsCast, prelude::*};

use super::cancellation::{Cancellation, check_aborted};
use super::client::Client;
use super::error::{object, unexpected};
use super::host::{self, is_array};
use super::options::WatchOptions;
use super::paging::{ListReader, Rows};
use super::promise::promise;
use super::trap::{self, TrapPoint};
use crate::changes::{Changed, Changes, RunnerField};
use crate::options as rules;
use crate::watch::next_wait_ms;

/// A list that was read, and what changed in it.
#[derive(Tsify)]
pub struct ListChange {
    /// The list as it is now. In the first item, `added`, `removed` and `changed` are empty.
    #[tsify(type = "ManagedRunner[]")]
    pub runners: Array,
    /// Runners that were not in the list before.
    #[tsify(type = "ManagedRunner[]")]
    pub added: Array,
    /// Runners that are no longer in the list.
    #[tsify(type = "ManagedRunner[]")]
    pub removed: Array,
    /// Runners whose values changed.
    #[tsify(type = "ChangedRunner[]")]
    pub changed: Array,
    /// Only an item of a failed reading has `error`.
    #[tsify(optional, type = "undefined")]
    #[expect(dead_code, reason = "tells the items apart in TypeScript")]
    pub error: (),
}

/// A runner whose values changed.
#[derive(Tsify)]
pub struct ChangedRunner {
    /// As it is now.
    #[tsify(type = "ManagedRunner")]
    pub runner: JsValue,
    /// As it was before.
    #[tsify(type = "ManagedRunner")]
    pub previous: JsValue,
    /// The names of the changed members.
    #[tsify(type = "RunnerField[]")]
    pub fields: Array,
}

/// The item of a reading that failed.
#[derive(Tsify)]
pub struct ListFailure {
    /// Why the list could not be read.
    #[tsify(type = "ComfyControlError")]
    pub error: JsValue,
    /// The list of the last successful reading; empty if there was none.
    #[tsify(type = "ManagedRunner[]")]
    pub runners: Array,
    /// Never there: the list was not read.
    #[tsify(optional, type = "undefined")]
    #[expect(dead_code, reason = "tells the items apart in TypeScript")]
    pub added: (),
    /// Never there: the list was not read.
    #[tsify(optional, type = "undefined")]
    #[expect(dead_code, reason = "tells the items apart in TypeScript")]
    pub removed: (),
    /// Never there: the list was not read.
    #[tsify(optional, type = "undefined")]
    #[expect(dead_code, reason = "tells the items apart in TypeScript")]
    pub changed: (),
}

/// An item of `watchManagedRunners`: a list with its changes, or a failed reading, which has `error`.
#[derive(Tsify)]
#[serde(untagged)]
pub enum ManagedRunnerChange {
    Read(ListChange),
    Failed(ListFailure),
}

impl ManagedRunnerChange {
    fn to_js(&self) -> JsValue {
        match self {
            Self::Read(change) => object(&[
                ("runners", &change.runners),
                ("added", &change.added),
                ("removed", &change.removed),
                ("changed", &change.changed),
            ]),
            Self::Failed(failure) => {
                object(&[("error", &failure.error), ("runners", &failure.runners)])
            }
        }
    }
}

struct WatchState {
    /// The list of the last successful reading.
    last: Option<Rows>,
    /// Failed readings in a row.
    errors: u32,
    wait_ms: f64,
    /// The wait until the next reading, while it lasts.
    pause: Option<Cancellation>,
    reader: Option<Rc<ListReader>>,
    /// `refresh` was called while a reading was under way.
    reads_again: bool,
    is_stopped: bool,
}

struct Watching {
    client: Rc<Client>,
    options: WatchOptions,
    /// Milliseconds between two readings.
    interval: Cell<u32>,
    cancellation: Cancellation,
    state: RefCell<WatchState>,
}

impl Watching {
    /// The next item; `None` once the watch was stopped or aborted.
    async fn next(&self) -> Option<ManagedRunnerChange> {
        loop {
            trap::point(TrapPoint::Watch);
            self.pause().await;
            if self.is_over() {
                return None;
            }
            trap::point(TrapPoint::Watch);
            let result = self.read().await;
            if self.is_over() {
                return None;
            }
            if let Some(change) = self.record(result) {
                return Some(change);
            }
        }
    }

    /// Waits until the next reading is due.
    async fn pause(&self) {
        let (wait_ms, signal) = {
            let mut state = self.state.borrow_mut();
            let pause = Cancellation::new(Some(&self.cancellation.signal()));
            let signal = pause.signal();
            state.pause = Some(pause);
            let is_now = std::mem::take(&mut state.reads_again);
            (if is_now { 0.0 } else { state.wait_ms }, signal)
        };
        let _ = if self.options.background {
            host::sleep(wait_ms, Some(&signal)).await
        } else {
            host::sleep_until_visible(wait_ms, Some(&signal)).await
        };
        if let Some(pause) = self.state.borrow_mut().pause.take() {
            pause.release();
        }
    }

    /// Ends the wait for the next reading. If a reading is under way, another one follows at once.
    fn refresh(&self) {
        let mut state = self.state.borrow_mut();
        match &state.pause {
            Some(pause) => pause.cancel(),
            None => state.reads_again = true,
        }
    }

    fn is_over(&self) -> bool {
        let signal = self.options.request.signal.as_ref();
        self.state.borrow().is_stopped || check_aborted(signal).is_err()
    }

    /// Reads the whole list.
    async fn read(&self) -> Result<Rows, JsValue> {
        let reader = ListReader::new(self.client.clone(), self.options.reading());
        self.state.borrow_mut().reader = Some(reader.clone());
        let mut list = Rows::default();
        while let Some(rows) = reader.next().await? {
            reader.consumed(rows.objects.length());
            reader.proceed();
            list.objects = list.objects.concat(&rows.objects);
            list.ids.extend(rows.ids);
        }
        Ok(list)
    }

    /// The item for a reading's result, if the list changed or could not be read. Also decides when to
    /// read next.
    fn record(&self, result: Result<Rows, JsValue>) -> Option<ManagedRunnerChange> {
        let mut state = self.state.borrow_mut();
        state.reader = None;
        let mut pause_ms = 0.0;
        let change = match result {
            Ok(list) => {
                state.errors = 0;
                let every_reading = self.options.every_reading;
                replace_list(&mut state.last, list, every_reading).map(ManagedRunnerChange::Read)
            }
            Err(error) => {
                state.errors += 1;
                let retry_at = Reflect::get(&error, &"retryAt".into()).unwrap_or_default();
                pause_ms = retry_at.as_f64().map_or(0.0, |time| time - host::epoch());
                let runners = state.last.as_ref().map(|last| copy(&last.objects));
                Some(ManagedRunnerChange::Failed(ListFailure {
                    error,
                    runners: runners.unwrap_or_default(),
                    added: (),
                    removed: (),
                    changed: (),
                }))
            }
        };
        let random = js_sys::Math::random();
        state.wait_ms = next_wait_ms(self.interval.get(), state.errors, random, pause_ms);
        change
    }

    fn stop(&self) {
        let mut state = self.state.borrow_mut();
        state.is_stopped = true;
        if let Some(reader) = state.reader.take() {
            reader.stop();
        }
        self.cancellation.cancel();
        self.cancellation.release();
    }
}

/// Replaces the last list, and returns what changed. Returns `None` if nothing changed, except with
/// `every_reading`. Unchanged runners keep their objects.
fn replace_list(last: &mut Option<Rows>, list: Rows, every_reading: bool) -> Option<ListChange> {
    let none = Rows::default();
    let previous = last.as_ref().unwrap_or(&none);
    let changes = Changes::between(&previous.ids, &list.ids, |old, new| {
        differing(&previous.objects.get(old), &list.objects.get(new))
    });
    let is_first = last.is_none();
    for (index, old) in &changes.unchanged {
        list.objects.set(*index, previous.objects.get(*old));
    }
    let pick = |objects: &Array, indexes: &[u32]| -> Array {
        indexes.iter().map(|index| objects.get(*index)).collect()
    };
    let change = (is_first || every_reading || !changes.is_empty()).then(|| ListChange {
        runners: copy(&list.objects),
        added: if is_first {
            Array::new()
        } else {
            pick(&list.objects, &changes.added)
        },
        removed: pick(&previous.objects, &changes.removed),
        changed: (changes.changed.iter())
            .map(|changed| changed_runner(changed, &list.objects, &previous.objects))
            .collect(),
        error: (),
    });
    *last = Some(list);
    change
}

/// A copy of a list, because callers may change what they get.
fn copy(list: &Array) -> Array {
    Array::new().concat(list)
}

/// The members that differ. The caller has the old object, and may have changed it in any way.
fn differing(old: &JsValue, new: &JsValue) -> Vec<RunnerField> {
    let member = |runner: &JsValue, field: RunnerField| {
        Reflect::get(runner, &JsValue::from_str(field.as_str())).unwrap_or_default()
    };
    let is_same = |field: &RunnerField| {
        let (old, new) = (member(old, *field), member(new, *field));
        match field {
            RunnerField::Tags => is_same_array(&old, &new),
            _ => old == new,
        }
    };
    let mut fields = RunnerField::ALL.to_vec();
    fields.retain(|field| !is_same(field));
    fields
}

fn is_same_array(old: &JsValue, new: &JsValue) -> bool {
    if is_array(old) != Ok(true) {
        return false;
    }
    let [old, new]: [&Array; 2] = [old, new].map(JsCast::unchecked_ref);
    old.length() == new.length() && (0..new.length()).all(|index| old.get(index) == new.get(index))
}

fn changed_runner(changed: &Changed, list: &Array, previous: &Array) -> JsValue {
    let fields = changed
        .fields
        .iter()
        .map(|field| JsValue::from_str(field.as_str()));
    let changed = ChangedRunner {
        runner: list.get(changed.index),
        previous: previous.get(changed.previous),
        fields: fields.collect(),
    };
    object(&[
        ("runner", &changed.runner),
        ("previous", &changed.previous),
        ("fields", &changed.fields),
    ])
}

/// A watch. `js/async-iterator.js` iterates over it.
#[wasm_bindgen(skip_typescript)]
pub struct Watch {
    watching: Rc<Watching>,
}

impl Watch {
    pub fn new(client: Rc<Client>, options: WatchOptions) -> Self {
        Self {
            watching: Rc::new(Watching {
                client,
                cancellation: Cancellation::new(options.request.signal.as_ref()),
                interval: Cell::new(options.interval),
                options,
                state: RefCell::new(WatchState {
                    last: None,
                    errors: 0,
                    wait_ms: 0.0,
                    pause: None,
                    reader: None,
                    reads_again: false,
                    is_stopped: false,
                }),
            }),
        }
    }
}

#[wasm_bindgen]
impl Watch {
    /// The next item; `undefined` once the watch is over.
    #[wasm_bindgen(js_name = nextChange)]
    pub fn next_change(&self) -> Promise {
        let watching = self.watching.clone();
        promise(Ok(Box::pin(async move {
            let change = watching.next().await;
            Ok(change.map_or(JsValue::UNDEFINED, |change| change.to_js()))
        })))
    }

    /// Reads the list now, or once more if a reading is under way.
    pub fn refresh(&self) {
        self.watching.refresh();
    }

    /// Milliseconds between two readings.
    #[wasm_bindgen(getter)]
    pub fn interval(&self) -> u32 {
        self.watching.interval.get()
    }

    /// Sets the interval of later waits. Throws `invalid_options` if it is not from 1000 to 86400000.
    #[wasm_bindgen(setter)]
    pub fn set_interval(&self, ms: &JsValue) -> Result<(), JsValue> {
        let interval = ms.as_f64().and_then(|ms| rules::INTERVAL.check(ms));
        let interval =
            interval.ok_or_else(|| unexpected("interval", &rules::INTERVAL.expected(), ms))?;
        self.watching.interval.set(interval);
        Ok(())
    }

    /// Ends the watch, and cancels the requests under way.
    pub fn stop(&self) {
        self.watching.stop();
    }
}
