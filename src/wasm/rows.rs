//! Answers. JavaScript puts the bytes of one here, has them read, and makes objects of the columns
//! while they stay: until the answer is judged or released, or the next one comes.

use std::cell::UnsafeCell;
use std::ptr::null;

use wasm_bindgen::prelude::*;

use super::errors::{Outcome, leave};
use super::single::Single;
use super::texts::text;
use super::trap::{self, Place};
use crate::page::page_count;
use crate::response::{is_success, issue};
use comfycontrol_decode::{self as decode, Body, Options, Page, Problem};

#[wasm_bindgen(module = "/pkg/js/call.js")]
extern "C" {
    /// `+text`
    fn number(text: &str) -> f64;
}

/// What JavaScript asked for: [`read`] takes a bit for each.
const SINGLE: u32 = 1;
const COLLECT_INVALID: u32 = 2;
const KEYS: u32 = 4;

/// An answer's bytes, and what came of reading them.
pub struct Answer {
    pub body: Body,
    pub page: Page,
    pub problem: Option<Problem>,
}

static ANSWER: Single<UnsafeCell<Option<Answer>>> = Single::new(None);

/// What `run` gives for the answer that was read last.
pub fn with<T>(run: impl FnOnce(&mut Answer) -> T) -> T {
    ANSWER.with(|answer| run(answer.as_mut().unwrap()))
}

/// Room for an answer of so many bytes, all of which are to be written.
#[unsafe(no_mangle)]
pub extern "C" fn room(length: u32) -> *const u8 {
    ANSWER.with(|answer| {
        let answer = answer.insert(Answer {
            // SAFETY: JavaScript writes all of it before it asks for anything else.
            body: unsafe { Body::filled(length as usize, |_| {}) },
            page: Page::default(),
            problem: None,
        });
        answer.body.bytes().as_ptr()
    })
}

/// Reads the answer. Gives [`Page::columns`], or 0 if its status is no good one, or its body.
#[unsafe(no_mangle)]
pub extern "C" fn read(status: u16, wanted: u32) -> *const u32 {
    trap::point(Place::Answer);
    with(|answer| {
        let options = Options {
            collect_invalid: wanted & COLLECT_INVALID != 0,
            keys: wanted & KEYS != 0,
            number: Some(number),
        };
        let read = match wanted & SINGLE {
            _ if !is_success(status) => return null(),
            0 => decode::read_page(&answer.body, options),
            _ => decode::read_runner(&answer.body, options),
        };
        match read {
            Ok(page) => {
                answer.page = page;
                answer.page.columns.as_ptr()
            }
            Err(problem) => {
                answer.problem = Some(problem);
                null()
            }
        }
    })
}

/// `total` of the page that was read.
#[unsafe(no_mangle)]
pub extern "C" fn total() -> f64 {
    with(|answer| answer.page.total as f64)
}

/// How many pages there are.
#[unsafe(no_mangle)]
pub extern "C" fn pages(per_page: u32) -> f64 {
    with(|answer| page_count(answer.page.total, per_page) as f64)
}

/// Gives back what the answer took.
#[unsafe(no_mangle)]
pub extern "C" fn release() {
    ANSWER.with(|answer| *answer = None);
}

/// What is wrong with the runners that were left out of the page that was read, if one was. Leaves the
/// issues. The text is all tokens of the call.
#[unsafe(no_mangle)]
pub extern "C" fn invalid() {
    let token = text();
    let mut issues = Vec::new();
    ANSWER.with(|answer| {
        if let Some(answer) = answer {
            for problem in &answer.page.invalid {
                let mut issue = issue(&answer.body, problem);
                issue.redact(&token);
                issues.push(issue);
            }
        }
    });
    release();
    leave(Outcome::Issues(issues));
}
