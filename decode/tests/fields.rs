//! The rules of each field, as tables.

mod common;

use comfycontrol_decode::{Expected, Found, Options, read_page};
use common::*;

#[test]
fn a_uuid_of_any_version_and_case_is_an_id() {
    for id in [
        "0190a5b4-7c3e-7abc-8def-0123456789ab",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "00000000-0000-0000-0000-000000000000",
        "AbCdEf01-2345-6789-aBcD-eF0123456789",
    ] {
        assert_eq!(
            single(runner_with("id", &format!("\"{id}\""))).unwrap().id,
            id
        );
    }
}

#[test]
fn nothing_else_is_an_id() {
    let id = ID.as_bytes();
    for at in 0..id.len() {
        for byte in 0..=127u8 {
            let hyphen = matches!(at, 8 | 13 | 18 | 23);
            if if hyphen {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            } {
                continue;
            }
            let mut wrong = id.to_vec();
            wrong[at] = byte;
            // As an escape, which reads the same bytes in another place, and plain where JSON allows it.
            let escaped: String = wrong.iter().map(|byte| format!("\\u{byte:04x}")).collect();
            let problem = single(runner_with("id", &format!("\"{escaped}\""))).unwrap_err();
            assert_eq!(
                (problem.path().as_str(), problem.expected),
                ("id", Expected::Uuid)
            );
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                let plain = String::from_utf8(wrong).unwrap();
                assert_eq!(
                    single(runner_with("id", &format!("\"{plain}\"")))
                        .unwrap_err()
                        .path(),
                    "id"
                );
            }
        }
    }
    for id in [
        "",
        "0190a5b4",
        &ID[1..],
        &format!("{ID}0"),
        &ID.replace('-', ""),
        &format!("{{{ID}}}"),
    ] {
        assert_eq!(
            single(runner_with("id", &format!("\"{id}\"")))
                .unwrap_err()
                .path(),
            "id",
            "{id}"
        );
    }
}

#[test]
fn date_times_follow_rfc_3339_and_the_calendar() {
    let right = [
        "2024-01-15T10:30:00Z",
        "2024-01-15t10:30:00z",
        "2024-01-15T10:30:00.1Z",
        "2024-01-15T10:30:00.123456789012345678901234567890Z",
        "2024-01-15T10:30:00+00:00",
        "2024-01-15T10:30:00-00:00",
        "2024-01-15T10:30:00.5+23:59",
        "2024-01-15T10:30:00-23:59",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2024-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z",
        "0000-02-29T00:00:00Z",
        "2023-04-30T00:00:00Z",
        "2023-01-31T00:00:00Z",
        // The RFC's own leap seconds (§5.8).
        "1990-12-31T23:59:60Z",
        "1990-12-31T15:59:60-08:00",
        "1991-01-01T00:59:60+01:00",
        "2024-02-29T23:59:60Z",
        "2023-12-31T00:29:60-23:30",
    ];
    for time in right {
        assert_eq!(
            single(runner_with("created_at", &format!("\"{time}\"")))
                .expect(time)
                .created_at,
            time
        );
        let escaped: String = time.bytes().map(|byte| format!("\\u{byte:04X}")).collect();
        assert_eq!(
            single(runner_with("updated_at", &format!("\"{escaped}\"")))
                .expect(time)
                .updated_at,
            time
        );
    }
    for time in [
        "",
        "2024-01-15",
        "2024-01-15 10:30:00Z",
        "2024-01-15T10:30:00",
        "2024-01-15T10:30Z",
        "2024-01-15T10:30:00.Z",
        "2024-01-15T10:30:00,5Z",
        "2024-01-15T10:30:00+0000",
        "2024-01-15T10:30:00+24:00",
        "2024-01-15T10:30:00+00:60",
        "2024-01-15T10:30:00+1:00",
        "2024-01-15T10:30:00Z ",
        " 2024-01-15T10:30:00Z",
        "24-01-15T10:30:00Z",
        "+2024-01-15T10:30:00Z",
        "2024-00-15T10:30:00Z",
        "2024-13-15T10:30:00Z",
        "2024-01-00T10:30:00Z",
        "2024-01-32T10:30:00Z",
        "2024-02-30T10:30:00Z",
        "2023-02-29T10:30:00Z",
        "1900-02-29T10:30:00Z",
        "2024-04-31T10:30:00Z",
        "2024-06-31T10:30:00Z",
        "2024-09-31T10:30:00Z",
        "2024-11-31T10:30:00Z",
        "2024-01-15T24:00:00Z",
        "2024-01-15T10:60:00Z",
        "2024-01-15T10:30:61Z",
        "2024-01-15T10:30:60Z",
        "1990-12-31T23:58:60Z",
        "1990-12-30T23:59:60Z",
        // In the last minute of a day in UTC, or on the first day of a month, but not both.
        "1990-12-15T00:59:60+01:00",
        "1991-01-01T10:30:60Z",
        "1990-12-31T23:59:60+01:00",
        "2023-02-29T23:59:60Z",
        "2024-01-15T10:30:0\u{661}Z",
    ] {
        let problem = single(runner_with("created_at", &format!("\"{time}\""))).expect_err(time);
        assert_eq!(
            (problem.path().as_str(), problem.expected),
            ("created_at", Expected::DateTime),
            "{time}"
        );
        assert_eq!(
            single(runner_with("updated_at", &format!("\"{time}\"")))
                .expect_err(time)
                .path(),
            "updated_at"
        );
    }
}

