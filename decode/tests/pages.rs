//! What a page holds: its columns and texts, its keys, and what is wrong with runners.

mod common;

use std::borrow::Cow;

use comfycontrol_decode::{
    Expected, Found, HEADER, Kind, OnInvalid, Options, read_page, read_runner,
};
use common::*;
use proptest::prelude::*;

#[test]
fn a_short_string_that_repeats_is_kept_once() {
    let kept = |rows: &[String]| {
        let columns = page(page_of(rows)).unwrap().columns;
        (columns.len() - columns[1] as usize) / 2
    };
    // These differ only in their last bytes.
    let alike: Vec<_> = (0..12).map(|i| format!("cuda-compute-{i:02}")).collect();
    // Every length up to the longest that the table remembers.
    let lengths = (0..=15).map(|len| vec!["x".repeat(len)]);
    for tags in lengths.chain([alike]) {
        let usual = runner_with("tags", &format!("{tags:?}"));
        let other = reordered(&usual);
        // With the values of `runner_type` and `status`.
        let strings = tags.len() + 2;
        for rows in [
            vec![usual.clone(); 3],
            vec![other.clone(); 3],
            vec![usual.clone(), other.clone(), usual],
        ] {
            assert_eq!(kept(&rows), strings, "{tags:?}");
        }
    }
}

#[test]
fn an_unusual_end_of_a_row_spoils_none_of_its_strings() {
    // The compact reader keeps most of the strings before it gives up.
    let mut name = String::new();
    for _ in 0..400 {
        name.push('n');
        let row = runner_with("name", &format!("\"{name}\"")).replace("\"}", "\",\"status\":\"\"}");
        assert_eq!(runners(page_of(&[row]))[0].name, name);
    }
}

#[test]
fn runners_that_do_not_count_leave_no_columns() {
    let rows = page_of(&[runner(), runner_with("name", "\"é\"")]);
    let page = page(rows.replace("],\"total\"", "],\"runners\":[],\"total\"")).unwrap();
    assert_eq!((page.rows, page.columns[0]), (0, 0));
    assert_eq!(page.columns[1], HEADER as i32);
}

#[test]
fn ids_and_times_are_kept_without_escapes() {
    let escaped = |text: &str| -> String {
        let escapes = text.bytes().map(|byte| format!("\\u{byte:04x}"));
        format!("\"{}\"", escapes.collect::<String>())
    };
    let id = runner_with("id", &escaped(ID));
    let json = id.replacen(&format!("\"{TIME}\""), &escaped(TIME), 1);
    let page = page(page_of(&[json])).unwrap();
    assert!(page.ascii.contains(ID) && page.ascii.contains(TIME));
    assert!(page.columns.iter().all(|&column| column >= 0));
    let runner = page.runners().next().unwrap();
    assert_eq!((runner.id, runner.created_at), (ID, TIME));
}

#[test]
fn invalid_strings_that_are_not_ascii_leave_the_others_alone() {
    let invalid = runner_with("id", "\"é\"").replace("gpu", "new");
    let invalid = invalid.replacen(TIME, "日\\u0030", 1);
    let options = Options {
        on_invalid: OnInvalid::CollectRunners,
        ..Options::default()
    };
    let json = page_of(&[runner(), invalid, runner_with("name", "\"é\"")]);
    let page = read_page(&body(json), options).unwrap();
    assert_eq!(page.invalid_count, 2);
    let names = rows(&page).into_iter().map(|runner| runner.name);
    assert_eq!(names.collect::<Vec<_>>(), ["gpu box", "é"]);
}

#[test]
fn rows_borrow_every_string_that_has_no_escapes() {
    let json = page_of(&[
        runner_with("name", "\"日本 😀\"").replace("\"gpu\"", "\"größe\",\"\\ud800é\""),
        runner_with("name", "\"\\ud83d\\ude00\"").replace("\"gpu\"", "\"größe\""),
        runner_with("name", "\"é\\n日\""),
        runner_with("name", "\"😀\""),
    ]);
    let page = page(json).unwrap();
    assert_eq!(page.runners().len(), 4);
    let names = page.runners().map(|runner| runner.name);
    let names: Vec<_> = names.collect();
    assert_eq!(names, ["日本 😀", "😀", "é\n日", "😀"]);
    let is_borrowed = |text: &Cow<str>| matches!(text, Cow::Borrowed(_));
    assert_eq!(
        names.iter().map(is_borrowed).collect::<Vec<_>>(),
        [true, false, false, true]
    );
    let tags = page.runners().map(|runner| runner.tags);
    let tags: Vec<_> = tags.collect();
    assert_eq!(tags[0], ["größe", "\u{fffd}é", "a100"]);
    assert_eq!(tags[1], ["größe", "a100"]);
    assert!(is_borrowed(&tags[1][0]));
}

