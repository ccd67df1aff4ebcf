use comfycontrol_runners::error::Failure;
use comfycontrol_runners::retry::{
    Attempt, COOLDOWN, Cause, Tries, Verdict, cause_of, retry_after,
};
use proptest::prelude::*;

fn failed(cause: Cause) -> Attempt {
    Attempt {
        cause: Some(cause),
        retry_after: None,
    }
}

fn asked(status: u16, retry_after: f64) -> Attempt {
    Attempt {
        cause: Some(Cause::Status(status)),
        retry_after: Some(retry_after),
    }
}

#[test]
fn two_retries_with_doubling_jitter_then_the_end() {
    let mut tries = Tries::new(2, false);
    assert_eq!(
        tries.after(&failed(Cause::Connection), 0.5),
        Verdict::Retry { wait: 250.0 }
    );
    assert_eq!(
        tries.after(&failed(Cause::Timeout), 0.5),
        Verdict::Retry { wait: 500.0 }
    );
    assert_eq!(
        tries.after(&failed(Cause::Truncated), 0.5),
        Verdict::GiveUp { pause: None }
    );
}

#[test]
fn what_cannot_be_mended_is_not_tried_again() {
    assert_eq!(
        Tries::new(2, true).after(&Attempt::FINAL, 0.5),
        Verdict::GiveUp { pause: None }
    );
}

#[test]
fn no_retries_means_one_attempt() {
    for cause in [Cause::Connection, Cause::Status(503)] {
        assert_eq!(
            Tries::new(0, false).after(&failed(cause), 0.5),
            Verdict::GiveUp { pause: None }
        );
    }
    let limited = failed(Cause::Status(429));
    assert_eq!(
        Tries::new(0, false).after(&limited, 0.5),
        Verdict::GiveUp {
            pause: Some(COOLDOWN)
        }
    );
}

#[test]
fn the_first_429_is_free_and_the_next_ones_are_charged() {
    let mut tries = Tries::new(1, false);
    let limited = failed(Cause::Status(429));
    assert_eq!(
        tries.after(&limited, 0.5),
        Verdict::Cooldown { wait: COOLDOWN }
    );
    assert_eq!(tries.charged(), 0);
    assert_eq!(
        tries.after(&asked(429, 2_000.0), 0.5),
        Verdict::Cooldown { wait: 2_000.0 }
    );
    assert_eq!(tries.charged(), 1);
    assert_eq!(
        tries.after(&asked(429, 3_000.0), 0.5),
        Verdict::GiveUp {
            pause: Some(3_000.0)
        }
    );
}

#[test]
fn the_servers_pause_is_obeyed_up_to_a_minute() {
    assert_eq!(
        Tries::new(2, false).after(&asked(503, 60_000.0), 0.5),
        Verdict::Retry { wait: 60_000.0 }
    );
    for status in [429, 503] {
        // Three days: fail at once, and say when.
        let verdict = Tries::new(2, false).after(&asked(status, 277_403_000.0), 0.5);
        assert_eq!(
            verdict,
            Verdict::GiveUp {
                pause: Some(277_403_000.0)
            }
        );
    }
}

#[test]
fn a_401_is_repeated_once_if_another_token_can_be_had() {
    let denied = failed(Cause::Status(401));
    assert_eq!(
        Tries::new(2, false).after(&denied, 0.5),
        Verdict::GiveUp { pause: None }
    );
    let mut tries = Tries::new(0, true);
    assert_eq!(tries.after(&denied, 0.5), Verdict::RefreshToken);
    assert_eq!(tries.after(&denied, 0.5), Verdict::GiveUp { pause: None });
}

#[test]
fn the_statuses_that_are_worth_another_try() {
    let retried: Vec<u16> = (100..=599)
        .filter(|status| cause_of(&Failure::answered("/", *status, None)).is_some())
        .collect();
    assert_eq!(retried, [401, 408, 429, 500, 502, 503, 504]);
    assert_eq!(
        cause_of(&Failure::connection("/", "reset")),
        Some(Cause::Connection)
    );
    assert_eq!(cause_of(&Failure::timeout("/", 1)), Some(Cause::Timeout));
}

