use comfycontrol_runners::options::{
    CONCURRENCY, INTERVAL, MAX_RETRIES, NumberRule, PAGE, PER_PAGE, PER_PAGE_OF_ALL, REQUESTS,
    TIMEOUT, WINDOW_MS, meant,
};

/// The rule of an option, its default, its smallest and its largest value, and the text for messages.
const RULES: [(NumberRule, Option<u32>, f64, f64, &str); 9] = [
    (
        PAGE,
        Some(1),
        1.0,
        4_294_967_295.0,
        "an integer from 1 to 4294967295",
    ),
    (PER_PAGE, Some(10), 1.0, 100.0, "an integer from 1 to 100"),
    (
        PER_PAGE_OF_ALL,
        Some(100),
        1.0,
        100.0,
        "an integer from 1 to 100",
    ),
    (
        TIMEOUT,
        Some(10_000),
        1.0,
        2_147_483_647.0,
        "a whole number of milliseconds from 1 to 2147483647",
    ),
    (MAX_RETRIES, Some(2), 0.0, 10.0, "an integer from 0 to 10"),
    (CONCURRENCY, Some(4), 1.0, 16.0, "an integer from 1 to 16"),
    (
        INTERVAL,
        Some(30_000),
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
        WINDOW_MS,
        None,
        1.0,
        86_400_000.0,
        "a whole number of milliseconds from 1 to 86400000",
    ),
];

#[test]
fn numbers_are_integers_in_their_ranges() {
    for (rule, default, least, greatest, words) in RULES {
        assert_eq!(rule.default, default, "{words}");
        assert_eq!(rule.expected(), words);
        for good in [least, greatest, ((least + greatest) / 2.0).floor()] {
            assert_eq!(rule.check(good), Some(good as u32), "{words}");
        }
        for bad in [
            least - 1.0,
            greatest + 1.0,
            least + 0.5,
            greatest - 0.5,
            -1.0,
            4_294_967_296.0 + greatest,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ] {
            assert_eq!(rule.check(bad), None, "{words}: {bad}");
        }
    }
}

#[test]
fn a_negative_zero_is_zero() {
    assert_eq!(MAX_RETRIES.check(-0.0), Some(0));
    assert_eq!(PAGE.check(-0.0), None);
}

#[test]
fn unknown_names_suggest_the_right_one() {
    let known = [
        "signal",
        "page",
        "perPage",
        "token",
        "baseUrl",
        "timeout",
        "maxRetries",
        "onEvent",
    ];
    for (name, expected) in [
        // Another spelling of the same letters.
        ("per_page", Some("perPage")),
        ("perpage", Some("perPage")),
        ("PerPage", Some("perPage")),
        ("baseURL", Some("baseUrl")),
        ("base-url", Some("baseUrl")),
        ("max_retries", Some("maxRetries")),
        // The name of the option in other clients.
        ("pageSize", Some("perPage")),
        ("limit", Some("perPage")),
        ("apiKey", Some("token")),
        ("auth_token", Some("token")),
        ("accessToken", Some("token")),
        ("retries", Some("maxRetries")),
        ("url", Some("baseUrl")),
        ("timeoutMs", Some("timeout")),
        ("abortSignal", Some("signal")),
        ("pageNumber", Some("page")),
        // At most two wrong letters, and at least half of the letters right.
        ("pgae", Some("page")),
        ("timeoutt", Some("timeout")),
        ("maxRetrie", Some("maxRetries")),
        ("tokn", Some("token")),
        ("pa", Some("page")),
        ("sgnl", Some("signal")),
        ("sgn", None),
        ("p", None),
        // Like no option.
        ("x", None),
        ("", None),
        ("headers", None),
        ("🦀", None),
    ] {
        assert_eq!(meant(name, &known), expected, "{name}");
    }
    assert_eq!(meant(&"a".repeat(1_000_000), &known), None);
}

#[test]
fn no_name_is_suggested_that_is_unknown_itself() {
    assert_eq!(meant("limit", &["signal"]), None);
    assert_eq!(meant("page", &[]), None);
}
