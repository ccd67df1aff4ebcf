//! One call, whose way `pkg/js/call.js` goes.

use super::errors::refuse;
use super::facts::{Facts, facts};
use super::rows;
use super::texts::text;
use crate::error::Failure;
use crate::response::{self, Head};
use crate::retry::{Attempt, Cause, LONGEST_PAUSE, Tries, Verdict};
use crate::runner;

// How an exchange ended: the numbers of `pkg/js/io.js`.
const DONE: u32 = 0;
const TIMEOUT: u32 = 1;
const LARGE: u32 = 4;

/// Whether what was said may be the `id` of a runner.
#[unsafe(export_name = "isUuid")]
pub extern "C" fn is_uuid() -> bool {
    runner::is_uuid(&text())
}

/// A token function takes too long. Leaves the error.
#[unsafe(export_name = "tokenTimeout")]
pub extern "C" fn token_timeout(limit: u32) {
    refuse(Failure::token_timeout(limit));
}

/// What came of an attempt without a result, right after its answer was read. The texts are the path,
/// all tokens of the call, what the host said of a failure, and three headers. Leaves the error. Five
/// [`facts`] say what comes next: whether there is another attempt, and after how many milliseconds, if
/// not at once; the tries that are left, and whether this one counts as a retry; for how long all of the
/// lane is to be frozen.
#[unsafe(no_mangle)]
pub extern "C" fn judge(tries: u32, ending: u32, status: u16, timeout: u32, epoch: f64) -> Facts {
    let (path, token, why) = (&text(), text(), text());
    let head = &Head {
        status,
        content_type: text(),
        retry_after: text(),
        date: text(),
    };
    let (mut failure, attempt) = match ending {
        DONE => answered(path, head, epoch),
        LARGE => response::too_large(path, head),
        TIMEOUT => retried(Failure::timeout(path, timeout), Cause::Timeout),
        _ => retried(Failure::connection(path, &why), Cause::Connection),
    };
    rows::release();
    if !token.is_empty() {
        failure.redact(&token);
    }
    let mut tries = Tries::unpack(tries);
    let charged = tries.charged();
    let verdict = tries.after(&attempt, js_sys::Math::random());
    let (again, pause) = match verdict {
        Verdict::Cooldown { wait } | Verdict::Retry { wait } => (true, Some(wait)),
        Verdict::RefreshToken => (true, None),
        Verdict::GiveUp { pause } => (false, pause),
    };
    let mut cooldown = 0.0;
    if let (Some(429), Some(pause)) = (failure.status, pause) {
        cooldown = pause.min(LONGEST_PAUSE);
    }
    if !again {
        failure.retry_at = pause.map(|pause| epoch + pause);
    }
    refuse(failure);
    facts([
        f64::from(again as u8),
        pause.unwrap_or_default(),
        tries.pack().into(),
        f64::from((tries.charged() > charged) as u8),
        cooldown,
        0.0,
    ])
}

/// The tries of a call, as a number.
#[unsafe(no_mangle)]
pub extern "C" fn tries(max_retries: u32, refreshable: bool) -> u32 {
    Tries::new(max_retries, refreshable).pack()
}

fn answered(path: &str, head: &Head, epoch: f64) -> (Failure, Attempt) {
    rows::with(|answer| match &answer.problem {
        Some(problem) => response::malformed(path, head, &answer.body, problem),
        None => response::refused(path, head, &answer.body, epoch),
    })
}

fn retried(failure: Failure, cause: Cause) -> (Failure, Attempt) {
    let attempt = Attempt {
        cause: Some(cause),
        retry_after: None,
    };
    (failure, attempt)
}
