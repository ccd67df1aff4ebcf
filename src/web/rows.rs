//! From checked columns to JavaScript's objects.

use comfycontrol_decode::Page;
use js_sys::Array;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::page::page_count;

#[wasm_bindgen(module = "/js/build-page.js")]
extern "C" {
    /// The runners of a page. Objects are built in JavaScript, since one literal gives all of them
    /// the same hidden class: many times as fast as setting members from here.
    #[wasm_bindgen(js_name = buildRunners)]
    fn build_runners(columns: &[i32], ascii: &str, wide: &str) -> Array;
    /// A [`ManagedRunnerPage`] as an object.
    #[wasm_bindgen(js_name = buildPage)]
    fn build_page(
        runners: &Array,
        total: f64,
        page: u32,
        per_page: u32,
        page_count: f64,
        has_next_page: bool,
    ) -> JsValue;
}

/// One page of the list, newest runners first.
#[derive(Clone, Debug, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ManagedRunnerPage {
    /// The runners of this page; empty past the end.
    #[tsify(type = "ManagedRunner[]")]
    pub runners: Array,
    /// Runners available to the caller's tier over all pages, as the server counted them for this
    /// answer. 0 to 2^53 − 1.
    pub total: f64,
    /// The page asked for, from 1.
    pub page: u32,
    /// The page size asked for, 1 to 100.
    pub per_page: u32,
    /// Pages of this size that `total` runners fill; 0 where there are none.
    pub page_count: f64,
    /// Whether a page follows this one.
    pub has_next_page: bool,
}

impl ManagedRunnerPage {
    pub fn new(answer: &Page, page: u32, per_page: u32) -> Self {
        let count = page_count(answer.total, per_page);
        Self {
            runners: runners(answer),
            total: answer.total as f64,
            page,
            per_page,
            page_count: count as f64,
            has_next_page: u64::from(page) < count,
        }
    }

    pub fn into_js(self) -> JsValue {
        build_page(
            &self.runners,
            self.total,
            self.page,
            self.per_page,
            self.page_count,
            self.has_next_page,
        )
    }
}

/// The runners of an answer.
pub fn runners(answer: &Page) -> Array {
    build_runners(&answer.columns, &answer.ascii, &answer.wide)
}
