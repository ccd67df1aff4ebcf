//! Checked bytes → plain objects.

use comfycontrol_decode::{self as decode, Body, Key, Options, Page, Problem};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::page::page_count;

#[wasm_bindgen(module = "/pkg/js/rows.js")]
extern "C" {
    #[wasm_bindgen(js_name = buildPage)]
    fn build_page(columns: &[i32]) -> Array;
    /// Which fields of two runners differ: bits as in [`crate::watch::FIELDS`].
    #[wasm_bindgen(js_name = changedFields)]
    pub fn changed_fields(old: &JsValue, new: &JsValue) -> u8;
    #[wasm_bindgen(js_name = makePage)]
    fn make_page(
        runners: &Array,
        total: f64,
        page: u32,
        per_page: u32,
        count: f64,
        next: bool,
    ) -> JsValue;
}

/// What the answer should hold.
#[derive(Clone, Copy)]
pub enum Want {
    Page {
        page: u32,
        per_page: u32,
    },
    Runner,
    /// The runners of a page, and their keys: see [`Read`].
    Rows,
}

/// What a body held.
pub struct Read {
    /// What was wanted.
    pub value: JsValue,
    /// What is wrong with the runners that were left out.
    pub problems: Vec<Problem>,
    pub total: u64,
    /// One for each runner, for [`Want::Rows`].
    pub keys: Vec<Key>,
}

/// A body in WebAssembly memory.
pub fn body(bytes: &Uint8Array) -> Body {
    let mut body = Body::with_len(bytes.length() as usize);
    bytes.copy_to(body.bytes_mut());
    body
}

/// Reads a body, and builds its objects.
pub fn read(body: &Body, want: Want, collect_invalid: bool) -> Result<Read, Problem> {
    let options = Options {
        collect_invalid,
        keys: matches!(want, Want::Rows),
    };
    let read = match want {
        Want::Runner => decode::read_runner(body, options)?,
        _ => decode::read_page(body, options)?,
    };
    let rows = objects(&read);
    let value = match want {
        Want::Page { page, per_page } => {
            let count = page_count(read.total, per_page);
            let (total, next) = (read.total as f64, u64::from(page) < count);
            make_page(&rows, total, page, per_page, count as f64, next)
        }
        Want::Runner => rows.get(0),
        Want::Rows => rows.into(),
    };
    Ok(Read {
        value,
        problems: read.invalid,
        total: read.total,
        keys: read.keys,
    })
}

fn objects(page: &Page) -> Array {
    let columns = page.columns.as_slice();
    // SAFETY: the same memory as `i32`, which has the size, alignment and validity of `u32`.
    let columns = unsafe { std::slice::from_raw_parts(columns.as_ptr().cast(), columns.len()) };
    build_page(columns)
}
