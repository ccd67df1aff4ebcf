//! A managed runner (`api/contract.md`, "ManagedRunner"), and the rule that matches it with workflows.

use comfycontrol_decode::Row;
use tsify::Tsify;

/// A hosted ComfyUI instance. A plain object: it survives `structuredClone`, `JSON.stringify` and React
/// server components.
#[derive(Clone, Debug, PartialEq, Eq, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ManagedRunner {
    /// A UUID of any version, spelt as the server sent it.
    pub id: String,
    /// Any Unicode text. Show it as text, never as markup.
    pub name: String,
    /// The tier that the runner belongs to. The server may add values.
    #[tsify(type = "\"plus\" | \"pro\" | (string & {})")]
    pub runner_type: String,
    /// Whether the runner takes work. The list has only active runners. The server may add values.
    #[tsify(type = "\"active\" | \"disabled\" | (string & {})")]
    pub status: String,
    /// What the runner offers (`gpu:a100`). Case-sensitive; may be empty. See `matchRunners`.
    pub tags: Vec<String>,
    /// When the runner was created: an RFC 3339 date-time, as the server sent it.
    pub created_at: String,
    /// When the runner was last changed: an RFC 3339 date-time, as the server sent it.
    pub updated_at: String,
}

impl From<Row<'_>> for ManagedRunner {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.to_owned(),
            name: row.name.into_owned(),
            runner_type: row.runner_type.into_owned(),
            status: row.status.into_owned(),
            tags: row.tags.into_iter().map(|tag| tag.into_owned()).collect(),
            created_at: row.created_at.to_owned(),
            updated_at: row.updated_at.to_owned(),
        }
    }
}

/// Whether a runner with `tags` takes a workflow that requires `required` (`api/contract.md`, "Tag
/// matching"): a runner without tags takes every workflow.
#[must_use]
pub fn takes_workflow<Tag: PartialEq>(tags: &[Tag], required: &[Tag]) -> bool {
    tags.is_empty() || required.iter().all(|tag| tags.contains(tag))
}
