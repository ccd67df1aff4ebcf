//! JSON and UTF-8: what is accepted, and which kind of problem everything else is.

mod common;

use comfycontrol_decode::{Body, Kind, MAX_LEN, Options, read_error, read_page, read_runner};
use common::*;

/// A page whose first member is unknown and has this value.
fn unknown(value: impl AsRef<[u8]>) -> Vec<u8> {
    [b"{\"x\":", value.as_ref(), b",\"runners\":[],\"total\":0}"].concat()
}

#[test]
fn any_value_may_be_unknown() {
    for value in [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "0.0",
        "1e5",
        "1E-5",
        "-12.5e+07",
        "\"\"",
        "[]",
        "{}",
        " [ ] ",
        "[[],{},[{}]]",
        "{\"a\":{\"b\":[1,2,{\"c\":null}]}}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\\ud800\"",
        "\"\u{7f}\u{2028}\"",
        "\r\n\t 1 \r\n\t",
        "{\"__proto__\":1,\"\":2}",
        "1e999",
        "[1,\n\n 2]",
    ] {
        assert_eq!(kind(unknown(value)), None, "{value}");
    }
}

#[test]
fn what_is_not_json_is_malformed() {
    for value in [
        "",
        "nul1",
        "True",
        "'a'",
        "01",
        "-a",
        "+1",
        ".5",
        "1.",
        "1.e5",
        "1e",
        "1e+",
        "0x10",
        "1 2",
        "[1,]",
        "[,]",
        "[1 2]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "[1}",
        "{\"a\":1]",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u 123\"",
        "\"\\U0041\"",
        "\"\n\"",
        "\"\t\"",
        "\"\0\"",
        "\"\u{1f}\"",
        "\u{a0}1",
        "\u{feff}1",
        "\u{b}1",
        "/**/1",
        "NaN",
        "Infinity",
        "1_0",
        "undefined",
        "\0",
        "[\0]",
    ] {
        assert_eq!(kind(unknown(value)), Some(Kind::Malformed), "{value:?}");
    }
    for text in [
        "{\"runners\":[],\"total\":0}x",
        "{\"runners\":[],\"total\":0}{}",
        "{}\0",
        "\u{feff}\u{feff}{}",
        "]",
        "<html>",
    ] {
        assert_eq!(kind(text), Some(Kind::Malformed), "{text:?}");
    }
}

#[test]
fn control_characters_are_refused_in_strings_that_repeat() {
    // Up to more than fill two vectors, with and without the closing quote.
    for len in 0..40 {
        for byte in ["\0", "\u{1}", "\u{7f}"] {
            let text = byte.repeat(len);
            for field in ["runner_type", "status", "tags"] {
                let [open, close] = if field == "tags" {
                    ["[", "]"]
                } else {
                    ["", ""]
                };
                let unclosed = page_of(&[runner_with(field, &format!("{open}\"{text}{close}"))]);
                assert_eq!(kind(unclosed), Some(Kind::Malformed), "{field} {len}");
                let closed = page_of(&[runner_with(field, &format!("{open}\"{text}\"{close}"))]);
                let is_valid = len == 0 || byte == "\u{7f}";
                assert_eq!(kind(closed).is_none(), is_valid, "{field} {len}");
            }
        }
    }
    // Behind a string that the table remembers.
    for text in ["", "plus"] {
        let known = runner_with("status", &format!("\"{text}\""));
        let other = runner_with("status", &format!("\"{text}\0\""));
        let page = page_of(&[known, other]);
        assert_eq!(kind(page), Some(Kind::Malformed), "{text}");
    }
}

#[test]
fn a_byte_order_mark_and_white_space_are_skipped() {
    let text = page_of(&[runner_with("name", "\"é \\n\"")]);
    let plain = runners(&text);
    assert_eq!(plain[0].name, "é \n");
    assert_eq!(runners(format!("\u{feff}{text}")), plain);
    assert_eq!(runners(format!("\u{feff} \n{text}\r\n\t ")), plain);
    assert_eq!(kind([0xef]), Some(Kind::Truncated));
    assert_eq!(kind([0xef, 0xbb]), Some(Kind::Truncated));
}

