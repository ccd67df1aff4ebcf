use comfycontrol_runners::options::kind::{ABSENT, FUNCTION, NO, NUMBER, OBJECT, OTHER, TEXT};
use comfycontrol_runners::options::{check, expected, meant};

/// The places in `pkg/js/options.js`.
const PAGE: u32 = 1;
const PER_PAGE: u32 = 2;
const CONCURRENCY: u32 = 11;
const INTERVAL: u32 = 15;
const REQUESTS: u32 = 16;

/// Place, default, least, most, and what is expected.
const NUMBERS: [(u32, Option<f64>, f64, f64, &str); 8] = [
    (
        PAGE,
        Some(1.0),
        1.0,
        4_294_967_295.0,
        "an integer from 1 to 4294967295",
    ),
    (PER_PAGE, Some(10.0), 1.0, 100.0, "an integer from 1 to 100"),
    (
        5,
        Some(10_000.0),
        1.0,
        2_147_483_647.0,
        "a whole number of milliseconds from 1 to 2147483647",
    ),
    (6, Some(2.0), 0.0, 10.0, "an integer from 0 to 10"),
    (CONCURRENCY, Some(4.0), 1.0, 16.0, "an integer from 1 to 16"),
    (
        INTERVAL,
        Some(30_000.0),
        1_000.0,
        86_400_000.0,
        "a whole number of milliseconds from 1000 to 86400000",
    ),
    (
        REQUESTS,
        None,
        1.0,
        1_000_000.0,
        "an integer from 1 to 1000000",
    ),
    (
        17,
        None,
        1.0,
        86_400_000.0,
        "a whole number of milliseconds from 1 to 86400000",
    ),
];

#[test]
fn whole_numbers_in_their_ranges() {
    for (place, default, least, most, words) in NUMBERS {
        assert_eq!(check(place, 0, ABSENT, 0.0), default, "{words}");
        for good in [least, most] {
            assert_eq!(check(place, 0, NUMBER, good), Some(good), "{words}");
        }
        for bad in [
            least - 1.0,
            most + 1.0,
            least + 0.5,
            -1.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ] {
            assert_eq!(check(place, 0, NUMBER, bad), None, "{words}: {bad}");
        }
        for kind in [TEXT, NO, FUNCTION, OBJECT, OTHER, 7, 31, 32, u32::MAX] {
            assert_eq!(check(place, 0, kind, least), None, "{words}: kind {kind}");
        }
        assert_eq!(expected(place), words);
    }
}

#[test]
fn pages_are_larger_where_a_whole_list_is_read() {
    for known in [1 << CONCURRENCY, 1 << INTERVAL] {
        assert_eq!(check(PER_PAGE, known, ABSENT, 0.0), Some(100.0));
        assert_eq!(check(PER_PAGE, known, NUMBER, 7.0), Some(7.0));
        assert_eq!(check(PAGE, known, ABSENT, 0.0), Some(1.0));
    }
}

#[test]
fn other_options_are_of_their_kinds() {
    let cases: [(u32, &[u32], &str); 10] = [
        (0, &[OBJECT], "an AbortSignal"),
        (3, &[TEXT, FUNCTION], "a string or a function"),
        (4, &[TEXT], "a string"),
        (7, &[FUNCTION], "a function"),
        (8, &[NO, OBJECT], "{ requests, windowMs } or false"),
        (9, &[FUNCTION], "a function"),
        (10, &[FUNCTION], "a function"),
        (12, &[TEXT], "\"none\", \"detect\" or \"reconcile\""),
        (13, &[TEXT], "a checkpoint string"),
        (14, &[FUNCTION], "a function"),
    ];
    for (place, kinds, words) in cases {
        for kind in [ABSENT, NUMBER, TEXT, NO, FUNCTION, OBJECT, OTHER] {
            let right = kind == ABSENT || kinds.contains(&kind);
            let wanted = right.then_some(-1.0);
            assert_eq!(check(place, 0, kind, 1.0), wanted, "{words}: kind {kind}");
        }
        assert_eq!(expected(place), words);
    }
}

#[test]
fn what_is_no_option_is_never_right_and_has_its_words() {
    for place in 18..40 {
        for kind in 0..8 {
            assert_eq!(check(place, 0, kind, 1.0), None);
        }
    }
    assert_eq!(expected(21), "a UUID");
    assert_eq!(expected(26), "");
}

#[test]
fn misspelt_names_get_the_right_one() {
    let known = "signal, page, perPage, token, baseUrl, timeout, maxRetries, onEvent";
    let cases = [
        ("per_page", Some("perPage")),
        ("perpage", Some("perPage")),
        ("PerPage", Some("perPage")),
        ("pageSize", Some("perPage")),
        ("limit", Some("perPage")),
        ("pgae", Some("page")),
        ("baseURL", Some("baseUrl")),
        ("base-url", Some("baseUrl")),
        ("apiKey", Some("token")),
        ("timeoutt", Some("timeout")),
        ("maxRetrie", Some("maxRetries")),
        ("x", None),
        ("", None),
        ("headers", None),
        ("🦀", None),
    ];
    for (name, expected) in cases {
        assert_eq!(meant(name, known), expected, "{name}");
    }
    assert_eq!(
        meant("limit", "signal"),
        None,
        "not where the meant one is unknown, too"
    );
    assert_eq!(meant(&"a".repeat(1_000_000), known), None);
}
