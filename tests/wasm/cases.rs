//! What the exports do in a JavaScript host. `node.rs` and `browser.rs` choose the host.

use comfycontrol_runners::web::{
    ComfyControl, get_managed_runner, list_managed_runners, match_runners,
};
use gloo_net::http::Response;
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

const RUNNER: &str = concat!(
    r#"{"id":"018f9c3e-0000-7000-8000-00000000000a","name":"r\u00e9nder 😀","#,
    r#""runner_type":"pro","status":"active","tags":["gpu","eu"],"#,
    r#""created_at":"2024-01-15T10:30:00Z","updated_at":"2024-01-15T10:30:00Z"}"#
);
/// The same as callers get it.
const RUNNER_OBJECT: &str = concat!(
    r#"{"id":"018f9c3e-0000-7000-8000-00000000000a","name":"rénder 😀","#,
    r#""runnerType":"pro","status":"active","tags":["gpu","eu"],"#,
    r#""createdAt":"2024-01-15T10:30:00Z","updatedAt":"2024-01-15T10:30:00Z"}"#
);
const ID: &str = "018F9C3E-0000-7000-8000-00000000000A";

/// A `fetch` that answers with a status, a content type and a body, which may depend on the URL.
fn answering(
    status: u16,
    content_type: &'static str,
    body: impl Fn(&str) -> String + 'static,
) -> JsValue {
    let fetch = move |url: String, _init: JsValue| -> Promise {
        let response = Response::builder()
            .status(status)
            .header("content-type", content_type)
            .body(Some(body(&url).as_str()));
        Promise::resolve(&JsValue::from(web_sys::Response::from(response.unwrap())))
    };
    Closure::<dyn Fn(String, JsValue) -> Promise>::new(fetch).into_js_value()
}

/// A `fetch` that always gives this good answer.
fn giving(body: String) -> JsValue {
    answering(200, "application/json", move |_| body.clone())
}

/// A `fetch` that must not be called.
fn never() -> JsValue {
    Function::new_no_args("throw new Error('a request was made')").into()
}

fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &(*name).into(), value).unwrap();
    }
    object.into()
}

async fn list(options: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    JsFuture::from(list_managed_runners(&object(options))).await
}

fn client(options: &[(&str, JsValue)]) -> ComfyControl {
    ComfyControl::new(&object(options)).unwrap()
}

fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap()
}

fn text(value: &JsValue, name: &str) -> String {
    get(value, name).as_string().unwrap_or_default()
}

fn json(value: &JsValue) -> String {
    JSON::stringify(value).unwrap().into()
}

/// Everything that an async iterator yields, in an array.
async fn all_of(iterator: &JsValue) -> Result<Array, JsValue> {
    let collect = Function::new_with_args(
        "iterator",
        "return (async () => { const all = []; for await (const one of iterator) all.push(one); return all; })()",
    );
    let promise = collect.call1(&JsValue::UNDEFINED, iterator)?;
    let all = JsFuture::from(promise.unchecked_into::<Promise>()).await?;
    Ok(all.unchecked_into())
}

