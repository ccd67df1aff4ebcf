//! The rate limit in front of the API (`api/contract.md`, Rate limit).
//!
//! At most `requests` per client address in any window of `window_ms`. Going over answers 429 and
//! starts a cooldown of one window in which nothing is served; requests refused by it do not
//! lengthen it. A request that arrives exactly one window after another no longer shares a
//! window with it.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How many requests a window holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Requests per window, at least 1.
    pub requests: usize,
    /// The window and the cooldown in milliseconds, at least 1.
    pub window_ms: u64,
}

impl Default for Rule {
    /// The documented limit: 40 requests in 10 seconds.
    fn default() -> Self {
        Rule {
            requests: 40,
            window_ms: 10_000,
        }
    }
}

impl Rule {
    /// The window's length.
    pub fn window(self) -> Duration {
        Duration::from_millis(self.window_ms)
    }
}

/// The limiter's memory: who arrived when, and which cooldowns run.
#[derive(Debug, Default)]
pub struct Limit {
    clients: HashMap<IpAddr, Client>,
    foreign_cooldown_until: Duration,
}

#[derive(Debug, Default)]
struct Client {
    served: VecDeque<Duration>,
    cooldown_until: Duration,
}

impl Limit {
    /// Admits a request that arrives at `now`, or says how long the cooldown still lasts.
    pub fn admit(
        &mut self,
        rule: Option<Rule>,
        from: IpAddr,
        now: Duration,
    ) -> Result<(), Duration> {
        if now < self.foreign_cooldown_until {
            return Err(self.foreign_cooldown_until - now);
        }
        let Some(rule) = rule else { return Ok(()) };
        let client = self.clients.entry(from).or_default();
        if now < client.cooldown_until {
            return Err(client.cooldown_until - now);
        }
        forget_before(&mut client.served, rule.window(), now);
        if client.served.len() >= rule.requests {
            client.cooldown_until = now + rule.window();
            return Err(rule.window());
        }
        client.served.push_back(now);
        Ok(())
    }

    /// Refuses everybody for `length`, as when other clients behind the same address went over
    /// the limit. Zero ends it.
    pub fn cool_down(&mut self, length: Duration, now: Duration) {
        self.foreign_cooldown_until = now + length;
    }

    /// How long the longest running cooldown still lasts; zero when none does.
    pub fn cooldown_left(&self, now: Duration) -> Duration {
        let own = self.clients.values().map(|client| client.cooldown_until);
        let until = own.max().unwrap_or_default();
        until.max(self.foreign_cooldown_until).saturating_sub(now)
    }
}

/// Drops the times that no longer share a window with `now`.
pub(crate) fn forget_before(times: &mut VecDeque<Duration>, window: Duration, now: Duration) {
    while times.front().is_some_and(|time| *time + window <= now) {
        times.pop_front();
    }
}
