use comfycontrol_runners::limiter::LONGEST_COOLDOWN_MS;
use comfycontrol_runners::retry::{
    COOLDOWN_MS, Cause, FailedAttempt, Next, RetryDecision, RetryState, cause_of,
};
use proptest::prelude::*;

const GIVE_UP: RetryDecision = RetryDecision {
    next: Next::GiveUp { pause_ms: None },
    cooldown_ms: None,
};

/// The call gives up, because of a pause for everybody.
fn give_up(cooldown_ms: f64) -> RetryDecision {
    RetryDecision {
        next: Next::GiveUp {
            pause_ms: Some(cooldown_ms),
        },
        cooldown_ms: Some(cooldown_ms),
    }
}

/// A retry that is charged, after a wait of the call alone.
fn backoff(wait_ms: f64) -> RetryDecision {
    RetryDecision {
        next: Next::Retry {
            wait_ms,
            charged: true,
        },
        cooldown_ms: None,
    }
}

/// A retry after a cooldown for everybody.
fn cooldown(wait_ms: f64, charged: bool) -> RetryDecision {
    RetryDecision {
        next: Next::Retry { wait_ms, charged },
        cooldown_ms: Some(wait_ms),
    }
}

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
        (Cause::Connection, backoff(250.0)),
        (Cause::Timeout, backoff(500.0)),
        (Cause::Truncated, GIVE_UP),
    ] {
        assert_eq!(retries.after_failure(cause.into(), 0.5), decision);
    }
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
    for (attempt, decision) in [
        (Cause::Connection.into(), GIVE_UP),
        (status(503), GIVE_UP),
        (status(429), give_up(COOLDOWN_MS)),
    ] {
        let mut retries = RetryState::new(0, false);
        assert_eq!(retries.after_failure(attempt, 0.5), decision);
    }
}

#[test]
fn the_first_429_is_free_and_the_next_ones_are_charged() {
    let mut retries = RetryState::new(1, false);
    for (attempt, decision) in [
        (status(429), cooldown(COOLDOWN_MS, false)),
        (asking(429, 2_000.0), cooldown(2_000.0, true)),
        (asking(429, 3_000.0), give_up(3_000.0)),
    ] {
        assert_eq!(retries.after_failure(attempt, 0.5), decision);
    }
}

#[test]
fn a_charged_429_waits_for_its_backoff_too() {
    let mut retries = RetryState::new(2, false);
    retries.after_failure(status(429), 0.5);
    let decision = retries.after_failure(asking(429, 100.0), 0.5);
    let expected = RetryDecision {
        next: Next::Retry {
            wait_ms: 250.0,
            charged: true,
        },
        cooldown_ms: Some(100.0),
    };
    assert_eq!(decision, expected);
}

#[test]
fn a_free_429_does_not_lengthen_the_backoff() {
    let mut retries = RetryState::new(2, false);
    retries.after_failure(status(429), 0.5);
    assert_eq!(retries.after_failure(status(503), 0.5), backoff(250.0));
}

#[test]
fn a_pause_of_nothing_shortens_neither_the_backoff_nor_the_cooldown() {
    for (attempt, decision) in [
        (asking(503, 0.0), backoff(250.0)),
        (asking(503, 100.0), backoff(250.0)),
        (asking(503, 300.0), backoff(300.0)),
        (asking(429, 0.0), cooldown(COOLDOWN_MS, false)),
        (asking(429, 1.0), cooldown(1.0, false)),
    ] {
        let mut retries = RetryState::new(2, false);
        assert_eq!(retries.after_failure(attempt, 0.5), decision, "{attempt:?}");
    }
}

#[test]
fn a_pause_is_obeyed_up_to_a_minute_and_ends_the_call_beyond() {
    const DAYS: f64 = 277_403_000.0;
    for (attempt, decision) in [
        (
            asking(503, LONGEST_COOLDOWN_MS),
            backoff(LONGEST_COOLDOWN_MS),
        ),
        (
            asking(429, LONGEST_COOLDOWN_MS),
            cooldown(LONGEST_COOLDOWN_MS, false),
        ),
        (asking(503, 60_001.0), give_up(60_001.0)),
        (asking(429, 60_001.0), give_up(60_001.0)),
        (asking(503, DAYS), give_up(DAYS)),
    ] {
        let mut retries = RetryState::new(2, false);
        assert_eq!(retries.after_failure(attempt, 0.5), decision, "{attempt:?}");
    }
}

#[test]
fn a_last_failure_tells_the_pause_that_the_server_asked_for() {
    let mut retries = RetryState::new(0, false);
    let decision = retries.after_failure(asking(503, 5_000.0), 0.5);
    let pause_ms = Some(5_000.0);
    assert_eq!(decision.next, Next::GiveUp { pause_ms });
    assert_eq!(decision.cooldown_ms, None);
}

#[test]
fn a_401_is_repeated_once_where_another_token_can_be_had() {
    for max_retries in [0, 2] {
        let mut fixed = RetryState::new(max_retries, false);
        assert_eq!(fixed.after_failure(status(401), 0.5), GIVE_UP);
        let mut function = RetryState::new(max_retries, true);
        let first = function.after_failure(status(401), 0.5);
        let at_once = Next::Retry {
            wait_ms: 0.0,
            charged: false,
        };
        assert_eq!(first.next, at_once);
        assert_eq!(first.cooldown_ms, None);
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

proptest! {
    /// Full jitter: anything between nothing and the doubled backoff, and never more than 8 s.
    #[test]
    fn backoff_stays_in_its_range(random in 0.0..1.0_f64, max_retries in 1..=10_u32) {
        let mut retries = RetryState::new(max_retries, false);
        for retry in 1..=max_retries {
            let longest_ms = (500.0 * 2_f64.powi(retry as i32 - 1)).min(8_000.0);
            let wait_ms = longest_ms * random;
            let decision = retries.after_failure(Cause::Connection.into(), random);
            prop_assert_eq!(decision, backoff(wait_ms));
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
            match retries.after_failure(attempt, 0.999).next {
                Next::Retry { wait_ms, .. } => {
                    prop_assert!((0.0..=LONGEST_COOLDOWN_MS).contains(&wait_ms));
                }
                Next::GiveUp { .. } => break,
            }
        }
        // A free 429 and a refreshed token come on top.
        prop_assert!(made <= max_retries + 3, "{} attempts", made);
    }
}