proptest! {
    #[test]
    fn columns_that_somebody_changed_break_nothing(
        columns in prop::collection::vec(any::<i16>().prop_map(i32::from), 0..60),
        index in 0..40usize,
        column: i32,
    ) {
        let json = page_of(&[runner_with("name", "\"é😀\\n\""), runner()]);
        let mut page = page(json).unwrap();
        if let Some(changed) = page.columns.get_mut(index) {
            *changed = column;
        }
        prop_assert_eq!(page.runners().count(), 2);
        page.columns = columns;
        prop_assert_eq!(page.runners().count(), 2);
    }
}

#[test]
fn long_and_new_tags_leave_the_other_strings_alone() {
    for len in 0..300 {
        let tag = "x".repeat(len);
        let row = |name: &str| {
            runner_with("name", &format!("\"{name}\""))
                .replace("[\"gpu\"", &format!("[\"{tag}\",\"{len}\""))
        };
        let names = ["a", "é", "日本", "a name of thirty-two characters!", &tag].map(String::from);
        let read = runners(page_of(&names.each_ref().map(|name| row(name))));
        for (runner, name) in read.iter().zip(names) {
            assert_eq!(runner.name, name);
            assert_eq!(runner.tags, [tag.as_str(), &len.to_string(), "a100"]);
            assert_eq!((runner.id.as_str(), runner.updated_at.as_str()), (ID, TIME));
        }
    }
}

#[test]
fn the_last_of_several_members_counts() {
    let twice = |first: &str, second: &str| {
        format!(
            "{{\"total\":{first},\"runners\":[7],\"x\":0,\"runners\":[{}],\"total\":{second}}}",
            runner()
        )
    };
    assert_eq!(page(twice("null", "1")).unwrap().rows, 1);
    assert_eq!(path(twice("1", "null")), "total");
    let runner_twice = |first: &str, second: &str| {
        runner_with("name", &format!("{first},\"na\\u006de\":{second}"))
    };
    assert_eq!(single(runner_twice("null", "\"x\"")).unwrap().name, "x");
    assert_eq!(
        single(runner_twice("\"x\"", "null")).unwrap_err().path(),
        "name"
    );
    let tags = runner_with("tags", "[\"a\",\"b\"],\"tags\":[\"c\"]");
    assert_eq!(single(tags).unwrap().tags, ["c"]);
}

#[test]
fn members_of_other_objects_are_unknown() {
    let other = runner().replacen('{', "{\"runners\":[7],\"total\":null,\"message\":7,", 1);
    let text = page_of(&[runner(), other]);
    let text = text.replacen('{', "{\"id\":7,\"tags\":[7],\"message\":7,", 1);
    assert_eq!(runners(text).len(), 2);
}

#[test]
fn wrong_runners_can_be_left_out() {
    let wrong = runner_with("id", "7").replace("\"status\":\"active\"", "\"status\":null");
    let text = page_of(&[
        wrong,
        runner(),
        "null".into(),
        runner_with("name", "\"last\""),
    ]);
    let body = body(&text);
    let page = read_page(
        &body,
        Options {
            on_invalid: OnInvalid::CollectRunners,
            keys: true,
            ..Options::default()
        },
    )
    .unwrap();
    assert_eq!((page.rows, page.total, page.keys.len()), (2, 4, 2));
    assert_eq!(rows(&page)[1].name, "last");
    let paths: Vec<_> = page.invalid.iter().map(|problem| problem.path()).collect();
    assert_eq!(paths, ["runners[0].id", "runners[0].status", "runners[2]"]);
    assert_eq!(page.invalid[0].found(&body), Found::Number("7".into()));
    assert_eq!(page.invalid[2].expected, Expected::Object);
    assert_eq!(page.invalid_count, 3);
    // What is wrong with the body still fails, and so does a single runner.
    let collect = Options {
        on_invalid: OnInvalid::CollectRunners,
        keys: false,
        ..Options::default()
    };
    let text = text.replace("\"total\":4", "\"total\":-4");
    assert_eq!(
        read_page(&common::body(text), collect).unwrap_err().path(),
        "total"
    );
    assert_eq!(
        read_runner(&common::body("{}"), collect)
            .unwrap_err()
            .path(),
        "id"
    );
}

#[test]
fn everything_that_breaks_the_contract_can_be_collected() {
    let all = Options {
        on_invalid: OnInvalid::CollectAll,
        ..Options::default()
    };
    let paths = |text: &str| {
        let page = read_page(&body(text), all).unwrap();
        assert_eq!(page.invalid.len(), page.invalid_count as usize);
        let paths: Vec<_> = page.invalid.iter().map(|problem| problem.path()).collect();
        (page.rows, paths)
    };
    let wrong = runner_with("id", "7").replace("\"active\"", "1");
    let wrong = format!("{{\"total\":-4,\"runners\":[{wrong},{}]}}", runner());
    let found = (
        1,
        vec![
            "runners[0].id".into(),
            "runners[0].status".into(),
            "total".into(),
        ],
    );
    assert_eq!(paths(&wrong), found);
    assert_eq!(paths("{}"), (0, vec!["runners".into(), "total".into()]));
    assert_eq!(paths("[]"), (0, vec![String::new()]));
    let single = read_runner(&body(runner_with("tags", "[\"a\",1]")), all).unwrap();
    assert_eq!(
        (single.rows, single.invalid[0].path()),
        (0, "tags[1]".into())
    );
    let many = format!("{{\"runners\":[{}0],\"total\":-4}}", "0,".repeat(1999));
    let page = read_page(&body(many), all).unwrap();
    assert_eq!((page.invalid.len(), page.invalid_count), (1001, 2001));
    assert_eq!(page.invalid[1000].path(), "total");
    // What is not JSON still fails.
    let problem = read_page(&body("{\"runners\":[],\"total\":-4,}"), all).unwrap_err();
    assert_eq!(problem.kind, Kind::Malformed);
}

