//! A body's bytes → plain objects, in two ways.

use comfycontrol_decode::{Body, Options, read_page};
use js_sys::{Array, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "build-page.js")]
extern "C" {
    #[wasm_bindgen(js_name = buildRunners)]
    fn build_runners(columns: &[i32], ascii: &str, wide: &str) -> Array;
}

/// As the package does it.
#[wasm_bindgen]
pub fn ours(bytes: &Uint8Array) -> Array {
    let mut body = Body::with_len(bytes.length() as usize);
    bytes.copy_to(body.bytes_mut());
    let Ok(page) = read_page(&body, Options::default()) else {
        return Array::new();
    };
    build_runners(&page.columns, &page.ascii, &page.wide)
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
