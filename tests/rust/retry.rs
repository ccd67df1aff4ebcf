use comfycontrol_runners::limiter::LONGEST_COOLDOWN_MS;
use comfycontrol_runners::retry::{
    COOLDOWN_MS, Cause, FailedAttempt, RetryDecision, RetryState, cause_of, retry_after_ms,
};
use proptest::prelude::*;

use crate::platform::parse_date;

const GIVE_UP: RetryDecision = RetryDecision::GiveUp { pause_ms: None };

fn status(status: u16) -> FailedAttempt {
    Cause::Status(status).into()
}

/// An answer that asks for a pause.
fn asking(status: u16, pause_ms: f64) -> FailedAttempt {
    FailedAttempt {
        cause: Some(Cause::Status(status)),
        retry_after_ms: Some(pause_ms),
    }
}

#[test]
fn two_retries_with_doubling_backoff_and_jitter() {
    let mut retries = RetryState::new(2, false);
    for (cause, decision) in [
        (Cause::Connection, RetryDecision::Retry { wait_ms: 250.0 }),
        (Cause::Timeout, RetryDecision::Retry { wait_ms: 500.0 }),
        (Cause::Truncated, GIVE_UP),
    ] {
        assert_eq!(retries.after_failure(cause.into(), 0.5), decision);
    }
    assert_eq!(retries.charged(), 2);
}

#[test]
fn a_failure_that_no_retry_can_mend_is_final() {
    let mut retries = RetryState::new(10, true);
    assert_eq!(
        retries.after_failure(FailedAttempt::default(), 0.5),
        GIVE_UP
    );
}

#[test]
fn without_retries_there_is_one_attempt() {
    let limited = RetryDecision::GiveUp {
        pause_ms: Some(COOLDOWN_MS),
    };
    for (attempt, decision) in [
        (Cause::Connection.into(), GIVE_UP),
        (status(503), GIVE_UP),
        (status(429), limited),
    ] {
        let mut retries = RetryState::new(0, false);
        assert_eq!(retries.after_failure(attempt, 0.5), decision);
    }
}

#[test]
fn the_first_429_is_free_and_the_next_ones_are_charged() {
    let mut retries = RetryState::new(1, false);
    for (attempt, decision, charged) in [
        (
            status(429),
            RetryDecision::Cooldown {
                wait_ms: COOLDOWN_MS,
            },
            0,
        ),
        (
            asking(429, 2_000.0),
            RetryDecision::Cooldown { wait_ms: 2_000.0 },
            1,
        ),
        (
            asking(429, 3_000.0),
            RetryDecision::GiveUp {
                pause_ms: Some(3_000.0),
            },
            1,
        ),
    ] {
        assert_eq!(retries.after_failure(attempt, 0.5), decision);
        assert_eq!(retries.charged(), charged);
    }
}

#[test]
fn a_free_429_does_not_lengthen_the_backoff() {
    let mut retries = RetryState::new(2, false);
    retries.after_failure(status(429), 0.5);
    assert_eq!(
        retries.after_failure(status(503), 0.5),
        RetryDecision::Retry { wait_ms: 250.0 }
    );
}

#[test]
fn a_pause_of_nothing_shortens_neither_the_backoff_nor_the_cooldown() {
    for (attempt, decision) in [
        (asking(503, 0.0), RetryDecision::Retry { wait_ms: 250.0 }),
        (asking(503, 100.0), RetryDecision::Retry { wait_ms: 250.0 }),
        (asking(503, 300.0), RetryDecision::Retry { wait_ms: 300.0 }),
        (
            asking(429, 0.0),
            RetryDecision::Cooldown {
                wait_ms: COOLDOWN_MS,
            },
        ),
        (asking(429, 1.0), RetryDecision::Cooldown { wait_ms: 1.0 }),
    ] {
        let mut retries = RetryState::new(2, false);
        assert_eq!(retries.after_failure(attempt, 0.5), decision, "{attempt:?}");
    }
}

