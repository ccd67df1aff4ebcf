//! Turns checked columns into JavaScript objects.

use comfycontrol_decode::Page;
use js_sys::Array;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::endpoint::Endpoint;
use crate::page::page_count;

#[wasm_bindgen(module = "/js/build-page.js")]
extern "C" {
    /// Builds the runners of a page. JavaScript does this because one object literal gives all of them
    /// the same hidden class: that is many times as fast as setting members from Rust.
    #[wasm_bindgen(js_name = buildRunners)]
    fn build_runners(columns: &[i32], ascii: &str, wide: &str) -> Array;
    /// Builds a [`ManagedRunnerPage`] object.
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
    /// The runners of this page; empty if the page is past the end.
    #[tsify(type = "ManagedRunner[]")]
    pub runners: Array,
    /// How many runners are available to the caller's tier, over all pages. 0 to 2^53 − 1.
    pub total: f64,
    /// The number of this page, from 1.
    pub page: u32,
    /// The requested page size, 1 to 100.
    pub per_page: u32,
    /// How many pages of this size there are; 0 if there are no runners.
    pub page_count: f64,
    /// Whether there is a page after this one.
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

/// The result of a call, as JavaScript objects.
pub fn result(endpoint: &Endpoint, answer: &Page) -> JsValue {
    match *endpoint {
        Endpoint::List { page, per_page } => {
            ManagedRunnerPage::new(answer, page, per_page).into_js()
        }
        Endpoint::Runner { .. } => runners(answer).get(0),
    }
}

/// The runners of an answer, as JavaScript objects.
pub fn runners(answer: &Page) -> Array {
    build_runners(&answer.columns, &answer.ascii, &answer.wide)
}
