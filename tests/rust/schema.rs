use comfycontrol_decode::{read_page, read_runner};
use comfycontrol_runners::schema::{PageMembers, Reading};

/// The members of page 2 of 21 runners, 10 a page.
const PAGE_2: PageMembers = PageMembers {
    page: Some(2.0),
    per_page: Some(10.0),
    page_count: Some(3.0),
    has_next_page: Some(true),
};
const TOTAL: Option<u64> = Some(21);
const INTEGER: &str = "an integer from 0 to 9007199254740991";

#[test]
fn a_reading_has_all_issues_and_what_is_valid() {
    let reading = Reading::new(r#"{"runners":[3],"total":21}"#, read_page);
    assert_eq!(
        (reading.is_object, reading.total, reading.page.rows),
        (true, TOTAL, 0)
    );
    assert_eq!(reading.issues.len(), 1);
    assert_eq!(reading.issues[0].problem.path(), "runners[0]");
    assert_eq!(reading.issues[0].found, "3");

    let reading = Reading::new(
        r#"{"runners":[],"total":"cfc_0123456789abcdef"}"#,
        read_page,
    );
    assert_eq!((reading.is_object, reading.total), (true, None));
    assert_eq!(reading.issues[0].expected, INTEGER);
    assert!(
        !reading.issues[0].found.contains("0123456789"),
        "{}",
        reading.issues[0].found
    );

    for json in ["[]", "null", "7"] {
        let reading = Reading::new(json, read_page);
        assert_eq!(
            (reading.is_object, reading.total, reading.issues.len()),
            (false, None, 1)
        );
    }
    let reading = Reading::new("{}", read_runner);
    assert_eq!((reading.is_object, reading.issues.len()), (true, 7));
    // It is never written, but would be an issue like any other.
    assert_eq!(Reading::new("{", read_runner).issues.len(), 1);
}

#[test]
fn the_members_of_a_page_must_fit_each_other() {
    assert_eq!(PAGE_2.check(TOTAL), Ok((2, 10)));
    let past_the_end = PageMembers {
        page: Some(4_294_967_295.0),
        has_next_page: Some(false),
        ..PAGE_2
    };
    assert_eq!(past_the_end.check(TOTAL), Ok((4_294_967_295, 10)));
    let empty = PageMembers {
        page_count: Some(0.0),
        has_next_page: Some(false),
        ..PAGE_2
    };
    assert_eq!(empty.check(Some(0)), Ok((2, 10)));

    let wrong = |members: PageMembers, total, expected: &[(&'static str, &str)]| {
        let expected = expected.iter().map(|&(name, text)| (name, text.to_owned()));
        assert_eq!(members.check(total), Err(expected.collect()), "{members:?}");
    };
    let count = ("pageCount", "3 (total / perPage, rounded up)");
    for page_count in [None, Some(2.0), Some(3.5), Some(-3.0), Some(f64::NAN)] {
        wrong(
            PageMembers {
                page_count,
                ..PAGE_2
            },
            TOTAL,
            &[count],
        );
    }
    let next = ("hasNextPage", "true (page is less than pageCount)");
    wrong(
        PageMembers {
            has_next_page: Some(false),
            ..PAGE_2
        },
        TOTAL,
        &[next],
    );
    wrong(
        PageMembers {
            has_next_page: None,
            ..PAGE_2
        },
        TOTAL,
        &[next],
    );
    let last = ("hasNextPage", "false (page is not less than pageCount)");
    wrong(
        PageMembers {
            page: Some(3.0),
            ..PAGE_2
        },
        TOTAL,
        &[last],
    );
    let per_page = ("perPage", "an integer from 1 to 100");
    wrong(
        PageMembers {
            per_page: Some(0.0),
            ..PAGE_2
        },
        TOTAL,
        &[per_page],
    );
}

#[test]
fn without_a_total_only_types_and_ranges_are_checked() {
    assert_eq!(PAGE_2.check(None), Ok((2, 10)));
    let largest = PageMembers {
        page_count: Some(9_007_199_254_740_991.0),
        ..PAGE_2
    };
    assert_eq!(largest.check(None), Ok((2, 10)));
    for page_count in [
        None,
        Some(9_007_199_254_740_992.0),
        Some(0.5),
        Some(-1.0),
        Some(f64::INFINITY),
    ] {
        let members = PageMembers {
            page_count,
            has_next_page: None,
            ..PAGE_2
        };
        let wrong = vec![
            ("pageCount", INTEGER.to_owned()),
            ("hasNextPage", "a boolean".to_owned()),
        ];
        assert_eq!(members.check(None), Err(wrong));
    }
}
