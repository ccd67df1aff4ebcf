//! The exported class.

use std::time::Duration;

use comfycontrol_emulator::Emulator as Api;
use comfycontrol_emulator::fault::{Fault, Faults};
use comfycontrol_emulator::log::{Outcome, RequestId};
use comfycontrol_emulator::runner::Runner;
use js_sys::TypeError;
use time::OffsetDateTime;
use wasm_bindgen::prelude::*;

use crate::exchange::{Answer, Asked, RecordedRequest};
use crate::input::{parse, wrong};
use crate::options::{Clock, EmulatorOptions};
use crate::runner::{RunnerOverrides, in_camel_case, to_array, to_object};

/// An emulated API in memory.
///
/// `now` is the host's time in milliseconds since 1970. Only a real clock uses it.
#[wasm_bindgen(skip_typescript)]
pub struct Emulator {
    api: Api,
    clock: Clock,
    started: f64,
    /// The elapsed time at the latest call. It never goes back, even if the host's time does.
    elapsed: Duration,
}

#[wasm_bindgen]
impl Emulator {
    /// `options` are `EmulatorOptions` as JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, now: f64) -> Result<Emulator, TypeError> {
        let options: EmulatorOptions = parse("createEmulator", options)?;
        let started_at = options.started_at(date(now))?;
        let api = Api::new(options.settings()?, options.start_runners()?, started_at);
        Ok(Emulator {
            api,
            clock: options.clock.unwrap_or_default(),
            started: now,
            elapsed: Duration::ZERO,
        })
    }

    /// Answers a request. `asked` is an [`Asked`], the result an [`Answer`]. The caller reports the end
    /// of the request with `finished`.
    pub fn handle(&mut self, asked: JsValue, now: f64) -> Result<JsValue, JsError> {
        let asked: Asked = serde_wasm_bindgen::from_value(asked)?;
        let elapsed = self.tick(now);
        let answer = Answer::from(self.api.handle(&asked.into(), elapsed));
        Ok(serde_wasm_bindgen::to_value(&answer)?)
    }

    /// Records how a request ended: an [`Outcome`].
    pub fn finished(&mut self, request: f64, outcome: JsValue) -> Result<(), JsError> {
        let outcome: Outcome = serde_wasm_bindgen::from_value(outcome)?;
        self.api.log.finished(RequestId(request as u64), outcome);
        Ok(())
    }

    /// Adds a runner; `overrides` are `RunnerOverrides` as JSON.
    pub fn add(&mut self, overrides: &str, now: f64) -> Result<JsValue, TypeError> {
        let overrides: RunnerOverrides = parse("add", overrides)?;
        let elapsed = self.tick(now);
        let stamp = self.api.stamp(elapsed);
        let id = self.api.runners.add(overrides.into_fields(), stamp);
        let id = id.map_err(|message| wrong("add", &in_camel_case(&message)))?;
        Ok(self.object(&id))
    }

    /// Removes a runner.
    pub fn remove(&mut self, id: &str) -> Result<JsValue, TypeError> {
        let removed = self.api.runners.remove(id);
        let removed: Runner = removed.map_err(|message| wrong("remove", &message))?;
        Ok(to_object(&removed))
    }

    /// Changes a runner; `overrides` are `RunnerOverrides` as JSON.
    pub fn update(&mut self, id: &str, overrides: &str, now: f64) -> Result<JsValue, TypeError> {
        let overrides: RunnerOverrides = parse("update", overrides)?;
        let id_after = overrides.id.clone().unwrap_or_else(|| id.to_owned());
        let elapsed = self.tick(now);
        let stamp = self.api.stamp(elapsed);
        let updated = self.api.runners.update(id, overrides.into_fields(), stamp);
        updated.map_err(|message| wrong("update", &in_camel_case(&message)))?;
        Ok(self.object(&id_after))
    }

    /// The runners that the list shows, newest first.
    pub fn runners(&self) -> JsValue {
        to_array(self.api.runners.listed(self.api.settings.tier))
    }

    /// Fails the next requests; `fault` is a `Fault` as JSON.
    #[wasm_bindgen(js_name = failNext)]
    pub fn fail_next(&mut self, fault: &str) -> Result<(), TypeError> {
        let fault: Fault = parse("failNext", fault)?;
        let added = self.api.faults.add(fault);
        added.map_err(|message| wrong("failNext", &message))
    }

    /// Drops the failures that still wait for a request.
    #[wasm_bindgen(js_name = clearFailures)]
    pub fn clear_failures(&mut self) {
        self.api.faults = Faults::default();
    }

    /// Moves the clock forward by milliseconds.
    pub fn advance(&mut self, milliseconds: &str) -> Result<(), TypeError> {
        let milliseconds: u64 = parse("clock.advance", milliseconds)?;
        self.api.advance(Duration::from_millis(milliseconds));
        Ok(())
    }

    /// What the clock shows, in milliseconds since 1970.
    pub fn now(&mut self, now: f64) -> f64 {
        let elapsed = self.tick(now);
        let nanoseconds = self.api.date(elapsed).unix_timestamp_nanos();
        (nanoseconds / 1_000_000) as f64
    }

    /// The requests so far, oldest first.
    pub fn requests(&self) -> Result<JsValue, JsValue> {
        let entries = self.api.log.entries().iter();
        let requests: Vec<RecordedRequest> = entries.map(RecordedRequest::from).collect();
        Ok(serde_wasm_bindgen::to_value(&requests)?)
    }

    /// The number of list requests that were answered from the runners.
    #[wasm_bindgen(js_name = listReads)]
    pub fn list_reads(&self) -> f64 {
        self.api.log.list_reads as f64
    }

    /// Goes back to the start. The clock keeps its time.
    pub fn reset(&mut self) {
        self.api.reset(None);
    }
}

impl Emulator {
    /// The time that has elapsed at `now`.
    fn tick(&mut self, now: f64) -> Duration {
        if self.clock == Clock::Real {
            let milliseconds = (now - self.started).max(0.0);
            self.elapsed = self
                .elapsed
                .max(Duration::from_micros((milliseconds * 1000.0) as u64));
        }
        self.elapsed
    }

    fn object(&self, id: &str) -> JsValue {
        self.api.runners.get(id).map_or(JsValue::NULL, to_object)
    }
}

fn date(milliseconds: f64) -> OffsetDateTime {
    let seconds = (milliseconds / 1000.0) as i64;
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
