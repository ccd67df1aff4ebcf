//! What the tests share: a sample runner, and short ways to read bodies.
#![allow(dead_code, reason = "no test file needs all of it")]

use comfycontrol_decode::{Body, Kind, Options, Page, Problem, Row, read_page, read_runner};

pub const ID: &str = "0190a5b4-7c3e-7abc-8def-0123456789ab";
pub const TIME: &str = "2024-01-15T10:30:00Z";

/// A [`Row`] that owns its strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    pub id: String,
    pub name: String,
    pub runner_type: String,
    pub status: String,
    pub tags: Vec<String>,
    pub created_at: String,
    pub updated_at: String,
}

impl From<Row<'_>> for Runner {
    fn from(row: Row<'_>) -> Self {
        Self {
            id: row.id.into(),
            name: row.name.into(),
            runner_type: row.runner_type.into(),
            status: row.status.into(),
            tags: row.tags.into_iter().map(Into::into).collect(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// The rows of a page.
pub fn rows(page: &Page) -> Vec<Runner> {
    page.runners().map(Runner::from).collect()
}

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

/// The same runner with its `id` at the end. The compact reader does not read it.
pub fn reordered(runner: &str) -> String {
    let (id, others) = runner.split_once(',').expect("members");
    let others = others.strip_suffix('}').expect("an object");
    format!("{{{others},{}}}", &id[1..])
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

pub fn runners(bytes: impl AsRef<[u8]>) -> Vec<Runner> {
    rows(&page(bytes).expect("a valid page"))
}

pub fn single(bytes: impl AsRef<[u8]>) -> Result<Runner, Problem> {
    let body = body(bytes);
    read_runner(&body, Options::default()).map(|page| rows(&page).remove(0))
}

/// The kind of the first problem, or `None` for a valid page.
pub fn kind(bytes: impl AsRef<[u8]>) -> Option<Kind> {
    page(bytes).err().map(|problem| problem.kind)
}

/// The path of the first problem, which must be one of the schema.
pub fn path(bytes: impl AsRef<[u8]>) -> String {
    let problem = page(bytes.as_ref()).expect_err("an invalid page");
    assert_eq!(
        problem.kind,
        Kind::Schema,
        "{}",
        String::from_utf8_lossy(bytes.as_ref())
    );
    problem.path()
}