#[wasm_bindgen_test]
async fn a_page_is_a_plain_object() {
    let fetch = giving(format!(r#"{{"runners":[{RUNNER}],"total":55}}"#));
    let options = [("fetch", fetch), ("page", 2.into()), ("perPage", 50.into())];
    let page = list(&options).await.unwrap();
    let expected = format!(
        r#"{{"runners":[{RUNNER_OBJECT}],"total":55,"page":2,"perPage":50,"pageCount":2,"hasNextPage":false}}"#
    );
    assert_eq!(json(&page), expected);
    let plain = Object::get_prototype_of(&Object::new());
    assert!(Object::is(&Object::get_prototype_of(&page), &plain));
}

#[wasm_bindgen_test]
async fn a_runner_is_found_by_its_id() {
    let options = object(&[("fetch", giving(RUNNER.to_owned()))]);
    let runner = JsFuture::from(get_managed_runner(&ID.into(), &options)).await;
    assert_eq!(json(&runner.unwrap()), RUNNER_OBJECT);
    let refused = JsFuture::from(get_managed_runner(&"7".into(), &options)).await;
    let error = refused.unwrap_err();
    let message = "id: expected a UUID, got \"7\" (comfycontrol/invalid_options)";
    assert_eq!(text(&error, "message"), message);
}

#[wasm_bindgen_test]
async fn a_client_makes_the_same_calls() {
    let body = |url: &str| match url.split_once("018F9C3E") {
        Some(_) => RUNNER.to_owned(),
        None => format!(r#"{{"runners":[{RUNNER}],"total":1}}"#),
    };
    let fetch = answering(200, "application/json", body);
    let client = client(&[("fetch", fetch)]);
    let page = JsFuture::from(client.list_managed_runners(&JsValue::UNDEFINED)).await;
    let expected = format!(
        r#"{{"runners":[{RUNNER_OBJECT}],"total":1,"page":1,"perPage":10,"pageCount":1,"hasNextPage":false}}"#
    );
    assert_eq!(json(&page.unwrap()), expected);
    let runner = client.get_managed_runner(&ID.into(), &JsValue::UNDEFINED);
    assert_eq!(json(&JsFuture::from(runner).await.unwrap()), RUNNER_OBJECT);
    let refused = client.list_managed_runners(&object(&[("token", "cfc_secret".into())]));
    let error = JsFuture::from(refused).await.unwrap_err();
    assert_eq!(text(&error, "code"), "invalid_options");
}

/// A list of 25 runners, in pages of the size that is asked for.
fn twenty_five(url: &str) -> String {
    let number = |name: &str| -> usize {
        let (_, rest) = url.split_once(name).unwrap();
        rest.split('&').next().unwrap().parse().unwrap()
    };
    let (page, per_page) = (number("?page="), number("per_page="));
    let of_page = ((page - 1) * per_page..page * per_page).filter(|index| *index < 25);
    let runners: Vec<String> = of_page
        .map(|index| RUNNER.replace("00000000000a", &format!("{index:012}")))
        .collect();
    format!(r#"{{"runners":[{}],"total":25}}"#, runners.join(","))
}

#[wasm_bindgen_test]
async fn all_runners_are_iterated_over_or_collected() {
    let fetch = answering(200, "application/json", twenty_five);
    let client = client(&[("fetch", fetch)]);
    let options = object(&[("perPage", 10.into())]);
    let iterator = client.iterate_managed_runners(&options).unwrap();
    let runners = all_of(&iterator).await.unwrap();
    assert_eq!(runners.length(), 25);
    for (index, runner) in (0..).zip(runners.iter()) {
        assert!(text(&runner, "id").ends_with(&format!("{index:012}")));
    }
    let report = get(&iterator, "report");
    assert_eq!(get(&report, "unique").as_f64(), Some(25.0));
    assert_eq!(get(&report, "requests").as_f64(), Some(3.0));
    let collected = JsFuture::from(client.collect_managed_runners(&options)).await;
    let collected: Array = get(&collected.unwrap(), "runners").unchecked_into();
    assert_eq!(collected.length(), 25);
}

#[wasm_bindgen_test]
async fn an_iteration_goes_on_from_a_checkpoint() {
    let fetch = answering(200, "application/json", twenty_five);
    let client = client(&[("fetch", fetch)]);
    let options = object(&[("perPage", 10.into())]);
    let iterator = client.iterate_managed_runners(&options).unwrap();
    let next: Function = get(&iterator, "next").unchecked_into();
    for _ in 0..10 {
        let item = next.call0(&iterator).unwrap();
        JsFuture::from(item.unchecked_into::<Promise>())
            .await
            .unwrap();
    }
    let checkpoint = get(&iterator, "checkpoint");
    let options = object(&[("perPage", 10.into()), ("resumeFrom", checkpoint)]);
    let rest = client.iterate_managed_runners(&options).unwrap();
    let rest = all_of(&rest).await.unwrap();
    assert_eq!(rest.length(), 15);
    let elsewhere = [
        ("perPage", 20.into()),
        ("resumeFrom", get(&options, "resumeFrom")),
    ];
    let error = client
        .iterate_managed_runners(&object(&elsewhere))
        .unwrap_err();
    assert_eq!(text(&error, "code"), "invalid_options");
}

#[wasm_bindgen_test]
async fn the_first_item_of_a_watch_is_the_list() {
    let client = client(&[(
        "fetch",
        giving(format!(r#"{{"runners":[{RUNNER}],"total":1}}"#)),
    )]);
    let watch = client.watch_managed_runners(&JsValue::UNDEFINED).unwrap();
    let take_one = Function::new_with_args(
        "watch",
        "return (async () => { for await (const change of watch) return change; })()",
    );
    let promise = take_one.call1(&JsValue::UNDEFINED, &watch).unwrap();
    let change = JsFuture::from(promise.unchecked_into::<Promise>()).await;
    let expected =
        format!(r#"{{"runners":[{RUNNER_OBJECT}],"added":[],"removed":[],"changed":[]}}"#);
    assert_eq!(json(&change.unwrap()), expected);
}

#[wasm_bindgen_test]
async fn the_rate_limit_is_that_of_the_origin() {
    let fetch = giving(r#"{"runners":[],"total":0}"#.to_owned());
    let options = [
        ("fetch", fetch),
        ("baseUrl", "https://rate-limit.example".into()),
    ];
    let client = client(&options);
    let before = r#"{"limit":40,"remaining":40,"resetAt":null,"queued":0}"#;
    assert_eq!(json(&client.rate_limit()), before);
    list(&options).await.unwrap();
    let after = client.rate_limit();
    assert_eq!(get(&after, "remaining").as_f64(), Some(39.0));
    assert!(get(&after, "resetAt").as_f64() > Some(js_sys::Date::now()));
    let unlimited = [("rateLimit", JsValue::FALSE)];
    let unlimited = self::client(&unlimited).rate_limit();
    assert_eq!(get(&unlimited, "remaining").as_f64(), Some(f64::INFINITY));
}

#[wasm_bindgen_test]
async fn every_status_has_its_code() {
    for (status, code) in [
        (400, "bad_request"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (410, "bad_request"),
        (429, "rate_limited"),
        (500, "server_error"),
        (503, "server_error"),
        (526, "server_error"),
    ] {
        let body = r#"{"status":0,"message":"the server's words"}"#;
        let fetch = answering(status, "application/json", |_| body.to_owned());
        // An origin for each, since a 429 keeps everybody back at its origin.
        let base_url = format!("https://answers-{status}.example");
        let options = [
            ("fetch", fetch),
            ("maxRetries", 0.into()),
            ("baseUrl", base_url.into()),
        ];
        let error = list(&options).await.unwrap_err();
        assert!(error.is_instance_of::<js_sys::Error>());
        assert_eq!(text(&error, "code"), code);
        assert_eq!(get(&error, "status").as_f64(), Some(status.into()));
        assert_eq!(text(&error, "serverMessage"), "the server's words");
        assert!(text(&error, "message").contains("the server's words"));
    }
}

#[wasm_bindgen_test]
async fn a_429_is_tried_again_once_its_pause_is_over() {
    let calls = std::cell::Cell::new(0);
    let fetch = Closure::<dyn Fn(String, JsValue) -> Promise>::new(move |_, _| {
        calls.set(calls.get() + 1);
        let response = match calls.get() {
            1 => Response::builder()
                .status(429)
                .header("retry-after", "1")
                .body(None::<&str>),
            _ => Response::builder().body(Some(r#"{"runners":[],"total":0}"#)),
        };
        Promise::resolve(&JsValue::from(web_sys::Response::from(response.unwrap())))
    });
    let options = [
        ("fetch", fetch.into_js_value()),
        ("baseUrl", "https://limited-once.example".into()),
    ];
    let page = list(&options).await.unwrap();
    assert_eq!(get(&page, "total").as_f64(), Some(0.0));
}

#[wasm_bindgen_test]
async fn bad_answers_say_where() {
    let wrong = RUNNER.replace("2024-01-15T10:30:00Z\",", "2024-02-30T10:30:00Z\",");
    let two = format!(r#"{{"runners":[{RUNNER},{wrong}],"total":2}}"#);
    for (body, path, found) in [
        ("", "", "the end of the body"),
        ("<html>", "", "`<html>`"),
        (r#"{"runners":[],"total""#, "", "the end of the body"),
        (r#"{"runners":[]}"#, "total", "nothing"),
        (r#"{"runners":7,"total":1}"#, "runners", "7"),
        (&two, "runners[1].created_at", "2024-02-30"),
    ] {
        let owned = body.to_owned();
        let fetch = answering(200, "text/html", move |_| owned.clone());
        let options = [("fetch", fetch), ("maxRetries", 0.into())];
        let error = list(&options).await.unwrap_err();
        assert_eq!(text(&error, "code"), "invalid_response", "{body}");
        assert_eq!(text(&error, "path"), path, "{body}");
        let message = text(&error, "message");
        assert!(message.contains(found), "{message}");
        assert!(message.contains("text/html"), "{message}");
    }
}

#[wasm_bindgen_test]
async fn a_total_in_exponents_is_read_by_the_host() {
    let fetch = giving(r#"{"runners":[],"total":1.2e3}"#.to_owned());
    let page = list(&[("fetch", fetch)]).await.unwrap();
    assert_eq!(get(&page, "total").as_f64(), Some(1_200.0));
}

#[wasm_bindgen_test]
async fn bad_options_are_refused_before_any_request() {
    let page = "page: expected an integer from 1 to 4294967295, got ";
    let cases: [(&str, JsValue, &str); 11] = [
        ("page", 0.into(), &[page, "0"].concat()),
        ("page", 1.5.into(), &[page, "1.5"].concat()),
        ("page", f64::NAN.into(), &[page, "NaN"].concat()),
        ("page", "2".into(), &[page, "\"2\""].concat()),
        ("page", JsValue::NULL, &[page, "null"].concat()),
        ("page", "cfc_secret".into(), &[page, "\"[token]\""].concat()),
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
            "baseUrl",
            "https://host/?x".into(),
            "baseUrl: expected a URL without query and fragment, got \"https://host/…\"",
        ),
        (
            "token",
            "a b".into(),
            "token: expected only visible ASCII characters, since a header can carry no others, got \
             one with another character at position 2",
        ),
    ];
    for (name, value, message) in cases {
        let error = list(&[("fetch", never()), (name, value)])
            .await
            .unwrap_err();
        assert_eq!(text(&error, "code"), "invalid_options");
        let expected = [message, " (comfycontrol/invalid_options)"].concat();
        assert_eq!(text(&error, "message"), expected);
    }
}

#[wasm_bindgen_test]
fn a_client_refuses_bad_options_at_once() {
    let options = [
        ("token", "cfc_secret".into()),
        ("baseUrl", "http://api.example".into()),
    ];
    let Err(error) = ComfyControl::new(&object(&options)) else {
        panic!("a token over plain http");
    };
    assert_eq!(text(&error, "code"), "invalid_options");
    assert!(text(&error, "message").contains("allowInsecureToken"));
}

#[wasm_bindgen_test]
async fn an_aborted_call_rejects_with_the_reason() {
    let silent = Function::new_no_args("return new Promise(() => {})");
    let aborting = Function::new_no_args(
        "const controller = new AbortController();
        Promise.resolve().then(() => controller.abort('enough'));
        return controller.signal;",
    );
    let signal = aborting.call0(&JsValue::UNDEFINED).unwrap();
    let options = [("fetch", silent.into()), ("signal", signal)];
    assert_eq!(list(&options).await.unwrap_err(), "enough");
}

#[wasm_bindgen_test]
async fn an_answer_that_does_not_come_ends_in_a_timeout() {
    let silent = Function::new_no_args("return new Promise(() => {})");
    let options = [
        ("fetch", silent.into()),
        ("timeout", 20.into()),
        ("maxRetries", 0.into()),
    ];
    let error = list(&options).await.unwrap_err();
    assert_eq!(text(&error, "code"), "timeout");
}

#[wasm_bindgen_test]
async fn what_fetch_throws_is_the_cause() {
    let failing = Function::new_no_args("throw new TypeError('no network')");
    let options = [("fetch", failing.into()), ("maxRetries", 0.into())];
    let error = list(&options).await.unwrap_err();
    assert_eq!(text(&error, "code"), "connection_failed");
    assert_eq!(text(&get(&error, "cause"), "message"), "no network");
}

#[wasm_bindgen_test]
fn runners_are_matched_by_their_tags() {
    let runner = |tags: &[&str]| {
        let tags: Array = tags.iter().map(|tag| JsValue::from_str(tag)).collect();
        object(&[("tags", tags.into())])
    };
    let runners = Array::of3(&runner(&["gpu", "eu"]), &runner(&["gpu"]), &runner(&[]));
    let required = Array::of1(&"eu".into());
    let found = match_runners(&runners, &required).unwrap();
    assert_eq!(found.length(), 2);
    assert!(Object::is(&found.get(0), &runners.get(0)));
    assert!(Object::is(&found.get(1), &runners.get(2)));
    for (runners, required) in [
        (&runners, JsValue::from_str("eu")),
        (&runners, Array::of1(&7.into()).into()),
        (&Array::of1(&Object::new()), Array::new().into()),
    ] {
        let error = match_runners(runners, &required).unwrap_err();
        assert_eq!(text(&error, "code"), "invalid_options");
    }
}
