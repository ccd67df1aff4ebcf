//! Runners for tests that need no emulator.

use std::sync::atomic::{AtomicU32, Ordering};

use comfycontrol_emulator::runners::Stamp;
use comfycontrol_emulator::{Runner, Runners, generate, timestamp};
use js_sys::TypeError;
use serde::Deserialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::input::{parse, wrong};
use crate::options::checked_count;
use crate::runner::{RunnerOverrides, in_camel_case, to_array, to_object};

/// The seed of `fakeRunner`. It is past every seed that a caller can give.
const SEED: u64 = 1 << 32;

/// The calendar tick of the first `fakeRunner`: 2025-06-12. It is later than the first 20,000
/// generated runners.
const FIRST_TICK: u64 = 20_000;

/// How many times `fakeRunner` was called.
static CALLS: AtomicU32 = AtomicU32::new(0);

/// Which runners `fakeRunners` makes.
#[derive(Default, Deserialize, Tsify)]
#[serde(deny_unknown_fields, default, expecting = "an object with options")]
pub struct FakeRunnersOptions {
    /// The same seed gives the same runners everywhere. Default 0.
    pub seed: Option<u32>,
}

/// The next fake runner, newer than the one before. `overrides` replace generated members.
#[wasm_bindgen(js_name = fakeRunner, skip_typescript)]
pub fn fake_runner(overrides: &str) -> Result<JsValue, TypeError> {
    const NAME: &str = "fakeRunner";
    let overrides: RunnerOverrides = parse(NAME, overrides)?;
    let index = u64::from(CALLS.fetch_add(1, Ordering::Relaxed));
    let created_at = timestamp::calendar(FIRST_TICK + index, 0);
    let fake = Runner {
        updated_at: created_at.clone(),
        created_at,
        ..generate::runner(SEED, index)
    };
    let mut fields = match serde_json::to_value(fake) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => unreachable!("a runner is a JSON object"),
    };
    fields.extend(overrides.into_fields());
    let mut runners = Runners::empty(SEED);
    let id = runners
        .add(fields, Stamp::NextTick)
        .map_err(|message| wrong(NAME, &in_camel_case(&message)))?;
    Ok(runners.get(&id).map_or(JsValue::NULL, to_object))
}

/// Generated active runners, newest first.
#[wasm_bindgen(js_name = fakeRunners, skip_typescript)]
pub fn fake_runners(count: &str, options: &str) -> Result<JsValue, TypeError> {
    const NAME: &str = "fakeRunners: count";
    let count = checked_count(NAME, parse(NAME, count)?)?;
    let options: FakeRunnersOptions = parse("fakeRunners", options)?;
    let seed = options.seed.unwrap_or_default().into();
    let runners: Vec<Runner> = (0..count as u64)
        .rev()
        .map(|index| generate::runner(seed, index))
        .collect();
    Ok(to_array(&runners))
}