#[test]
fn every_prefix_is_truncated_and_nothing_else() {
    let odd = runner_with("name", "\"é日😀\\ud83d\\ude00\\n\"").replacen(
        '{',
        " {\"x\":[null,-1.5e3,true,{\"a\":[]}], ",
        1,
    );
    let pretty = page_of(&[runner(), odd])
        .replace(',', " ,\n\t\t ")
        .replace(':', " : ");
    // The last one has problems of its schema, which do not count before the body is complete.
    for text in [
        page_of(&[runner(), runner()]),
        pretty,
        page_of(&["7".into(), "{}".into()]),
    ] {
        let bytes = text.as_bytes();
        for end in 0..bytes.len() {
            let problem = page(&bytes[..end]).unwrap_err();
            let what = String::from_utf8_lossy(&bytes[..end]);
            assert_eq!(
                (problem.kind, problem.offset as usize),
                (Kind::Truncated, end),
                "{what}"
            );
        }
    }
}

#[test]
fn syntax_errors_come_before_problems_of_the_schema() {
    assert_eq!(kind("{\"runners\":7,\"total\":x}"), Some(Kind::Malformed));
    assert_eq!(
        kind("{\"runners\":[null,{\"id\":7}],\"total\":"),
        Some(Kind::Truncated)
    );
    assert_eq!(kind("[] 7"), Some(Kind::Malformed));
    assert_eq!(
        kind(b"{\"runners\":7,\"total\":x,\"a\":\"\xff\"}"),
        Some(Kind::InvalidUtf8)
    );
    assert_eq!(path("{\"runners\":7,\"total\":\"x\"}"), "runners");
    assert_eq!(path("[]"), "");
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let invalid: [&[u8]; 20] = [
        b"\x80",
        b"\xbf",
        b"\xc0\xaf",
        b"\xc1\x81",
        b"\xc3",
        b"\xc3(",
        b"\xe0\x80\x80",
        b"\xe0\x9f\xbf",
        b"\xe2\x82",
        b"\xe2(\xa1",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf0\x80\x80\x80",
        b"\xf0\x8f\xbf\xbf",
        b"\xf0\x9f\x98",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xfe",
        b"\xff",
        b"\xf0\x9f(\x80",
    ];
    for bytes in invalid {
        // In a string that is kept, in one that is not, in a name, and outside of all strings.
        let name = [b"{\"runners\":[{\"name\":\"", bytes, b"\"}],\"total\":0}"].concat();
        let member = [b"{\"", bytes, b"\":1,\"runners\":[],\"total\":0}"].concat();
        let outside = unknown([b"1", bytes].concat());
        for text in [
            name,
            member,
            unknown([b"\"", bytes, b"\""].concat()),
            outside,
        ] {
            assert_eq!(
                kind(&text),
                Some(Kind::InvalidUtf8),
                "{}",
                String::from_utf8_lossy(&text)
            );
        }
    }
    for char in [
        "\u{80}",
        "\u{7ff}",
        "\u{800}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{ffff}",
        "\u{10000}",
        "\u{40000}",
        "\u{fffff}",
        "\u{10ffff}",
    ] {
        let text = page_of(&[runner_with("name", &format!("\"{char}\""))]);
        assert_eq!(runners(text)[0].name, char);
    }
}

#[test]
fn nesting_is_only_limited_by_the_body() {
    for depth in [1, 31, 32, 33, 63, 64, 65, 1000, 100_000, 1_000_000] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(kind(unknown(&nested)), None, "{depth}");
        assert_eq!(
            kind(unknown(format!("{}1}}", "[".repeat(depth)))),
            Some(Kind::Malformed)
        );
        assert_eq!(
            kind(format!("{{\"x\":{}", "[".repeat(depth))),
            Some(Kind::Truncated)
        );
        let objects = format!("{}1{}", "{\"a\":[".repeat(depth), "]}".repeat(depth));
        assert_eq!(kind(unknown(&objects)), None, "{depth}");
        let crossed = format!("{}1{}", "{\"a\":[".repeat(depth), "}]".repeat(depth));
        assert_eq!(kind(unknown(&crossed)), Some(Kind::Malformed), "{depth}");
        // Also inside a runner.
        let inside = runner_with("tags", &format!("[\"a\"],\"x\":{nested},\"tags\":[\"b\"]"));
        assert_eq!(runners(page_of(&[runner(), inside]))[1].tags, ["b"]);
    }
}

