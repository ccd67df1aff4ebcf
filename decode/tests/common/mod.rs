//! What the tests share: a sample, and short ways to read it.
#![allow(dead_code)]

use comfycontrol_decode::{
    Body, Kind, ManagedRunner, Options, Page, Problem, read_page, read_runner,
};

pub const ID: &str = "0190a5b4-7c3e-7abc-8def-0123456789ab";
pub const TIME: &str = "2024-01-15T10:30:00Z";

/// A runner in JSON, with one member's value replaced.
pub fn runner_with(field: &str, value: &str) -> String {
    let members = [
        ("id", format!("\"{ID}\"")),
        ("name", "\"gpu box\"".into()),
        ("runner_type", "\"plus\"".into()),
        ("status", "\"active\"".into()),
        ("tags", "[\"gpu\",\"a100\"]".into()),
        ("created_at", format!("\"{TIME}\"")),
        ("updated_at", format!("\"{TIME}\"")),
    ];
    let members = members
        .map(|(name, usual)| format!("\"{name}\":{}", if name == field { value } else { &usual }));
    format!("{{{}}}", members.join(","))
}

pub fn runner() -> String {
    runner_with("", "")
}

pub fn page_of(runners: &[String]) -> String {
    format!(
        "{{\"runners\":[{}],\"total\":{}}}",
        runners.join(","),
        runners.len()
    )
}

pub fn body(bytes: impl AsRef<[u8]>) -> Body {
    Body::from(bytes.as_ref())
}

pub fn page(bytes: impl AsRef<[u8]>) -> Result<Page, Problem> {
    read_page(&body(bytes), Options::default())
}

pub fn runners(bytes: impl AsRef<[u8]>) -> Vec<ManagedRunner> {
    let body = body(bytes);
    read_page(&body, Options::default())
        .expect("a right page")
        .runners()
}

pub fn single(bytes: impl AsRef<[u8]>) -> Result<ManagedRunner, Problem> {
    let body = body(bytes);
    read_runner(&body, Options::default()).map(|page| page.runners().remove(0))
}

/// The kind of the first problem, or `None` for a right page.
pub fn kind(bytes: impl AsRef<[u8]>) -> Option<Kind> {
    page(bytes).err().map(|problem| problem.kind)
}

/// The path of a schema problem; panics if there is none.
pub fn path(bytes: impl AsRef<[u8]>) -> String {
    let problem = page(bytes.as_ref()).expect_err("a wrong page");
    assert_eq!(
        problem.kind,
        Kind::Schema,
        "{}",
        String::from_utf8_lossy(bytes.as_ref())
    );
    problem.path()
}
