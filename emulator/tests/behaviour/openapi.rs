//! Every kind of answer, held against the API's description by a schema validator.

use std::path::Path;

use comfycontrol_emulator::{Emulator, Request};
use serde_json::{Value, json};

use crate::support::{emulator, get, json, ms, steered};

const DESCRIPTION: &str = include_str!("../../openapi.yaml");
const LIST: &str = "/v1/managed-runner";
const ONE: &str = "/v1/managed-runner/{id}";

fn description() -> Value {
    serde_saphyr::from_str(DESCRIPTION).expect("openapi.yaml is YAML")
}

/// Checks the answer to `request` against what the description says about `path`.
fn check(emulator: &mut Emulator, path: &str, request: &Request, status: u16) {
    let reply = emulator.handle(request, ms(0));
    assert_eq!(reply.status, status, "{request:?}");
    assert_eq!(reply.header("content-type"), Some("application/json"));

    let mut schema = description();
    let responses = &schema["paths"][path]["get"]["responses"];
    let response = &responses[status.to_string()];
    let shared = response["$ref"]
        .as_str()
        .map(|pointer| pointer[1..].to_string());
    let at = shared.unwrap_or_else(|| {
        assert!(response.is_object(), "{path} documents no {status}");
        format!("/paths/{}/get/responses/{status}", path.replace('/', "~1"))
    });
    let at = format!("{at}/content/application~1json/schema");
    assert!(schema.pointer(&at).is_some(), "{at}");
    // The whole description stays around the schema, for the references in it.
    schema["$ref"] = json!(format!("#{}", at.replace('{', "%7B").replace('}', "%7D")));
    let validator = jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("the description holds JSON schemas");
    let body = json(&reply);
    let errors: Vec<_> = validator
        .iter_errors(&body)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{status}: {errors:#?}");
}

#[test]
fn every_answer_is_what_the_description_says() {
    let mut emulator = emulator(250);
    steered(&mut emulator, "PATCH settings", json!({ "limit": null }));
    let all: Vec<_> = emulator
        .runners
        .all()
        .map(|runner| runner.id.clone())
        .collect();
    for page in 1..=4 {
        check(
            &mut emulator,
            LIST,
            &get(&format!("{LIST}?per_page=100&page={page}")),
            200,
        );
    }
    for id in all {
        check(&mut emulator, ONE, &get(&format!("{LIST}/{id}")), 200);
    }
    let nobody = format!("{LIST}/00000000-0000-0000-0000-000000000000");
    check(&mut emulator, ONE, &get(&nobody), 404);
    check(&mut emulator, ONE, &get(&format!("{LIST}/7")), 400);
    check(&mut emulator, LIST, &get(&format!("{LIST}?page=0")), 400);
    for (path, target) in [(LIST, LIST), (ONE, nobody.as_str())] {
        check(&mut emulator, path, &Request::get(target), 401);
        let expired = Request::get(target).with("authorization", "Bearer cfc_expired");
        check(&mut emulator, path, &expired, 401);
        steered(&mut emulator, "PATCH settings", json!({ "tier": "free" }));
        check(&mut emulator, path, &get(target), 403);
        steered(&mut emulator, "PATCH settings", json!({ "tier": "pro" }));
        steered(&mut emulator, "POST cooldown", json!({ "ms": 1 }));
        check(&mut emulator, path, &get(target), 429);
        steered(&mut emulator, "POST cooldown", json!({ "ms": 0 }));
    }
    for status in [500, 503] {
        steered(&mut emulator, "POST faults", json!({ "status": status }));
        check(&mut emulator, LIST, &get(LIST), status);
    }
}

#[test]
#[should_panic(expected = "is not a \\\"uuid\\\"")]
fn the_validator_would_notice() {
    let mut emulator = emulator(1);
    let body = concat!(
        r#"{"id":"7","name":"","runner_type":"","status":"","tags":[],"#,
        r#""created_at":"2024-01-15T10:30:00Z","updated_at":"2024-01-15T10:30:00Z"}"#
    );
    steered(&mut emulator, "POST faults", json!({ "body": body }));
    check(&mut emulator, ONE, &get(&format!("{LIST}/7")), 200);
}

#[test]
fn the_parameters_have_the_bounds_and_defaults_the_description_gives() {
    let mut emulator = emulator(250);
    steered(&mut emulator, "PATCH settings", json!({ "limit": null }));
    let description = description();
    let parameters = description["paths"][LIST]["get"]["parameters"]
        .as_array()
        .unwrap();
    assert_eq!(parameters.len(), 2);
    for parameter in parameters {
        let name = parameter["name"].as_str().unwrap();
        let bound = |which: &str| parameter["schema"][which].as_i64();
        let mut status = |value: i64| {
            let target = format!("{LIST}?{name}={value}");
            emulator.handle(&get(&target), ms(0)).status
        };
        let minimum = bound("minimum").unwrap();
        assert_eq!((status(minimum - 1), status(minimum)), (400, 200));
        if let Some(maximum) = bound("maximum") {
            assert_eq!((status(maximum), status(maximum + 1)), (200, 400));
        }
        let default = format!("{LIST}?{name}={}", bound("default").unwrap());
        let explicit = emulator.handle(&get(&default), ms(0)).body;
        assert_eq!(explicit, emulator.handle(&get(LIST), ms(0)).body);
    }
}

#[test]
fn the_copy_of_the_description_is_the_projects() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/api/openapi.yaml");
    // Only the project's own workplaces have the original beside the repository.
    if shared.exists() {
        assert_eq!(std::fs::read_to_string(shared).unwrap(), DESCRIPTION);
    }
}
