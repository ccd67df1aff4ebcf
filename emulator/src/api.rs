//! The two endpoints, as `api/contract.md` documents them.
//!
//! A request passes what it would pass in front of the real API, in this order: the rate limit
//! (which a scripted fault cannot jump), a scripted fault, then path, method, token, tier and
//! parameters.

use std::time::Duration;

use serde::Serialize;

use crate::Emulator;
use crate::auth;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::request::Request;
use crate::runners::{Runner, is_uuid};
use crate::settings::RetryAfter;

/// The path of the list; a runner's own path is this, a slash and its id.
pub const RUNNERS: &str = "/v1/managed-runner";

/// Below this path lies the API as a dashboard's own backend would forward it: the same paths,
/// and the token is put in on the way.
pub const PROXY: &str = "/proxy";

#[derive(Serialize)]
struct List<'a> {
    runners: &'a [&'a Runner],
    total: usize,
}

/// Answers an API request that arrives at `now`.
pub fn handle(emulator: &mut Emulator, request: &Request, now: Duration) -> Reply {
    let cors = emulator.settings.cors;
    if cors && is_preflight(request) {
        emulator.log.preflights += 1;
        return preflight();
    }
    let window = emulator.settings.limit.unwrap_or_default().window();
    let id = emulator.log.arrived(request, window, now);
    let mut reply = limited(emulator, request, now);
    if cors {
        reply.set("access-control-allow-origin", "*");
        reply.set("access-control-expose-headers", "Retry-After");
    }
    reply.request = Some(id);
    emulator.log.answered(id, reply.status);
    reply
}

/// Whether a browser asks here if it may send a request of another origin.
fn is_preflight(request: &Request) -> bool {
    request.method == "OPTIONS" && request.header("access-control-request-method").is_some()
}

/// Allows what the documented API needs and nothing else, so that a client with headers of its
/// own is noticed. Not counted by the rate limit.
fn preflight() -> Reply {
    Reply::empty(204)
        .with("access-control-allow-origin", "*")
        .with("access-control-allow-methods", "GET")
        .with("access-control-allow-headers", "Authorization")
        .with("access-control-max-age", "600")
}

fn limited(emulator: &mut Emulator, request: &Request, now: Duration) -> Reply {
    let rule = emulator.settings.limit;
    let (fault, mut reply) = match emulator.limit.admit(rule, request.from, now) {
        Ok(()) => faulted(emulator, request),
        Err(left) => {
            emulator.log.refused += 1;
            (None, too_many(emulator, now, left))
        }
    };
    reply.delivery.latency = Duration::from_millis(emulator.settings.latency_ms);
    if let Some(fault) = fault {
        fault.shape(&mut reply);
    }
    reply
}

fn too_many(emulator: &Emulator, now: Duration, left: Duration) -> Reply {
    let reply = Reply::error(429, "rate limit exceeded");
    let almost_a_second = Duration::from_nanos(999_999_999);
    match emulator.settings.retry_after {
        RetryAfter::None => reply,
        RetryAfter::Seconds => reply.with(
            "retry-after",
            (left + almost_a_second).as_secs().to_string(),
        ),
        RetryAfter::Date => {
            let at = emulator.started_at + now + left + almost_a_second;
            reply.with("retry-after", httpdate::fmt_http_date(at))
        }
    }
}

/// The answer, and the fault that still has to shape it.
fn faulted(emulator: &mut Emulator, request: &Request) -> (Option<Fault>, Reply) {
    let direct = unproxied(emulator, request);
    let request = direct.as_ref().unwrap_or(request);
    let fault = emulator.faults.take(request);
    let replaced = fault.as_ref().and_then(Fault::answer);
    emulator.log.faults += u64::from(fault.is_some());
    (fault, replaced.unwrap_or_else(|| answer(emulator, request)))
}

/// The request that a backend would forward for one below [`PROXY`].
fn unproxied(emulator: &Emulator, request: &Request) -> Option<Request> {
    let path = request.path.strip_prefix(PROXY)?;
    let mut direct = Request {
        path: path.into(),
        ..request.clone()
    };
    if let Some(token) = &emulator.settings.token {
        direct.headers.retain(|(name, _)| name != "authorization");
        direct = direct.with("authorization", &format!("Bearer {token}"));
    }
    Some(direct)
}

fn answer(emulator: &mut Emulator, request: &Request) -> Reply {
    let endpoint = match request.path.strip_prefix(RUNNERS) {
        Some("") => None,
        Some(rest) if rest.starts_with('/') => Some(&rest[1..]),
        _ => return not_found(),
    };
    if request.method != "GET" {
        return Reply::error(405, "method not allowed").with("allow", "GET");
    }
    let authorization = request.header("authorization");
    if let Some(refusal) = auth::refusal(&emulator.settings, authorization) {
        return refusal;
    }
    match endpoint {
        None => list(emulator, request),
        Some(id) => get(emulator, id),
    }
}

fn list(emulator: &mut Emulator, request: &Request) -> Reply {
    let page = match integer(request, "page", 1, u64::MAX) {
        Ok(page) => page,
        Err(message) => return Reply::error(400, &message),
    };
    let per_page = match integer(request, "per_page", 10, 100) {
        Ok(per_page) => per_page as usize,
        Err(message) => return Reply::error(400, &message),
    };
    let listed = emulator.runners.listed(emulator.settings.tier);
    let skipped = usize::try_from(page - 1)
        .unwrap_or(usize::MAX)
        .saturating_mul(per_page)
        .min(listed.len());
    let reply = Reply::json(
        200,
        &List {
            runners: &listed[skipped..listed.len().min(skipped + per_page)],
            total: listed.len(),
        },
    );
    emulator.log.list_reads += 1;
    emulator.schedule.list_was_read(&mut emulator.runners);
    reply
}

fn get(emulator: &Emulator, id: &str) -> Reply {
    if !is_uuid(id) {
        return Reply::error(400, "id must be a UUID");
    }
    let tier = emulator.settings.tier;
    match emulator.runners.get(id).filter(|runner| tier.sees(runner)) {
        Some(runner) => Reply::json(200, runner),
        None => not_found(),
    }
}

fn not_found() -> Reply {
    Reply::error(404, "requested entity not found")
}

/// The page a list request asks for; `None` for any other request.
pub fn page_of(request: &Request) -> Option<u64> {
    let is_list = request.path == RUNNERS;
    is_list.then(|| integer(request, "page", 1, u64::MAX).ok())?
}

/// A parameter from 1 to `max`, or the sentence a 400 says.
fn integer(request: &Request, name: &str, default: u64, max: u64) -> Result<u64, String> {
    let Some(text) = request.parameter(name) else {
        return Ok(default);
    };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // Digits that do not fit are a number past every bound.
    let value = text.parse().unwrap_or(u64::MAX);
    match digits && (1..=max).contains(&value) {
        true => Ok(value),
        false if max == u64::MAX => Err(format!("{name} must be an integer of at least 1")),
        false => Err(format!("{name} must be an integer from 1 to {max}")),
    }
}
