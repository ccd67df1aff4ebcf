//! A managed runner. The rule by which workflows find one is in `match` of `pkg/js/options.js`.

use tsify::Tsify;

/// A hosted ComfyUI instance (`api/contract.md`, "ManagedRunner"). A plain object: it survives
/// `structuredClone`, `JSON.stringify` and server components.
#[derive(Clone, Debug, PartialEq, Eq, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ManagedRunner {
    /// UUID, any version, in the server's own spelling.
    pub id: String,
    /// Any Unicode text. Show it as text, never as markup.
    pub name: String,
    /// The tier the runner belongs to. The server may add values.
    #[tsify(type = "\"plus\" | \"pro\" | (string & {})")]
    pub runner_type: String,
    /// Whether the runner takes work. The list holds active ones only. The server may add values.
    #[tsify(type = "\"active\" | \"disabled\" | (string & {})")]
    pub status: String,
    /// What the runner offers, case-sensitive; may be empty. See `matchRunners`.
    pub tags: Vec<String>,
    /// When it was created: an RFC 3339 date-time, as the server wrote it.
    pub created_at: String,
    /// When it was last changed: an RFC 3339 date-time, as the server wrote it.
    pub updated_at: String,
}

/// Whether this is a UUID in its usual form (RFC 9562 §4), of any version and case.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