#[test]
fn a_pause_is_obeyed_up_to_a_minute_and_ends_the_call_beyond() {
    const DAYS: f64 = 277_403_000.0;
    let give_up = |pause_ms| RetryDecision::GiveUp {
        pause_ms: Some(pause_ms),
    };
    for (attempt, decision) in [
        (
            asking(503, LONGEST_COOLDOWN_MS),
            RetryDecision::Retry {
                wait_ms: LONGEST_COOLDOWN_MS,
            },
        ),
        (
            asking(429, LONGEST_COOLDOWN_MS),
            RetryDecision::Cooldown {
                wait_ms: LONGEST_COOLDOWN_MS,
            },
        ),
        (asking(503, 60_001.0), give_up(60_001.0)),
        (asking(429, 60_001.0), give_up(60_001.0)),
        (asking(503, DAYS), give_up(DAYS)),
    ] {
        let mut retries = RetryState::new(2, false);
        assert_eq!(retries.after_failure(attempt, 0.5), decision, "{attempt:?}");
        let charged = if attempt == asking(503, LONGEST_COOLDOWN_MS) {
            1
        } else {
            0
        };
        assert_eq!(retries.charged(), charged, "{attempt:?}");
    }
}

#[test]
fn a_last_failure_tells_the_pause_that_the_server_asked_for() {
    let mut retries = RetryState::new(0, false);
    let decision = RetryDecision::GiveUp {
        pause_ms: Some(5_000.0),
    };
    assert_eq!(retries.after_failure(asking(503, 5_000.0), 0.5), decision);
}

#[test]
fn a_401_is_repeated_once_where_another_token_can_be_had() {
    for max_retries in [0, 2] {
        let mut fixed = RetryState::new(max_retries, false);
        assert_eq!(fixed.after_failure(status(401), 0.5), GIVE_UP);
        let mut function = RetryState::new(max_retries, true);
        let first = function.after_failure(status(401), 0.5);
        assert_eq!(first, RetryDecision::RefreshToken);
        assert_eq!(function.charged(), 0);
        assert_eq!(function.after_failure(status(401), 0.5), GIVE_UP);
    }
}

#[test]
fn the_statuses_that_are_worth_another_try() {
    let retried: Vec<u16> = (100..=599)
        .filter(|status| cause_of(*status).is_some())
        .collect();
    assert_eq!(retried, [401, 408, 429, 500, 502, 503, 504]);
    assert_eq!(cause_of(503), Some(Cause::Status(503)));
}

/// Sun, 06 Nov 1994 08:49:37 GMT.
const NOW: f64 = 784_111_777_000.0;

#[test]
fn retry_after_in_seconds() {
    let cases: [(&str, Option<f64>); 23] = [
        ("0", Some(0.0)),
        ("7", Some(7_000.0)),
        (" 120 ", Some(120_000.0)),
        ("007", Some(7_000.0)),
        ("999999999999999999999999", Some(1e15)),
        // Proxies that add their own.
        ("3, 3", Some(3_000.0)),
        ("3,10 , 5", Some(10_000.0)),
        // Fractions, rounded up.
        ("3.0", Some(3_000.0)),
        ("3.", Some(3_000.0)),
        ("3.000", Some(3_000.0)),
        ("1.5", Some(2_000.0)),
        ("0.001", Some(1_000.0)),
        ("", None),
        (" ", None),
        (",", None),
        ("3,", None),
        ("3, soon", None),
        (".5", None),
        ("1.5.2", None),
        ("-1", None),
        ("1e3", None),
        ("7s", None),
        ("٣", None),
    ];
    for (value, expected) in cases {
        let read = retry_after_ms(value, "", NOW, parse_date);
        assert_eq!(read, expected, "{value:?}");
    }
}

