//! Watching: reads the list again and again, and reports what changed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;

use super::cancellation::{Cancellation, check_aborted};
use super::client::Client;
use super::error::{object, unexpected};
use super::host;
use super::list_change::{copy, replace_list};
use super::options::WatchOptions;
use super::paging::{ListReader, Rows};
use super::promise::promise;
use super::trap::{self, TrapPoint};
use crate::options as rules;
use crate::watch::Reading;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A list that was read, and what changed in it. */
export interface ListChange {
    /** The list as it is now. In the first item, `added`, `removed` and `changed` are empty. */
    runners: ManagedRunner[];
    /** Runners that were not in the list before. */
    added: ManagedRunner[];
    /** Runners that are no longer in the list. */
    removed: ManagedRunner[];
    /** Runners whose values changed. */
    changed: ChangedRunner[];
    /** Only an item of a failed reading has `error`. */
    error?: undefined;
}

/** A runner whose values changed. */
export interface ChangedRunner {
    /** As it is now. */
    runner: ManagedRunner;
    /** As it was before. */
    previous: ManagedRunner;
    /** The names of the changed members. */
    fields: RunnerField[];
}

/** The item of a reading that failed. */
export interface ListFailure {
    /** Why the list could not be read. */
    error: ComfyControlError;
    /** The list of the last successful reading; empty if there was none. */
    runners: ManagedRunner[];
    /** Never there: the list was not read. */
    added?: undefined;
    /** Never there: the list was not read. */
    removed?: undefined;
    /** Never there: the list was not read. */
    changed?: undefined;
}

/** An item of `watchManagedRunners`: a list with its changes, or a failed reading, which has `error`. */
export type ManagedRunnerChange = ListChange | ListFailure;
"#;

struct WatchState {
    last_reading: Option<Reading>,
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
    /// Ends every wait, when the watch stops or the caller's signal aborts. Requests follow that signal themselves.
    cancellation: Cancellation,
    /// The list of the last successful reading.
    last: Cell<Option<Rows>>,
    /// Not borrowed while code of the caller may run, which may call the watch: getters of its runners,
    /// members of its signal.
    state: RefCell<WatchState>,
}

impl Watching {
    /// The next item; `None` once the watch was stopped or aborted.
    async fn next(&self) -> Option<JsValue> {
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
            let wait_ms = match state.last_reading {
                Some(reading) if !is_now => reading.wait_ms(self.interval.get(), host::now()),
                _ => 0.0,
            };
            (wait_ms, signal)
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
        let is_aborted = check_aborted(self.options.request.signal.as_ref()).is_err();
        is_aborted || self.state.borrow().is_stopped
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

    /// The item for a reading's result, if the list changed or could not be read.
    fn record(&self, result: Result<Rows, JsValue>) -> Option<JsValue> {
        let ended_at_ms = host::now();
        self.state.borrow_mut().reader = None;
        let mut last = self.last.take();
        // The pause that the server asked for.
        let mut pause_ms = 0.0;
        let is_failed = result.is_err();
        let change = match result {
            Ok(list) => replace_list(&mut last, list, self.options.every_reading),
            Err(error) => {
                let retry_at = Reflect::get(&error, &"retryAt".into()).unwrap_or_default();
                pause_ms = retry_at.as_f64().map_or(0.0, |time| time - host::epoch());
                let runners = last.as_ref().map(|last| copy(&last.objects));
                let runners = runners.unwrap_or_default();
                Some(object(&[("error", &error), ("runners", &runners)]))
            }
        };
        self.last.set(last);
        let mut state = self.state.borrow_mut();
        let errors = state.last_reading.map_or(0, |reading| reading.errors);
        state.last_reading = Some(Reading {
            ended_at_ms,
            errors: if is_failed { errors + 1 } else { 0 },
            pause_ms,
            random: js_sys::Math::random(),
        });
        change
    }

    fn stop(&self) {
        let reader = {
            let mut state = self.state.borrow_mut();
            state.is_stopped = true;
            state.reader.take()
        };
        if let Some(reader) = reader {
            reader.stop();
        }
        self.cancellation.cancel();
        self.cancellation.release();
    }
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
                last: Cell::default(),
                state: RefCell::new(WatchState {
                    last_reading: None,
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
            Ok(watching.next().await.unwrap_or_default())
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