#[test]
fn retry_after_in_seconds_or_as_a_date() {
    let now = 784_111_777_000.0; // Sun, 06 Nov 1994 08:49:37 GMT
    let later = "Sun, 06 Nov 1994 08:50:07 GMT";
    let cases: [(&str, &str, Option<f64>); 13] = [
        ("0", "", Some(0.0)),
        ("7", "", Some(7_000.0)),
        (" 120 ", "", Some(120_000.0)),
        (later, "", Some(30_000.0)),
        // A clock that is wrong here, or a date already past.
        (later, "Sun, 06 Nov 1994 08:49:57 GMT", Some(10_000.0)),
        ("Sun, 06 Nov 1994 08:49:07 GMT", "", Some(0.0)),
        (later, "nonsense", Some(30_000.0)),
        ("999999999999999999999999", "", Some(1e15)),
        ("", "", None),
        ("-1", "", None),
        ("1.5", "", None),
        ("soon", "", None),
        ("7s", "", None),
    ];
    for (value, date, expected) in cases {
        assert_eq!(
            retry_after(value, date, now),
            expected,
            "{value:?} {date:?}"
        );
    }
}

#[test]
fn tries_go_on_from_the_number_they_were_packed_into() {
    let events = [
        failed(Cause::Status(401)),
        failed(Cause::Status(429)),
        failed(Cause::Connection),
        failed(Cause::Status(429)),
        failed(Cause::Status(401)),
        failed(Cause::Timeout),
    ];
    for retries in [0, 1, 2, 10] {
        for refreshable in [false, true] {
            let mut kept = Tries::new(retries, refreshable);
            let mut packed = Tries::new(retries, refreshable).pack();
            for event in &events {
                let mut again = Tries::unpack(packed);
                assert_eq!(again.after(event, 0.5), kept.after(event, 0.5));
                assert_eq!(again.charged(), kept.charged());
                packed = again.pack();
            }
        }
    }
}

proptest! {
    /// Full jitter: anything between nothing and the doubled wait, and never more than 8 s.
    #[test]
    fn backoff_stays_in_its_range(random in 0.0..1.0_f64, retries in 1..=10_u32) {
        let mut tries = Tries::new(retries, false);
        for retry in 1..=retries {
            let most = (500.0 * 2_f64.powi(retry as i32 - 1)).min(8_000.0);
            prop_assert_eq!(tries.after(&failed(Cause::Connection), random), Verdict::Retry { wait: most * random });
        }
        prop_assert_eq!(tries.after(&failed(Cause::Connection), random), Verdict::GiveUp { pause: None });
    }

    #[test]
    fn no_header_value_panics(value in ".{0,60}", date in ".{0,60}") {
        let _ = retry_after(&value, &date, 0.0);
    }
}

#[test]
fn tries_that_were_packed_between_attempts_go_on_as_they_would_have() {
    let causes = [401, 429, 503, 429, 503, 401, 503, 503].map(Cause::Status);
    for (retries, refreshable) in [(0, false), (0, true), (1, true), (2, false), (10, true)] {
        let mut kept = Tries::new(retries, refreshable);
        let mut packed = kept.pack();
        for cause in causes {
            let mut tries = Tries::unpack(packed);
            let verdict = kept.after(&failed(cause), 0.5);
            assert_eq!(tries.after(&failed(cause), 0.5), verdict, "{cause:?}");
            assert_eq!(tries.charged(), kept.charged());
            packed = tries.pack();
        }
    }
}

#[test]
fn what_is_left_is_packed_whole() {
    let limited = failed(Cause::Status(429));
    let again = |tries: &Tries| Tries::unpack(tries.pack());
    let mut tries = again(&Tries::new(1, false));
    for (charged, verdict) in [
        (0, Verdict::Cooldown { wait: COOLDOWN }),
        (1, Verdict::Cooldown { wait: COOLDOWN }),
        (
            1,
            Verdict::GiveUp {
                pause: Some(COOLDOWN),
            },
        ),
    ] {
        assert_eq!(tries.after(&limited, 0.5), verdict);
        assert_eq!(tries.charged(), charged);
        tries = again(&tries);
    }
}
