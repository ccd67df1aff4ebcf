//! The control interface: how a test steers a running emulator.
//!
//! JSON over HTTP below [`PREFIX`], without a token and outside the rate limit. The README
//! documents every call with an example.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::changes::Changes;
use crate::emulator::Emulator;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::request::Request;
use crate::runners::Runners;
use crate::schedule::Scheduled;

/// The path prefix of the control interface.
pub const PREFIX: &str = "/__control/";

const CALLS: &str = "GET state, GET|DELETE log, POST reset, GET|PATCH settings, GET|POST runners, \
    GET|POST|DELETE faults, GET|POST|DELETE schedule, POST cooldown, POST clock";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Reset {
    runners: Option<usize>,
    seed: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cooldown {
    ms: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Clock {
    advance_ms: u64,
}

/// One value, or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Value>),
    One(Value),
}

/// Answers a control request that arrives when this much time has `elapsed` since the start.
///
/// Pages of this machine may call it from another port; pages of other sites may not.
pub fn handle(emulator: &mut Emulator, request: &Request, elapsed: Duration) -> Reply {
    let origin = request.header("origin");
    if origin.is_some_and(|origin| !is_loopback(origin)) {
        return Reply::error(
            403,
            "only pages of this machine may use the control interface",
        );
    }
    let reply = match request.method.as_str() {
        "OPTIONS" => Reply::empty(204)
            .with("access-control-allow-methods", "GET, POST, PATCH, DELETE")
            .with("access-control-allow-headers", "Content-Type"),
        _ => call(emulator, request, elapsed).unwrap_or_else(|message| Reply::error(400, &message)),
    };
    match origin {
        Some(origin) => reply.with("access-control-allow-origin", origin),
        None => reply,
    }
}

fn call(emulator: &mut Emulator, request: &Request, elapsed: Duration) -> Result<Reply, String> {
    let name = request.path.strip_prefix(PREFIX).unwrap_or_default();
    match (request.method.as_str(), name) {
        ("GET", "state") => {}
        ("POST", "reset") => {
            let reset: Reset = optional(request)?;
            let runners = reset
                .runners
                .map(|active| Runners::generated(active, reset.seed));
            emulator.reset(runners);
        }
        ("GET", "log") => return Ok(Reply::json(200, emulator.log.entries())),
        ("DELETE", "log") => emulator.log.clear(),
        ("GET", "settings") => return Ok(Reply::json(200, &emulator.settings)),
        ("PATCH", "settings") => {
            let changes: Map<String, Value> = body(request)?;
            emulator.settings = emulator.settings.changed(changes)?;
            return Ok(Reply::json(200, &emulator.settings));
        }
        ("GET", "runners") => {
            let runners: Vec<_> = emulator.runners.all().collect();
            return Ok(Reply::json(200, &runners));
        }
        ("POST", "runners") => {
            let changes: Changes = body(request)?;
            let stamp = emulator.stamp(elapsed);
            let applied = changes.apply(&mut emulator.runners, stamp)?;
            return Ok(Reply::json(200, &applied));
        }
        ("GET", "faults") => return Ok(Reply::json(200, &emulator.faults)),
        ("POST", "faults") => {
            let faults: Vec<Fault> = one_or_many(request)?;
            faults.iter().try_for_each(Fault::check)?;
            for fault in faults {
                emulator.faults.add(fault)?;
            }
        }
        ("DELETE", "faults") => emulator.faults = Default::default(),
        ("GET", "schedule") => return Ok(Reply::json(200, &emulator.schedule)),
        ("POST", "schedule") => {
            let scheduled: Vec<Scheduled> = one_or_many(request)?;
            scheduled.iter().try_for_each(Scheduled::check)?;
            for one in scheduled {
                emulator.schedule.add(one)?;
            }
        }
        ("DELETE", "schedule") => emulator.schedule = Default::default(),
        ("POST", "cooldown") => {
            let cooldown: Cooldown = body(request)?;
            let length = Duration::from_millis(cooldown.ms);
            let now = emulator.now(elapsed);
            emulator.limiter.cool_down(length, now);
        }
        ("POST", "clock") => {
            let clock: Clock = body(request)?;
            emulator.advance(Duration::from_millis(clock.advance_ms));
        }
        (method, name) => {
            let message = format!("there is no {method} {name}; there are {CALLS}");
            return Ok(Reply::error(404, &message));
        }
    }
    Ok(Reply::json(200, &state(emulator, elapsed)))
}

/// The answer of every call that has no other.
fn state(emulator: &Emulator, elapsed: Duration) -> Value {
    let now = emulator.now(elapsed);
    let listed = emulator.runners.all().filter(|runner| runner.is_listed());
    json!({
        "nowMs": now.as_millis() as u64,
        "settings": emulator.settings,
        "runners": {
            "all": emulator.runners.all().count(),
            "listed": listed.count(),
            "total": emulator.runners.listed(emulator.settings.tier).len(),
        },
        "stats": emulator.log,
        "cooldownMs": emulator.limiter.cooldown_left(now).as_millis() as u64,
        "faults": emulator.faults.len(),
        "scheduled": emulator.schedule.len(),
    })
}

fn body<T: DeserializeOwned>(request: &Request) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| format!("the body: {error}"))
}

fn optional<T: DeserializeOwned + Default>(request: &Request) -> Result<T, String> {
    match request.body.is_empty() {
        true => Ok(T::default()),
        false => body(request),
    }
}

fn one_or_many<T: DeserializeOwned>(request: &Request) -> Result<Vec<T>, String> {
    let values = match body(request)? {
        OneOrMany::Many(values) => values,
        OneOrMany::One(value) => vec![value],
    };
    let read = |(index, value)| {
        serde_json::from_value(value).map_err(|error| format!("the body, number {index}: {error}"))
    };
    values.into_iter().enumerate().map(read).collect()
}

fn is_loopback(origin: &str) -> bool {
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| {
        let port = host.strip_prefix(name);
        port.is_some_and(|port| port.is_empty() || port.starts_with(':'))
    })
}
