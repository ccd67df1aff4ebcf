//! The rules of `managedRunnerSchema` and `managedRunnerPageSchema`: the reader checks what the API sends, and this
//! module the members of a page that the client adds.

use comfycontrol_decode::{Body, Field, MAX_SAFE_INTEGER, OnInvalid, Options, Page, Problem};

use crate::options::{NumberRule, PAGE, PER_PAGE};
use crate::page::page_count;
use crate::redact::mask_tokens;
use crate::response::{SAFE_INTEGER, expected, found};
use crate::text::{concat, number};

/// A function of the reader: [`read_page`](comfycontrol_decode::read_page) or
/// [`read_runner`](comfycontrol_decode::read_runner).
pub type Read = fn(&Body, Options) -> Result<Page, Problem>;

/// One thing that is wrong with a value.
#[derive(Debug)]
pub struct Issue {
    /// Says where the wrong value is.
    pub problem: Problem,
    /// What it should be.
    pub expected: &'static str,
    /// What it is, with tokens masked.
    pub found: String,
}

/// What the reader found in a value.
#[derive(Debug)]
pub struct Reading {
    /// The runners that are valid, and `total`.
    pub page: Page,
    /// Everything that is wrong, at most [`MAX_PROBLEMS`](comfycontrol_decode::MAX_PROBLEMS) issues of runners.
    pub issues: Vec<Issue>,
    /// Whether the value is an object.
    pub is_object: bool,
    /// `total`, if it is valid.
    pub total: Option<u64>,
}

impl Reading {
    /// Reads a value that was written as JSON.
    #[must_use]
    pub fn new(json: &str, read: Read) -> Self {
        let body = Body::from(json.as_bytes());
        let options = Options {
            on_invalid: OnInvalid::CollectAll,
            ..Options::default()
        };
        let (page, problems) = match read(&body, options) {
            Ok(mut page) => {
                let problems = std::mem::take(&mut page.invalid);
                (page, problems)
            }
            Err(problem) => (Page::default(), vec![problem]),
        };
        let of_body = |field| {
            let mut problems = problems.iter();
            problems.any(|problem| problem.runner.is_none() && problem.field == field)
        };
        let is_object = !of_body(None);
        let has_total = is_object && !of_body(Some(Field::Total));
        let issues = problems.iter().map(|problem| Issue {
            problem: *problem,
            expected: expected(problem),
            found: mask_tokens(&found(&body, problem)),
        });
        Self {
            issues: issues.collect(),
            is_object,
            total: has_total.then_some(page.total),
            page,
        }
    }
}

/// The members of a page that the client adds; `None` for a value of another type.
#[derive(Clone, Copy, Debug)]
pub struct PageMembers {
    /// `page`
    pub page: Option<f64>,
    /// `perPage`
    pub per_page: Option<f64>,
    /// `pageCount`
    pub page_count: Option<f64>,
    /// `hasNextPage`
    pub has_next_page: Option<bool>,
}

impl PageMembers {
    /// Checks these members, and that they fit `total`, if that is known. Returns `page` and `perPage`.
    ///
    /// # Errors
    ///
    /// The name of each wrong member, and what it should be.
    pub fn check(&self, total: Option<u64>) -> Result<(u32, u32), Vec<(&'static str, String)>> {
        let mut wrong = Vec::new();
        let mut checked = |name, value: Option<f64>, rule: &NumberRule| {
            let number = value.and_then(|value| rule.check(value));
            if number.is_none() {
                wrong.push((name, rule.expected()));
            }
            number
        };
        let page = checked("page", self.page, &PAGE);
        let per_page = checked("perPage", self.per_page, &PER_PAGE);
        let count = total.and_then(|total| Some(page_count(total, per_page?)));
        wrong.extend(wrong_page_count(self.page_count, count).map(|text| ("pageCount", text)));
        let has_next_page = count.and_then(|count| Some(u64::from(page?) < count));
        let text = wrong_has_next_page(self.has_next_page, has_next_page);
        wrong.extend(text.map(|text| ("hasNextPage", text.to_owned())));
        match (page, per_page) {
            (Some(page), Some(per_page)) if wrong.is_empty() => Ok((page, per_page)),
            _ => Err(wrong),
        }
    }
}

/// What `pageCount` should be, if `given` is not that. `count` is the right value, if it is known.
fn wrong_page_count(given: Option<f64>, count: Option<u64>) -> Option<String> {
    let integer = given.unwrap_or_default() as u64;
    let is_count = given == Some(integer as f64) && integer <= MAX_SAFE_INTEGER;
    match count {
        Some(count) if !is_count || integer != count => {
            Some(concat(&[&number(count), " (total / perPage, rounded up)"]))
        }
        None if !is_count => Some(SAFE_INTEGER.to_owned()),
        _ => None,
    }
}

/// What `hasNextPage` should be, if `given` is not that. `right` is the right value, if it is known.
fn wrong_has_next_page(given: Option<bool>, right: Option<bool>) -> Option<&'static str> {
    match (given, right) {
        (None, None) => Some("a boolean"),
        (_, Some(true)) if given != right => Some("true (page is less than pageCount)"),
        (_, Some(false)) if given != right => Some("false (page is not less than pageCount)"),
        _ => None,
    }
}
