//! What is wrong with a body, and where.
//!
//! A [`Problem`] has no message: the caller writes it. [`Problem::found`] returns what the body has instead of
//! what was expected.

/// The kind of a [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The body ends before its JSON does, or is empty. Asking for it again may help.
    Truncated,
    /// The body is not JSON.
    Malformed,
    /// The body is not UTF-8.
    InvalidUtf8,
    /// The body is JSON, but not what `api/contract.md` says.
    Schema,
    /// The body is longer than [`MAX_LEN`](crate::MAX_LEN).
    TooLong,
}

/// A member that the contract names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `id`
    Id,
    /// `name`
    Name,
    /// `runner_type`
    RunnerType,
    /// `status`
    Status,
    /// `tags`
    Tags,
    /// `created_at`
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
    /// `runners`
    Runners,
    /// `total`
    Total,
    /// `message`
    Message,
}

impl Field {
    /// The members of a runner, in the contract's order.
    pub(crate) const OF_RUNNER: [Self; 7] = [
        Self::Id,
        Self::Name,
        Self::RunnerType,
        Self::Status,
        Self::Tags,
        Self::CreatedAt,
        Self::UpdatedAt,
    ];

    /// The member of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "id" => Some(Self::Id),
            "name" => Some(Self::Name),
            "runner_type" => Some(Self::RunnerType),
            "status" => Some(Self::Status),
            "tags" => Some(Self::Tags),
            "created_at" => Some(Self::CreatedAt),
            "updated_at" => Some(Self::UpdatedAt),
            "runners" => Some(Self::Runners),
            "total" => Some(Self::Total),
            "message" => Some(Self::Message),
            _ => None,
        }
    }

    /// The member's name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::RunnerType => "runner_type",
            Self::Status => "status",
            Self::Tags => "tags",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::Runners => "runners",
            Self::Total => "total",
            Self::Message => "message",
        }
    }

    /// The member's name in the objects that callers get.
    #[must_use]
    pub const fn camel_case_name(self) -> &'static str {
        match self {
            Self::RunnerType => "runnerType",
            Self::CreatedAt => "createdAt",
            Self::UpdatedAt => "updatedAt",
            _ => self.name(),
        }
    }

    /// What the member should be.
    pub(crate) fn expected(self) -> Expected {
        match self {
            Self::Id => Expected::Uuid,
            Self::Name | Self::RunnerType | Self::Status | Self::Message => Expected::String,
            Self::Tags | Self::Runners => Expected::Array,
            Self::CreatedAt | Self::UpdatedAt => Expected::DateTime,
            Self::Total => Expected::Integer,
        }
    }
}

/// What should have been there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Well-formed JSON.
    Json,
    /// An object.
    Object,
    /// An array.
    Array,
    /// A string.
    String,
    /// A string that is a UUID.
    Uuid,
    /// A string that is a date-time of RFC 3339.
    DateTime,
    /// An integer from 0 to 2^53 − 1.
    Integer,
}

/// One thing that is wrong with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// What kind of problem it is.
    pub kind: Kind,
    /// The index in `runners`, which counts the runners that are left out as well.
    pub runner: Option<u32>,
    /// The member: of the runner if there is one, else of the body. `None` is the object itself.
    pub field: Option<Field>,
    /// The index in `tags`.
    pub tag: Option<u32>,
    /// What should have been there.
    pub expected: Expected,
    /// Bytes from the body's start to the wrong value, or to the object that lacks a member.
    pub offset: u32,
    /// Whether the member is missing.
    pub missing: bool,
}

impl Problem {
    /// A body that is no JSON.
    pub(crate) fn syntax(kind: Kind, offset: u32) -> Self {
        Self {
            kind,
            runner: None,
            field: None,
            tag: None,
            expected: Expected::Json,
            offset,
            missing: false,
        }
    }

    /// A value that is not an object but should be: the runner at that index, or the body.
    pub(crate) fn no_object(runner: Option<u32>, offset: u32) -> Self {
        Self {
            runner,
            expected: Expected::Object,
            ..Self::syntax(Kind::Schema, offset)
        }
    }

    /// The path of the wrong value, like `runners[17].tags[2]`. Empty for the whole body.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        if let Some(runner) = self.runner {
            path.push_str("runners");
            push_index(&mut path, runner);
        }
        if let Some(field) = self.field {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(field.name());
        }
        if let Some(tag) = self.tag {
            push_index(&mut path, tag);
        }
        path
    }
}

fn push_index(path: &mut String, index: u32) {
    path.push('[');
    path.push_str(itoa::Buffer::new().format(index));
    path.push(']');
}