#[test]
fn retry_after_as_a_date_against_the_date_of_the_answer() {
    let later = "Sun, 06 Nov 1994 08:50:07 GMT";
    let cases: [(&str, &str, Option<f64>); 13] = [
        // The three forms of RFC 9110 §5.6.7. The last one does not say that it means GMT.
        (later, "", Some(30_000.0)),
        ("Sunday, 06-Nov-94 08:50:07 GMT", "", Some(30_000.0)),
        ("Sun Nov  6 08:50:07 1994", "", Some(30_000.0)),
        (" Sun, 06 Nov 1994 08:50:07 GMT\t", "", Some(30_000.0)),
        // The clock here is wrong by 20 s.
        (later, "Sun, 06 Nov 1994 08:49:57 GMT", Some(10_000.0)),
        (later, "Sun Nov  6 08:49:57 1994", Some(10_000.0)),
        (later, "nonsense", Some(30_000.0)),
        // Past.
        ("Sun, 06 Nov 1994 08:49:07 GMT", "", Some(0.0)),
        (later, "Sun, 06 Nov 1994 09:00:00 GMT", Some(0.0)),
        // No dates.
        ("Sun, 06 Nov 1994", "", None),
        ("Sun", "", None),
        ("1994-11-06T08:50:07Z", "", None),
        ("soon", "", None),
    ];
    for (value, date, expected) in cases {
        let read = retry_after_ms(value, date, NOW, parse_date);
        assert_eq!(read, expected, "{value:?} {date:?}");
    }
}

/// Where it is let, `Date.parse` reads almost anything: as local time, or as a year.
#[test]
fn only_http_dates_are_given_to_the_platform() {
    fn any_date(text: &str) -> f64 {
        assert!(text.starts_with("Sun"), "{text}");
        assert!(text.ends_with(" GMT"), "{text}");
        NOW + 1_000.0
    }
    for (value, expected) in [
        ("Sun Nov  6 08:50:07 1994", Some(1_000.0)),
        ("Sun, 06 Nov 1994 08:50:07 GMT", Some(1_000.0)),
        ("3", Some(3_000.0)),
        ("2", Some(2_000.0)),
        ("November", None),
        ("1994-11-06", None),
    ] {
        assert_eq!(
            retry_after_ms(value, "", NOW, any_date),
            expected,
            "{value}"
        );
    }
}

proptest! {
    /// Full jitter: anything between nothing and the doubled backoff, and never more than 8 s.
    #[test]
    fn backoff_stays_in_its_range(random in 0.0..1.0_f64, max_retries in 1..=10_u32) {
        let mut retries = RetryState::new(max_retries, false);
        for retry in 1..=max_retries {
            let longest_ms = (500.0 * 2_f64.powi(retry as i32 - 1)).min(8_000.0);
            let wait_ms = longest_ms * random;
            let decision = retries.after_failure(Cause::Connection.into(), random);
            prop_assert_eq!(decision, RetryDecision::Retry { wait_ms });
        }
        prop_assert_eq!(retries.after_failure(Cause::Connection.into(), random), GIVE_UP);
    }

    /// Whatever servers say, a call ends, and no single wait is longer than a minute.
    #[test]
    fn every_call_gives_up_in_the_end(
        max_retries in 0..=10_u32,
        can_refresh_token: bool,
        attempts in prop::collection::vec((0..8_usize, prop::option::of(0.0..1e6_f64)), 40),
    ) {
        let mut retries = RetryState::new(max_retries, can_refresh_token);
        let causes = [401, 408, 429, 500, 503].map(Cause::Status);
        let causes = [&causes[..], &[Cause::Connection, Cause::Timeout, Cause::Truncated]].concat();
        let mut made = 0;
        for (cause, retry_after_ms) in attempts {
            made += 1;
            let attempt = FailedAttempt { cause: Some(causes[cause]), retry_after_ms };
            match retries.after_failure(attempt, 0.999) {
                RetryDecision::Retry { wait_ms } | RetryDecision::Cooldown { wait_ms } => {
                    prop_assert!((0.0..=LONGEST_COOLDOWN_MS).contains(&wait_ms));
                }
                RetryDecision::RefreshToken => {}
                RetryDecision::GiveUp { .. } => break,
            }
        }
        // A free 429 and a refreshed token come on top.
        prop_assert!(made <= max_retries + 3, "{} attempts", made);
    }

    #[test]
    fn no_header_value_panics(value in ".{0,60}", date in ".{0,60}") {
        let read = retry_after_ms(&value, &date, 0.0, parse_date);
        prop_assert!(read.is_none_or(|pause| (0.0..=1e15).contains(&pause)));
    }
}