#[test]
fn days_follow_the_calendar() {
    for year in [1900, 2000, 2023, 2024] {
        for month in 0..=19 {
            let days = match month {
                2 if year == 2000 || year == 2024 => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                1..=12 => 31,
                _ => 0,
            };
            for day in 0..=39 {
                let time = format!("{year}-{month:02}-{day:02}T10:30:00Z");
                let is_valid = single(runner_with("created_at", &format!("\"{time}\""))).is_ok();
                assert_eq!(is_valid, (1..=days).contains(&day), "{time}");
            }
        }
    }
}

#[test]
fn unknown_values_are_data() {
    let runner = single(runner_with("runner_type", "\"enterprise\"")).unwrap();
    assert_eq!(runner.runner_type, "enterprise");
    assert_eq!(single(runner_with("status", "\"\"")).unwrap().status, "");
    assert_eq!(
        single(runner_with("status", "\"plus\"")).unwrap().status,
        "plus"
    );
    assert_eq!(
        single(runner_with("status", "\"pl\\u0075s\""))
            .unwrap()
            .status,
        "plus"
    );
}

#[test]
fn a_runner_may_have_any_number_of_tags() {
    for tags in [
        vec![],
        vec![""],
        vec!["gpu"],
        vec![
            "a",
            "b",
            "a",
            "plus",
            "日本",
            "a tag of more than sixteen bytes",
        ],
    ] {
        let json = format!("{tags:?}");
        assert_eq!(single(runner_with("tags", &json)).unwrap().tags, tags);
    }
    let many: Vec<_> = (0..5000).map(|i| format!("tag {}", i % 300)).collect();
    assert_eq!(
        single(runner_with("tags", &format!("{many:?}")))
            .unwrap()
            .tags,
        many
    );
    let problem = single(runner_with("tags", "[\"a\",\"b\",null,3]")).unwrap_err();
    assert_eq!(
        (problem.path().as_str(), problem.expected),
        ("tags[2]", Expected::String)
    );
    assert_eq!(
        single(runner_with("tags", "\"gpu\"")).unwrap_err().expected,
        Expected::Array
    );
}

#[test]
fn every_field_is_required_and_null_is_no_string() {
    for field in [
        "id",
        "name",
        "runner_type",
        "status",
        "tags",
        "created_at",
        "updated_at",
    ] {
        for wrong in ["null", "1", "true", "{}", "[1]"] {
            let expected = if field == "tags" && wrong == "[1]" {
                "tags[0]"
            } else {
                field
            };
            assert_eq!(
                single(runner_with(field, wrong)).unwrap_err().path(),
                expected
            );
        }
        let renamed = runner().replace(&format!("\"{field}\":"), "\"other\":");
        let text = page_of(&[runner(), renamed]);
        let body = body(&text);
        let problem = read_page(&body, Options::default()).unwrap_err();
        assert_eq!(problem.path(), format!("runners[1].{field}"));
        assert_eq!(problem.found(&body), Found::Missing);
        assert_eq!(
            problem.offset as usize,
            "{\"runners\":[,".len() + runner().len(),
            "the object that lacks it"
        );
    }
}

#[test]
fn total_is_the_integer_that_its_double_is() {
    let right = [
        ("0", 0),
        ("-0", 0),
        ("-0.0e5", 0),
        ("7", 7),
        ("1e2", 100),
        ("1E+2", 100),
        ("100.0", 100),
        ("100.000000000000000000000000000000", 100),
        ("12300e-2", 123),
        ("0.00000000000000000000123e23", 123),
        ("9007199254740991", 9007199254740991),
        ("9007199254740991.0", 9007199254740991),
        ("9007199254740991.2", 9007199254740991),
        (
            "9007199254740991.4999999999999999999999999999",
            9007199254740991,
        ),
        ("4503599627370496.5", 4503599627370496),
        ("4503599627370497.5", 4503599627370498),
        ("0.999999999999999944488848768742176061", 1),
        ("2.4703282292062327e-324", 0),
        ("-1e-400", 0),
        ("1e-999999999999999999999999", 0),
        ("0e999999999999999999999999", 0),
        // Behind the middle, and only just.
        ("4503599627370496.50000000001", 4_503_599_627_370_497),
    ];
    for (text, total) in right {
        let page = page(format!("{{\"runners\":[],\"total\":{text}}}"));
        assert_eq!(page.expect(text).total, total, "{text}");
    }
    for text in [
        "1.5",
        "-1",
        "9007199254740992",
        "9007199254740991.5",
        "1e16",
        "1e400",
        "1e-300",
        "-1e-300",
        "0.5",
        "0.99999999999999994",
        "2.4703282292062328e-324",
        "5e-324",
        "4503599627370495.26",
        "4503599627370495.25000000000001",
        "\"1\"",
        "null",
        "[]",
        "{}",
        "true",
        "1e999999999999999999999999",
    ] {
        assert_eq!(
            path(format!("{{\"runners\":[],\"total\":{text}}}")),
            "total",
            "{text}"
        );
    }
}

#[test]
fn the_last_digit_decides_about_the_smallest_double() {
    // 2^-1075, in the middle between zero and the smallest double, is 5^1075 at the 1075th place.
    let mut digits = vec![0; 1075];
    digits[1074] = 1;
    for _ in 0..1075 {
        let mut carry = 0;
        for digit in digits.iter_mut().rev() {
            let value = *digit * 5 + carry;
            *digit = value % 10;
            carry = value / 10;
        }
    }
    let digits: String = digits.iter().map(u8::to_string).collect();
    let read = |digits: &str| page(format!("{{\"runners\":[],\"total\":0.{digits}}}"));
    assert_eq!(read(&digits).unwrap().total, 0);
    assert!(read(&format!("{digits}1")).is_err());
    assert!(read(&format!("{digits}{}1", "0".repeat(100))).is_err());
}