#[test]
fn special_characters_are_found_at_every_position_of_every_vector() {
    let specials = ["\\n", "é", "日", "😀", "\\u00e9", "\\\\", "\\\""];
    for shift in 0..16 {
        for len in 0..=80usize {
            let plain = "x".repeat(len);
            let white = " ".repeat(shift);
            let text = |name: &str| {
                format!(
                    "{{{white}\"runners\":[{}],\"total\":1}}",
                    runner_with("name", &format!("\"{name}\""))
                )
            };
            assert_eq!(runners(text(&plain))[0].name, plain);
            for index in 0..len {
                let special = specials[(index + len + shift) % specials.len()];
                let name = format!("{}{special}{}", &plain[..index], &plain[index + 1..]);
                let expected: String = serde_json::from_str(&format!("\"{name}\"")).unwrap();
                assert_eq!(runners(text(&name))[0].name, expected, "{name}");
                for wrong in ["\n", "\u{0}", "\u{1f}"] {
                    let name = format!("{}{wrong}{}", &plain[..index], &plain[index + 1..]);
                    assert_eq!(kind(text(&name)), Some(Kind::Malformed));
                }
                let mut bytes = text(&plain).into_bytes();
                let start = bytes
                    .windows(8)
                    .position(|window| window == b"\"name\":\"")
                    .unwrap()
                    + 8;
                bytes[start + index] = 0x80;
                assert_eq!(kind(&bytes), Some(Kind::InvalidUtf8));
            }
        }
    }
}

#[test]
fn strings_that_repeat_may_have_any_length() {
    for len in 0..=70 {
        let text = "x".repeat(len);
        let quoted = format!("\"{text}\"");
        let list = runners(page_of(&[
            runner_with("runner_type", &quoted),
            runner_with("status", &quoted),
            runner_with("tags", &format!("[\"a\",{quoted},\"b\"]")),
        ]));
        assert_eq!(list[0].runner_type, text);
        assert_eq!(list[1].status, text);
        assert_eq!(list[2].tags, ["a", &text, "b"]);
    }
}

#[test]
fn tags_with_wrong_punctuation_are_malformed() {
    for tags in [
        "[\"a\" \"b\"]",
        "[\"a\"}",
        "[\"a\":1]",
        "[\"a\"x]",
        "[\"a\",]",
    ] {
        let text = page_of(&[runner_with("tags", tags)]);
        assert_eq!(kind(text), Some(Kind::Malformed), "{tags}");
    }
}

#[test]
fn white_space_of_any_length_is_skipped() {
    let expected = runners(page_of(&[runner()]));
    for len in [1, 2, 15, 16, 17, 31, 32, 33, 100] {
        for space in [" ", "\t", "\r\n"] {
            let behind = format!("\":{}", space.repeat(len));
            let text = page_of(&[runner()]).replace("\":", &behind);
            assert_eq!(runners(text), expected, "{space:?} {len} times");
        }
    }
}

#[test]
fn a_body_that_is_too_long_is_refused() {
    // The operating system makes no memory of zeros that nobody reads.
    let body = Body::with_len(MAX_LEN + 1);
    let problem = read_page(&body, Options::default()).unwrap_err();
    assert_eq!((problem.kind, problem.offset), (Kind::TooLong, 0));
    assert_eq!(read_runner(&body, Options::default()).unwrap_err(), problem);
    assert_eq!(read_error(&body), None);
}

