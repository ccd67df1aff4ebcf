//! The two endpoints, as `api/contract.md` documents them.
//!
//! A request is checked in this order, as in front of the real API: rate limit, scripted fault, path,
//! method, token, tier, parameters.

use std::time::Duration;

use serde::Serialize;

use crate::auth;
use crate::emulator::Emulator;
use crate::fault::Fault;
use crate::list_query::{ListQuery, RUNNERS};
use crate::reply::Reply;
use crate::request::Request;
use crate::runner::{Runner, is_uuid};
use crate::settings::RetryAfter;

/// The path prefix of a proxy, such as a dashboard's own backend, that adds the token and forwards to
/// the API.
pub const PROXY: &str = "/proxy";

#[derive(Serialize)]
struct List<'a> {
    runners: &'a [&'a Runner],
    total: usize,
}

/// Answers an API request that arrives when this much time has `elapsed` since the start.
pub fn handle(emulator: &mut Emulator, request: &Request, elapsed: Duration) -> Reply {
    let cors = emulator.settings.cors;
    if cors && is_preflight(request) {
        emulator.log.preflights += 1;
        return preflight();
    }
    let window = emulator.settings.limit.unwrap_or_default().window();
    let now = emulator.now(elapsed);
    let id = emulator.log.arrived(request, window, now);
    let mut reply = limited(emulator, request, elapsed);
    if cors {
        reply.set("access-control-allow-origin", "*");
        reply.set("access-control-expose-headers", "Retry-After");
    }
    reply.request = Some(id);
    emulator.log.answered(id, reply.status);
    reply
}

/// Whether this is a CORS preflight.
fn is_preflight(request: &Request) -> bool {
    request.method == "OPTIONS" && request.header("access-control-request-method").is_some()
}

/// Allows only what the documented API needs, so that tests notice a client that sends other headers.
/// The rate limit does not count preflights.
fn preflight() -> Reply {
    Reply::empty(204)
        .with("access-control-allow-origin", "*")
        .with("access-control-allow-methods", "GET")
        .with("access-control-allow-headers", "Authorization")
        .with("access-control-max-age", "600")
}

fn limited(emulator: &mut Emulator, request: &Request, elapsed: Duration) -> Reply {
    let rule = emulator.settings.limit;
    let now = emulator.now(elapsed);
    let (fault, mut reply) = match emulator.limiter.admit(rule, request.from, now) {
        Ok(()) => faulted(emulator, request, elapsed),
        Err(left) => {
            emulator.log.refused += 1;
            (None, too_many(emulator, elapsed, left))
        }
    };
    reply.delivery.latency = Duration::from_millis(emulator.settings.latency_ms);
    if let Some(fault) = fault {
        fault.shape(&mut reply);
    }
    reply
}

/// The 429 of a cooldown that still lasts for `left`.
fn too_many(emulator: &Emulator, elapsed: Duration, left: Duration) -> Reply {
    let reply = Reply::error(429, "rate limit exceeded");
    let almost_a_second = Duration::from_nanos(999_999_999);
    match emulator.settings.retry_after {
        RetryAfter::None => reply,
        RetryAfter::Seconds => reply.with(
            "retry-after",
            (left + almost_a_second).as_secs().to_string(),
        ),
        RetryAfter::Date => {
            let date = emulator.date(elapsed) + left + almost_a_second;
            reply.with("retry-after", httpdate::fmt_http_date(date.into()))
        }
    }
}

/// The answer, and the fault that is still to be applied to it.
fn faulted(
    emulator: &mut Emulator,
    request: &Request,
    elapsed: Duration,
) -> (Option<Fault>, Reply) {
    let direct = forwarded(emulator, request);
    let request = direct.as_ref().unwrap_or(request);
    let fault = emulator.faults.take(request);
    if let Some(fault) = &fault {
        emulator.log.faults += 1;
        if let Some(cooldown) = fault.cooldown {
            let now = emulator.now(elapsed);
            emulator
                .limiter
                .cool_down(Duration::from_millis(cooldown), now);
        }
    }
    let reply = match fault.as_ref().and_then(Fault::answer) {
        Some(reply) => reply,
        None => answer(emulator, request, elapsed),
    };
    (fault, reply)
}

/// The request that the proxy forwards to the API, if the path begins with [`PROXY`].
fn forwarded(emulator: &Emulator, request: &Request) -> Option<Request> {
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

fn answer(emulator: &mut Emulator, request: &Request, elapsed: Duration) -> Reply {
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
        None => list(emulator, request, elapsed),
        Some(id) => get(emulator, id),
    }
}

fn list(emulator: &mut Emulator, request: &Request, elapsed: Duration) -> Reply {
    let ListQuery { page, per_page } = match ListQuery::of(request) {
        Ok(query) => query,
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
    let stamp = emulator.stamp(elapsed);
    emulator
        .schedule
        .list_was_read(&mut emulator.runners, stamp);
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
