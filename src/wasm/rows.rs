//! Checked bytes → plain objects.

use std::cell::Cell;

use comfycontrol_decode::{self as decode, Body, Options, Page, Problem};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::Core;
use super::errors;
use super::single::Single;
use super::trap::{self, Place};
use crate::page::page_count;
use crate::response::{is_success, issue};

#[wasm_bindgen(module = "/pkg/js/call.js")]
extern "C" {
    #[wasm_bindgen(js_name = buildPage)]
    fn build_page(columns: &[i32]) -> Array;
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

/// A body in WebAssembly memory.
pub fn body(bytes: &Uint8Array) -> Body {
    // SAFETY: all of the bytes are written.
    unsafe {
        Body::filled(bytes.length() as usize, |to| {
            bytes.copy_to_uninit(to);
        })
    }
}

/// The runners of what was read.
pub fn objects(page: &Page) -> Array {
    let columns = page.columns.as_slice();
    // SAFETY: the same memory as `i32`, which has the size, alignment and validity of `u32`.
    let columns = unsafe { std::slice::from_raw_parts(columns.as_ptr().cast(), columns.len()) };
    build_page(columns)
}

/// What was wrong with the answer that was read last: how many runners were left out, and what made
/// it no result.
static LAST: Single<Cell<(u32, Option<Problem>)>> = Single(Cell::new((0, None)));

/// Reads an answer, a page or a `single` runner. `None` if its status is no good one, or its body.
pub fn read(status: u16, bytes: &Uint8Array, single: bool, options: Options) -> Option<Page> {
    trap::point(Place::Answer);
    LAST.set((0, None));
    if !is_success(status) {
        return None;
    }
    let body = body(bytes);
    let read = if single {
        decode::read_runner(&body, options)
    } else {
        decode::read_page(&body, options)
    };
    match read {
        Ok(page) => {
            LAST.set((page.invalid_count, None));
            Some(page)
        }
        Err(problem) => {
            LAST.set((0, Some(problem)));
            None
        }
    }
}

/// What made the answer that was read last no result.
pub fn problem() -> Option<Problem> {
    LAST.get().1
}

#[wasm_bindgen]
impl Core {
    /// The page that a good answer holds, or `undefined`.
    pub fn page(
        status: u16,
        bytes: &Uint8Array,
        page: u32,
        per_page: u32,
        collect_invalid: bool,
    ) -> JsValue {
        let options = Options {
            collect_invalid,
            keys: false,
        };
        let Some(read) = read(status, bytes, false, options) else {
            return JsValue::UNDEFINED;
        };
        let rows = objects(&read);
        let count = page_count(read.total, per_page);
        let (total, next) = (read.total as f64, u64::from(page) < count);
        make_page(&rows, total, page, per_page, count as f64, next)
    }

    /// The runner that a good answer holds, or `undefined`.
    pub fn runner(status: u16, bytes: &Uint8Array) -> JsValue {
        match read(status, bytes, true, Options::default()) {
            Some(read) => objects(&read).get(0),
            None => JsValue::UNDEFINED,
        }
    }

    /// What is wrong with the runners that were left out of the list that was read last, if any
    /// were. See [`errors::issues`].
    pub fn invalid(bytes: &Uint8Array, token: &str) -> JsValue {
        if LAST.get().0 == 0 {
            return errors::issues(&[]);
        }
        let options = Options {
            collect_invalid: true,
            keys: false,
        };
        let Some(read) = read(200, bytes, false, options) else {
            return errors::issues(&[]);
        };
        let body = body(bytes);
        let mut issues = Vec::new();
        for problem in &read.invalid {
            let mut issue = issue(&body, problem);
            issue.redact(token);
            issues.push(issue);
        }
        errors::issues(&issues)
    }
}
