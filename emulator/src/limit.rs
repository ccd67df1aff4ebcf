//! The rate limit in front of the API (`api/contract.md`, Rate limit).
//!
//! At most `requests` per client address in any window of `window_ms`. One more answers 429 and starts
//! a cooldown of one window, in which every request is refused. Refused requests do not lengthen the
//! cooldown. Two requests exactly one window apart do not share a window.

use core::net::IpAddr;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How many requests a window holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LimitRule {
    /// Requests per window, at least 1.
    pub requests: usize,
    /// The window and the cooldown in milliseconds, at least 1.
    pub window_ms: u64,
}

impl Default for LimitRule {
    /// The documented limit: 40 requests in 10 seconds.
    fn default() -> Self {
        LimitRule {
            requests: 40,
            window_ms: 10_000,
        }
    }
}

impl LimitRule {
    /// The window's length.
    pub fn window(self) -> Duration {
        Duration::from_millis(self.window_ms)
    }
}

/// A sliding window and a cooldown for each client address.
#[derive(Debug, Default)]
pub struct Limiter {
    clients: HashMap<IpAddr, Client>,
    /// Until when every client is refused.
    common_cooldown_until: Duration,
}

#[derive(Debug, Default)]
struct Client {
    served: VecDeque<Duration>,
    cooldown_until: Duration,
}

impl Limiter {
    /// Admits a request that arrives at `now`, or returns how long the cooldown still lasts.
    pub fn admit(
        &mut self,
        rule: Option<LimitRule>,
        from: IpAddr,
        now: Duration,
    ) -> Result<(), Duration> {
        if now < self.common_cooldown_until {
            return Err(self.common_cooldown_until - now);
        }
        let Some(rule) = rule else { return Ok(()) };
        let client = self.clients.entry(from).or_default();
        if now < client.cooldown_until {
            return Err(client.cooldown_until - now);
        }
        drop_expired(&mut client.served, rule.window(), now);
        if client.served.len() >= rule.requests {
            client.cooldown_until = now + rule.window();
            return Err(rule.window());
        }
        client.served.push_back(now);
        Ok(())
    }

    /// Refuses every client for `length`, as when another client behind the same address went over
    /// the limit. Zero ends that cooldown.
    pub fn cool_down(&mut self, length: Duration, now: Duration) {
        self.common_cooldown_until = now + length;
    }

    /// How long the longest cooldown still lasts; zero when none runs.
    pub fn cooldown_left(&self, now: Duration) -> Duration {
        let own = self.clients.values().map(|client| client.cooldown_until);
        let until = own.max().unwrap_or_default();
        until.max(self.common_cooldown_until).saturating_sub(now)
    }
}

/// Removes the times that no longer share a window with `now`.
pub fn drop_expired(times: &mut VecDeque<Duration>, window: Duration, now: Duration) {
    while times.front().is_some_and(|time| *time + window <= now) {
        times.pop_front();
    }
}
