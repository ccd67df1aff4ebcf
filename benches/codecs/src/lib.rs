//! A body's bytes → plain objects, in two ways.

use comfycontrol_decode::{Body, Options, read_page};
use js_sys::{Array, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "rows.js")]
extern "C" {
    #[wasm_bindgen(js_name = buildPage)]
    fn build_page(columns: &[i32]) -> Array;
}

/// As `src/wasm/rows.rs` does it.
#[wasm_bindgen]
pub fn ours(bytes: &Uint8Array) -> Array {
    // SAFETY: all of the bytes are written.
    let body = unsafe {
        Body::filled(bytes.length() as usize, |to| {
            bytes.copy_to_uninit(to);
        })
    };
    let Ok(page) = read_page(&body, Options::default()) else {
        return Array::new();
    };
    let columns = page.columns.as_slice();
    // SAFETY: the same memory as `i32`, which has the size, alignment and validity of `u32`.
    let columns = unsafe { std::slice::from_raw_parts(columns.as_ptr().cast(), columns.len()) };
    build_page(columns)
}

#[derive(Deserialize, Serialize)]
struct Runner {
    id: String,
    name: String,
    runner_type: String,
    status: String,
    tags: Vec<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Deserialize, Serialize)]
struct Page {
    runners: Vec<Runner>,
    total: u64,
}

/// `serde_json`, then `serde-wasm-bindgen`. Checks no UUID and no date-time.
#[wasm_bindgen]
pub fn serde(bytes: &[u8]) -> JsValue {
    let Ok(page) = serde_json::from_slice::<Page>(bytes) else {
        return JsValue::UNDEFINED;
    };
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    page.serialize(&serializer).unwrap_or_default()
}