#[test]
fn member_names_may_hold_escapes_and_near_misses_are_unknown() {
    let escaped = page_of(&[runner()])
        .replace("\"id\"", "\"\\u0069\\u0064\"")
        .replace("\"runners\"", "\"runner\\u0073\"");
    assert_eq!(runners(escaped)[0].id, ID);
    for name in [
        "i",
        "idd",
        "ID",
        "id\\u0000",
        "\\u0000",
        "",
        "id ",
        "\\ud800",
        "ïd",
        "updated_at_updated_at",
    ] {
        let text = page_of(&[runner().replacen('{', &format!("{{\"{name}\":7,"), 1)]);
        assert_eq!(runners(text)[0].id, ID, "{name}");
    }
}

#[test]
fn an_unusual_form_reads_like_the_usual_one() {
    let usual = page_of(&[runner(), runner_with("name", "\"日本\"")]);
    let value: serde_json::Value = serde_json::from_str(&usual).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let expected = runners(&usual);
    assert_eq!(runners(pretty), expected);
    for (from, to) in [
        (",", " ,"),
        (",", ", "),
        (":\"", ": \""),
        (":\"", " :\""),
        ("{", "{\n"),
        ("}", "\t}"),
        ("[", "[ "),
        ("]", "\r]"),
    ] {
        assert_eq!(
            runners(usual.replace(from, to)),
            expected,
            "{from:?} {to:?}"
        );
    }
    let mut reversed: Vec<_> = value["runners"][1]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| format!("{name:?}:{value}"))
        .collect();
    reversed.reverse();
    assert_eq!(
        single(format!("{{{}}}", reversed.join(","))).unwrap(),
        expected[1]
    );
}

#[test]
fn escapes_mean_what_json_says_and_lone_surrogates_become_replacement_characters() {
    for (json, text) in [
        ("\\ud83d\\ude00", "😀"),
        ("\\ud800", "\u{fffd}"),
        ("\\ude00\\ud83d", "\u{fffd}\u{fffd}"),
        ("\\udc00\\udc00", "\u{fffd}\u{fffd}"),
        ("\\ud83dx\\ude00", "\u{fffd}x\u{fffd}"),
        ("\\ud83d\\ud83d\\ude00", "\u{fffd}😀"),
        ("\\ud83d\\n", "\u{fffd}\n"),
        (
            "\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9",
            "\"\\/\u{8}\u{c}\n\r\t\u{e9}",
        ),
    ] {
        assert_eq!(
            single(runner_with("name", &format!("\"é{json}\"")))
                .unwrap()
                .name,
            format!("é{text}")
        );
        let message = read_error(&body(format!("{{\"message\":\"{json}\"}}")));
        assert_eq!(message.as_deref(), Some(text));
    }
}

#[test]
fn an_api_error_has_a_message() {
    let read = |text: &str| read_error(&body(text));
    for (text, message) in [
        (
            "{\"status\":404,\"message\":\"no such runner\"}",
            "no such runner",
        ),
        (
            " {\"message\":\"a\",\"x\":[{}],\"m\\u0065ssage\":\"b\"} ",
            "b",
        ),
        ("{\"status\":\"bad\",\"message\":\"\"}", ""),
        // The last of several members counts.
        ("{\"message\":7,\"message\":\"a\"}", "a"),
    ] {
        assert_eq!(read(text).as_deref(), Some(message), "{text}");
    }
    for text in [
        "",
        "{}",
        "[]",
        "null",
        "<html>",
        "{\"message\":7}",
        "{\"message\":\"a\",\"message\":null}",
        "{\"message\":\"a\"",
        "{\"message\":\"a\"}x",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
    assert_eq!(read_error(&body(b"{\"message\":\"\xff\"}")), None);
}

#[test]
fn a_body_can_be_filled_in_place() {
    let text = page_of(&[runner()]);
    let mut body = Body::with_len(text.len());
    body.bytes_mut().copy_from_slice(text.as_bytes());
    assert_eq!(read_page(&body, Options::default()).unwrap().rows, 1);
    assert_eq!((body.len(), body.is_empty()), (text.len(), false));
    assert_eq!(body.bytes(), text.as_bytes());
    let body = Body::with_len(0);
    assert_eq!((body.len(), body.is_empty()), (0, true));
}
