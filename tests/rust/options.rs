use comfycontrol_runners::enumerate::Consistency;
use comfycontrol_runners::limiter::Pace;
use comfycontrol_runners::options::{
    Given, RateLimitOptions, concurrency, consistency, interval, max_retries, meant, pace, page,
    per_page, timeout,
};

fn others() -> [Given; 6] {
    [
        Given::Text("2".into()),
        Given::No,
        Given::Function,
        Given::Object,
        Given::Other,
        Given::Number(f64::NAN),
    ]
}

#[test]
fn whole_numbers_in_their_ranges() {
    type Check = fn(&Given) -> Result<u32, &'static str>;
    let cases: [(&str, Check, u32, f64, f64); 6] = [
        ("page", page, 1, 1.0, 4_294_967_295.0),
        ("perPage", |given| per_page(given, 10), 10, 1.0, 100.0),
        (
            "timeout",
            |given| timeout(given, 10_000),
            10_000,
            1.0,
            2_147_483_647.0,
        ),
        ("maxRetries", |given| max_retries(given, 2), 2, 0.0, 10.0),
        ("concurrency", |given| concurrency(given, 4), 4, 1.0, 16.0),
        (
            "interval",
            |given| interval(given, 30_000),
            30_000,
            1_000.0,
            86_400_000.0,
        ),
    ];
    for (name, check, default, least, most) in cases {
        assert_eq!(check(&Given::Absent), Ok(default), "{name}");
        for good in [least, most] {
            assert_eq!(check(&Given::Number(good)), Ok(good as u32), "{name}");
        }
        for bad in [
            least - 1.0,
            most + 1.0,
            least + 0.5,
            -1.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ] {
            assert!(check(&Given::Number(bad)).is_err(), "{name} {bad}");
        }
        for bad in others() {
            assert!(check(&bad).is_err(), "{name} {bad:?}");
        }
    }
}

#[test]
fn a_consistency_is_one_of_three_words() {
    let text = |text: &str| consistency(&Given::Text(text.into()));
    assert_eq!(consistency(&Given::Absent), Ok(Consistency::Reconcile));
    assert_eq!(text("reconcile"), Ok(Consistency::Reconcile));
    assert_eq!(text("detect"), Ok(Consistency::Detect));
    assert_eq!(text("none"), Ok(Consistency::None));
    let expected = Err("\"none\", \"detect\" or \"reconcile\"");
    assert_eq!(text("None"), expected);
    for bad in others() {
        assert_eq!(consistency(&bad), expected, "{bad:?}");
    }
}

#[test]
fn a_rate_limit_needs_both_numbers() {
    let limit = |requests, window_ms| {
        pace(&RateLimitOptions {
            requests,
            window_ms,
        })
    };
    let n = Given::Number;
    assert_eq!(
        limit(n(5.0), n(1_000.0)),
        Ok(Pace {
            requests: 5,
            window: 1_000.0
        })
    );
    assert_eq!(
        limit(Given::Absent, n(1.0)).unwrap_err().0,
        "rateLimit.requests"
    );
    assert_eq!(
        limit(n(1.0), Given::Absent).unwrap_err().0,
        "rateLimit.windowMs"
    );
    assert_eq!(limit(n(0.0), n(1.0)).unwrap_err().0, "rateLimit.requests");
    assert_eq!(limit(n(1.0), n(1.5)).unwrap_err().0, "rateLimit.windowMs");
}

#[test]
fn misspelt_names_get_the_right_one() {
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
        assert_eq!(meant(name, &known), expected, "{name}");
    }
    assert_eq!(
        meant("limit", &["signal"]),
        None,
        "not where the meant one is unknown, too"
    );
    assert_eq!(meant(&"a".repeat(1_000_000), &known), None);
}
