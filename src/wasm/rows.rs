//! Checked bytes → plain objects.

use comfycontrol_decode::{self as decode, Body, Options, Page, Problem};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::page::page_count;

#[wasm_bindgen(module = "/pkg/js/rows.js")]
extern "C" {
    #[wasm_bindgen(js_name = buildPage)]
    fn build_page(bytes: &Uint8Array, columns: &[i32]) -> Array;
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
    Page { page: u32, per_page: u32 },
    Runner,
}

/// A body in WebAssembly memory.
pub fn body(bytes: &Uint8Array) -> Body {
    let mut body = Body::with_len(bytes.length() as usize);
    bytes.copy_to(body.bytes_mut());
    body
}

/// Reads a body, and builds its objects. Gives the problems of runners that were left out, too.
pub fn read(
    bytes: &Uint8Array,
    body: &Body,
    want: Want,
    collect_invalid: bool,
) -> Result<(JsValue, Vec<Problem>), Problem> {
    let options = Options {
        collect_invalid,
        keys: false,
    };
    match want {
        Want::Page { page, per_page } => {
            let read = decode::read_page(body, options)?;
            let count = page_count(read.total, per_page);
            let (total, next) = (read.total as f64, u64::from(page) < count);
            let runners = objects(bytes, &read);
            let page = make_page(&runners, total, page, per_page, count as f64, next);
            Ok((page, read.invalid))
        }
        Want::Runner => {
            let read = decode::read_runner(body, options)?;
            Ok((objects(bytes, &read).get(0), read.invalid))
        }
    }
}

fn objects(bytes: &Uint8Array, page: &Page) -> Array {
    let columns = page.columns.as_slice();
    // SAFETY: the same memory as `i32`, which has the size, alignment and validity of `u32`.
    let columns = unsafe { std::slice::from_raw_parts(columns.as_ptr().cast(), columns.len()) };
    build_page(bytes, columns)
}
