//! The reader against the oracle: the same values, the same refusals, in every way to ask.

use comfycontrol_decode::{
    Body, Found, Kind, MAX_PROBLEMS, OnInvalid, Options, Problem, Runners, read_error, read_page,
    read_runner,
};

use crate::oracle::{self, Refusal, Runner};

pub fn check(bytes: &[u8]) {
    let body = Body::from(bytes);
    for on_invalid in [OnInvalid::Fail, OnInvalid::CollectRunners] {
        let keys = on_invalid == OnInvalid::CollectRunners;
        let read = read_page(
            &body,
            Options {
                on_invalid,
                keys,
                ..Options::default()
            },
        );
        let expected = oracle::page(bytes, keys);
        match (read, expected) {
            (Ok(page), Ok(expected)) => {
                assert_eq!(page.total, expected.total);
                assert_eq!(page.rows as usize, expected.runners.len());
                compare(page.runners(), &expected.runners);
                let key = |runner: &Runner| (runner.id, runner.created_at);
                let expected_keys = expected.runners.iter().filter(|_| keys).map(key);
                let keys = page.keys.iter().map(|key| (key.id, key.created_at));
                assert!(keys.eq(expected_keys), "{:?}", page.keys);
                assert_eq!(page.invalid_count as usize, expected.invalid.len());
                let kept = expected.invalid.len().min(MAX_PROBLEMS);
                assert_eq!(page.invalid.len(), kept);
                for (problem, expected) in page.invalid.iter().zip(&expected.invalid) {
                    same(problem, expected, &body);
                }
            }
            (Err(problem), Err(expected)) => same(&problem, &expected, &body),
            (read, expected) => panic!("expected {expected:?}\nbut read {read:?}"),
        }
    }
    match (
        read_runner(&body, Options::default()),
        oracle::runner(bytes),
    ) {
        (Ok(page), Ok(expected)) => {
            assert_eq!((page.rows, page.total), (1, 1));
            compare(page.runners(), &[expected]);
        }
        (Err(problem), Err(expected)) => same(&problem, &expected, &body),
        (read, expected) => panic!("expected a runner {expected:?}\nbut read {read:?}"),
    }
    assert_eq!(read_error(&body), oracle::error(bytes), "an API error");
}

fn compare(read: Runners, expected: &[Runner]) {
    assert_eq!(read.len(), expected.len());
    for (read, expected) in read.zip(expected) {
        let texts = [
            read.id,
            &read.name,
            &read.runner_type,
            &read.status,
            read.created_at,
            read.updated_at,
        ];
        assert_eq!(texts, expected.texts.each_ref().map(String::as_str));
        assert_eq!(read.tags, expected.tags);
    }
}

fn same(problem: &Problem, expected: &Refusal, body: &Body) {
    let actual = Refusal {
        kind: problem.kind,
        path: problem.path(),
        expected: problem.expected,
        offset: expected.offset.and(Some(problem.offset as usize)),
        missing: problem.missing,
    };
    assert_eq!(&actual, expected);
    assert!(problem.offset as usize <= body.len());
    found(problem, body);
}

/// What is said to be found is of the kind that is there, short, and harmless to a terminal.
fn found(problem: &Problem, body: &Body) {
    let found = problem.found(body);
    let first = body.bytes().get(problem.offset as usize).copied();
    let fits = match (&found, first) {
        (Found::End, None) => true,
        (Found::Other(_), Some(_)) => problem.kind != Kind::Schema,
        (Found::Missing, Some(_)) => problem.missing,
        (Found::Null, Some(b'n')) | (Found::Bool(true), Some(b't')) => true,
        (Found::Bool(false), Some(b'f')) | (Found::Array, Some(b'[')) => true,
        (Found::Object, Some(b'{')) | (Found::String(_), Some(b'"')) => true,
        (Found::Number(_), Some(b'-' | b'0'..=b'9')) => true,
        _ => false,
    };
    assert!(fits, "{found:?} where {first:?} is, of {problem:?}");
    if let Found::Number(text) | Found::String(text) | Found::Other(text) = found {
        assert!(
            text.chars().count() <= 40 * "\\u{10ffff}".len() + 1,
            "{text}"
        );
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}
