//! What the exports do in a JavaScript host. `node.rs` and `browser.rs` choose the host.

use comfycontrol_runners::wasm::{get_runner, list_page, match_runners};
use gloo_net::http::Response;
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_test::wasm_bindgen_test;

const RUNNER: &str = r#"{"id":"018f9c3e-0000-7000-8000-00000000000a","name":"r\u00e9nder 😀","runner_type":"pro","status":"active","tags":["gpu","eu"],"created_at":"2024-01-15T10:30:00Z","updated_at":"2024-01-15T10:30:00Z"}"#;

/// A `fetch` that always gives this answer.
fn answering(status: u16, content_type: &'static str, body: String) -> JsValue {
    let fetch = move |_url: JsValue, _init: JsValue| -> Promise {
        let response = Response::builder()
            .status(status)
            .header("content-type", content_type)
            .body(Some(body.as_str()));
        Promise::resolve(&JsValue::from(web_sys::Response::from(response.unwrap())))
    };
    Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(fetch).into_js_value()
}

fn options(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in entries {
        Reflect::set(&object, &(*name).into(), value).unwrap();
    }
    object.into()
}

async fn list(entries: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    list_page(&options(entries)).await
}

fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap()
}

fn text(value: &JsValue, name: &str) -> String {
    get(value, name).as_string().unwrap_or_default()
}

