//! One managed runner.

use serde::{Deserialize, Serialize};

/// A managed runner as the API shows it (`api/contract.md`, ManagedRunner).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runner {
    /// A UUID.
    pub id: String,
    /// Any Unicode.
    pub name: String,
    /// `plus` or `pro`. Any other value is served as it is.
    pub runner_type: String,
    /// `active` or `disabled`. Any other value is served as it is.
    pub status: String,
    /// Case-sensitive tags.
    pub tags: Vec<String>,
    /// RFC 3339. The list is sorted by it.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

impl Runner {
    /// Whether the list shows this runner. Only `disabled` hides it, so that a status the
    /// documentation does not know can be listed too.
    pub fn is_listed(&self) -> bool {
        self.status != "disabled"
    }
}

/// Whether `text` has the 8-4-4-4-12 hexadecimal form of a UUID, of any version.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