#[test]
fn only_so_many_problems_are_kept() {
    let text = format!("{{\"runners\":[{}0],\"total\":1}}", "0,".repeat(4999));
    let page = read_page(
        &body(text),
        Options {
            on_invalid: OnInvalid::CollectRunners,
            keys: false,
            ..Options::default()
        },
    )
    .unwrap();
    assert_eq!(
        (page.invalid.len(), page.invalid_count),
        (comfycontrol_decode::MAX_PROBLEMS, 5000)
    );
}

#[test]
fn keys_are_ids_and_instants() {
    let key = |id: &str, time: &str| {
        // Both readers read it.
        let usual = runner_with("id", &format!("\"{id}\"")).replace(TIME, time);
        let other = reordered(&usual);
        let [a, b] = [usual, other].map(|runner| {
            let options = Options {
                on_invalid: OnInvalid::Fail,
                keys: true,
                ..Options::default()
            };
            read_page(&body(page_of(&[runner])), options)
                .expect(time)
                .keys[0]
        });
        assert_eq!(a, b);
        (a.id, a.created_at.seconds, a.created_at.nanos)
    };
    let id = 0x0190a5b4_7c3e_7abc_8def_0123456789ab;
    assert_eq!(key(ID, "1970-01-01T00:00:00Z"), (id, 0, 0));
    assert_eq!(
        key(&ID.to_uppercase(), "2024-01-15T10:30:00.25Z"),
        (id, 1705314600, 250_000_000)
    );
    assert_eq!(
        key(ID, "2024-01-15T10:30:00.1234567899+01:00"),
        (id, 1705311000, 123_456_789)
    );
    assert_eq!(key(ID, "1969-12-31T23:59:59-00:30"), (id, 1799, 0));
    assert_eq!(key(ID, "0000-03-01T00:00:00Z"), (id, -62162035200, 0));
    assert_eq!(key(ID, "2016-12-31T23:59:60Z"), (id, 1483228800, 0));
    assert_eq!(key(ID, "9999-12-31T23:59:59Z"), (id, 253402300799, 0));
}

#[test]
fn what_was_found_is_short_and_harmless() {
    let found = |value: &str| {
        let body = body(runner_with("created_at", value));
        read_runner(&body, Options::default())
            .unwrap_err()
            .found(&body)
    };
    assert_eq!(found("null"), Found::Null);
    assert_eq!(found("false"), Found::Bool(false));
    assert_eq!(found("[]"), Found::Array);
    assert_eq!(found("{}"), Found::Object);
    assert_eq!(found("-1.5e+3"), Found::Number("-1.5e+3".into()));
    assert_eq!(found("\"a\\\"b\""), Found::String("a\\\"b".into()));
    assert_eq!(found("\"\\\\\""), Found::String("\\\\".into()));
    assert_eq!(
        found("\"\u{202e}日\u{7f}\u{9b}\""),
        Found::String("\\u{202e}日\\u{7f}\\u{9b}".into())
    );
    assert_eq!(
        found(&format!("\"{}\"", "é".repeat(40))),
        Found::String("é".repeat(40))
    );
    assert_eq!(
        found(&format!("\"{}\"", "é".repeat(41))),
        Found::String("é".repeat(40) + "…")
    );
    let bytes = body("<!DOCTYPE html>\n");
    let problem = read_page(&bytes, Options::default()).unwrap_err();
    assert_eq!(problem.kind, Kind::Malformed);
    assert_eq!(
        problem.found(&bytes),
        Found::Other("<!DOCTYPE html>\\u{a}".into())
    );
    // Anything may stand where JSON is expected, and what is not UTF-8 is shown as what it is not.
    for (bytes, shown) in [
        (&b"\xf0\x9f\x98\x80 \xe6\x97\xa5"[..], "😀 日"),
        (b"\x80", "\u{fffd}"),
        (b"\xff\xfe{}", "\u{fffd}\u{fffd}{}"),
        (b"\xe6\x97", "\u{fffd}\u{fffd}"),
        (b"\xe6\x97x", "\u{fffd}\u{fffd}x"),
        (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        (b"\xf4\x90\x80\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
    ] {
        let body = body(bytes);
        let problem = read_page(&body, Options::default()).unwrap_err();
        assert_eq!(
            problem.found(&body),
            Found::Other(shown.into()),
            "{bytes:x?}"
        );
    }
    let cut = body("{\"runners\":");
    assert_eq!(
        read_page(&cut, Options::default()).unwrap_err().found(&cut),
        Found::End
    );
}
