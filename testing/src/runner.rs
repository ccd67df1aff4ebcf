//! Runners as JavaScript sees them: with the members that the client returns.

use comfycontrol_emulator::Runner;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tsify::Tsify;
use wasm_bindgen::JsValue;

/// Members of a runner, in place of generated ones.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Tsify)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    default,
    expecting = "an object with members of a runner"
)]
pub struct RunnerOverrides {
    /// A UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | undefined")]
    pub id: Option<String>,
    /// Any Unicode.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | undefined")]
    pub name: Option<String>,
    /// `plus`, `pro` or any other text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | undefined")]
    pub runner_type: Option<String>,
    /// `active`, `disabled` or any other text. A `disabled` runner is not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | undefined")]
    pub status: Option<String>,
    /// Case-sensitive tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string[] | undefined")]
    pub tags: Option<Vec<String>>,
    /// RFC 3339. The list is sorted by it, newest first. Default: the time of the emulator's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | undefined")]
    pub created_at: Option<String>,
    /// RFC 3339. Default: the time of the emulator's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | undefined")]
    pub updated_at: Option<String>,
}

impl RunnerOverrides {
    /// The given members under the names that the API uses.
    pub fn into_fields(self) -> Map<String, Value> {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(self) else {
            return Map::new();
        };
        for (ours, theirs) in [
            ("runnerType", "runner_type"),
            ("createdAt", "created_at"),
            ("updatedAt", "updated_at"),
        ] {
            if let Some(value) = fields.remove(ours) {
                fields.insert(theirs.to_owned(), value);
            }
        }
        fields
    }
}

/// An error message of the emulator, with the names that JavaScript knows.
pub fn in_camel_case(message: &str) -> String {
    message
        .replace("created_at:", "createdAt:")
        .replace("updated_at:", "updatedAt:")
}

/// A runner with the members that the client returns.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ManagedRunner<'a> {
    id: &'a str,
    name: &'a str,
    runner_type: &'a str,
    status: &'a str,
    tags: &'a [String],
    created_at: &'a str,
    updated_at: &'a str,
}

/// A runner as an object.
pub fn to_object(runner: &Runner) -> JsValue {
    to_js(&of(runner))
}

/// Runners as an array of objects.
pub fn to_array<'a>(runners: impl IntoIterator<Item = &'a Runner>) -> JsValue {
    to_js(&runners.into_iter().map(of).collect::<Vec<_>>())
}

fn of(runner: &Runner) -> ManagedRunner<'_> {
    ManagedRunner {
        id: &runner.id,
        name: &runner.name,
        runner_type: &runner.runner_type,
        status: &runner.status,
        tags: &runner.tags,
        created_at: &runner.created_at,
        updated_at: &runner.updated_at,
    }
}

fn to_js(value: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(value).expect("text and lists of text become JavaScript values")
}