#[wasm_bindgen_test]
async fn a_page_is_a_plain_object() {
    let body = format!(r#"{{"runners":[{RUNNER}],"total":55}}"#);
    let fetch = answering(200, "application/json", body);
    let page = list(&[("fetch", fetch), ("page", 2.into()), ("perPage", 50.into())])
        .await
        .unwrap();
    let expected = r#"{"runners":[{"id":"018f9c3e-0000-7000-8000-00000000000a","name":"rénder 😀","runnerType":"pro","status":"active","tags":["gpu","eu"],"createdAt":"2024-01-15T10:30:00Z","updatedAt":"2024-01-15T10:30:00Z"}],"total":55,"page":2,"perPage":50,"pageCount":2,"hasNextPage":false}"#;
    assert_eq!(String::from(JSON::stringify(&page).unwrap()), expected);
    let prototype = Object::get_prototype_of(&page);
    assert!(Object::is(
        &prototype,
        &Object::get_prototype_of(&Object::new())
    ));
}

#[wasm_bindgen_test]
async fn one_runner_by_its_id() {
    let options = options(&[(
        "fetch",
        answering(200, "application/json", RUNNER.to_owned()),
    )]);
    let id = "018F9C3E-0000-7000-8000-00000000000A";
    let runner = get_runner(id, &options).await.unwrap();
    assert_eq!(text(&runner, "name"), "rénder 😀");
    let error = get_runner("7", &options).await.unwrap_err();
    assert_eq!(
        text(&error, "message"),
        "id: expected a UUID, got \"7\" (comfycontrol/invalid_options)"
    );
}

#[wasm_bindgen_test]
async fn every_status_has_its_code() {
    let cases = [
        (400, "bad_request"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (410, "bad_request"),
        (429, "rate_limited"),
        (500, "server_error"),
        (503, "server_error"),
        (526, "server_error"),
    ];
    for (status, code) in cases {
        let body = r#"{"status":0,"message":"the server's words"}"#.to_owned();
        let fetch = answering(status, "application/json", body);
        // Origins of their own, since a 429 holds up everybody at its origin.
        let given = [
            ("fetch", fetch),
            ("maxRetries", 0.into()),
            (
                "baseUrl",
                format!("https://answers-{status}.example").into(),
            ),
        ];
        let error = list(&given).await.unwrap_err();
        assert!(error.is_instance_of::<js_sys::Error>());
        assert_eq!(
            (
                text(&error, "code").as_str(),
                get(&error, "status").as_f64()
            ),
            (code, Some(status.into()))
        );
        assert!(text(&error, "message").contains("the server's words"));
    }
}

#[wasm_bindgen_test]
async fn bad_answers_say_where() {
    let wrong = RUNNER.replace("2024-01-15T10:30:00Z\",", "2024-02-30T10:30:00Z\",");
    let cases = [
        ("", "", "the end of the body"),
        ("<html>", "", "`<html>`"),
        (r#"{"runners":[],"total""#, "", "the end of the body"),
        (r#"{"runners":[]}"#, "total", "nothing"),
        (r#"{"runners":7,"total":1}"#, "runners", "7"),
        (
            &format!(r#"{{"runners":[{RUNNER},{wrong}],"total":2}}"#),
            "runners[1].created_at",
            "2024-02-30",
        ),
    ];
    for (body, path, found) in cases {
        let fetch = answering(200, "text/html", body.to_owned());
        let error = list(&[("fetch", fetch), ("maxRetries", 0.into())])
            .await
            .unwrap_err();
        assert_eq!(text(&error, "code"), "invalid_response", "{body}");
        assert_eq!(text(&error, "path"), path, "{body}");
        let message = text(&error, "message");
        assert!(
            message.contains(found) && message.contains("text/html"),
            "{message}"
        );
    }
}

#[wasm_bindgen_test]
async fn bad_options_are_refused_before_any_request() {
    let fetch = Function::new_no_args("throw new Error('a request was made')");
    let cases: [(&str, JsValue, &str); 9] = [
        (
            "page",
            0.into(),
            "page: expected an integer from 1 to 4294967295, got 0",
        ),
        (
            "page",
            1.5.into(),
            "page: expected an integer from 1 to 4294967295, got 1.5",
        ),
        (
            "page",
            f64::NAN.into(),
            "page: expected an integer from 1 to 4294967295, got NaN",
        ),
        (
            "page",
            "2".into(),
            "page: expected an integer from 1 to 4294967295, got \"2\"",
        ),
        (
            "page",
            JsValue::NULL,
            "page: expected an integer from 1 to 4294967295, got null",
        ),
        (
            "perPage",
            101.into(),
            "perPage: expected an integer from 1 to 100, got 101",
        ),
        (
            "per_page",
            10.into(),
            "unknown option \"per_page\"; did you mean \"perPage\"?",
        ),
        ("signal", 7.into(), "signal: expected an AbortSignal, got 7"),
        (
            "token",
            "a b".into(),
            "token: expected visible ASCII characters only, which is what a header can carry, got one with another character at place 2",
        ),
    ];
    for (name, value, message) in cases {
        let error = list(&[("fetch", fetch.clone().into()), (name, value)])
            .await
            .unwrap_err();
        assert_eq!(
            text(&error, "message"),
            format!("{message} (comfycontrol/invalid_options)")
        );
    }
}

#[wasm_bindgen_test]
async fn an_aborted_call_rejects_with_the_reason() {
    let never = Function::new_no_args("return new Promise(() => {})");
    let signal = Function::new_no_args(
        "const controller = new AbortController(); Promise.resolve().then(() => controller.abort('enough')); return controller.signal",
    );
    let signal = signal.call0(&JsValue::UNDEFINED).unwrap();
    let reason = list(&[("fetch", never.into()), ("signal", signal)])
        .await
        .unwrap_err();
    assert_eq!(reason, "enough");
}

#[wasm_bindgen_test]
fn runners_for_a_workflow() {
    let runner = |tags: &[&str]| {
        let tags: Array = tags.iter().map(|tag| JsValue::from_str(tag)).collect();
        options(&[("tags", tags.into())])
    };
    let runners: Array = [runner(&["gpu", "eu"]), runner(&["gpu"]), runner(&[])]
        .iter()
        .collect();
    let required: Array = [JsValue::from_str("eu")].iter().collect();
    let found: Array = match_runners(&runners, &required).unwrap().unchecked_into();
    assert_eq!(found.length(), 2);
    assert!(
        Object::is(&found.get(0), &runners.get(0)) && Object::is(&found.get(1), &runners.get(2))
    );
    let error = match_runners(&runners, &"eu".into()).unwrap_err();
    assert_eq!(text(&error, "code"), "invalid_options");
}
