//! Properties that hold whatever clients, network, server and clock do.

use comfycontrol_runners::limiter::LATE_GRACE_MS;
use comfycontrol_runners::pace::Pace;
use proptest::prelude::*;

use super::simulation::{Client, CoolDown, Fate, LEASE_MS, simulate};
use super::{PACE, pace};

/// A client that polls in time and gets its answer.
fn client(joins_at: f64, takes_ms: f64) -> Client {
    Client {
        joins_at,
        takes_ms,
        late_ms: 0.0,
        fate: Fate::Answered,
        counted: 0.5,
    }
}

#[test]
fn two_hundred_calls_take_the_time_that_the_limit_requires() {
    for takes_ms in [0.0, 20.0, 200.0] {
        let outcome = simulate(PACE, &[client(0.0, takes_ms); 200], &[]);
        assert_eq!(outcome.requests.len(), 200);
        // 40 at once, and 40 more after each of four windows.
        assert_eq!(outcome.last_start(), 4.0 * (PACE.window_ms + takes_ms));
        assert_eq!(outcome.fullest(PACE.window_ms), 40);
    }
}

#[test]
fn a_thousand_clients_share_one_limiter() {
    // Latencies of 20 to 119 ms.
    let clients: Vec<Client> = (0..1_000)
        .map(|index| client(0.0, f64::from(20 + index * 37 % 100)))
        .collect();
    let outcome = simulate(PACE, &clients, &[]);
    assert!(
        outcome.starts(1_000).is_sorted(),
        "first come, first served"
    );
    assert_eq!(outcome.fullest(PACE.window_ms), 40);
    let shortest = 24.0 * PACE.window_ms;
    let last = outcome.last_start();
    assert!(last <= 1.02 * shortest, "{last} ms");
    // Each waits for half of the 25 windows, and polls twice in each; some more polls before its turn.
    assert!(outcome.polls < 1_000 * (25 + 10), "{} polls", outcome.polls);
}

#[test]
fn half_of_a_thousand_clients_may_vanish() {
    let clients: Vec<Client> = (0..1_000)
        .map(|index| Client {
            fate: match index % 4 {
                0 => Fate::VanishesWaiting(index % 3),
                1 => Fate::VanishesRunning,
                _ => Fate::Answered,
            },
            ..client(f64::from(index % 10), 50.0)
        })
        .collect();
    let outcome = simulate(PACE, &clients, &[]);
    let answered = |index: usize| clients[index].fate == Fate::Answered;
    let served = outcome.requests.iter().filter(|one| answered(one.client));
    assert_eq!(served.count(), 500);
    assert!(outcome.fullest(PACE.window_ms) <= 40);
    assert!(outcome.polls < 1_000 * 100, "{} polls", outcome.polls);
}

/// Milliseconds, in quarters: sums of them are exact.
fn ms(most: u32) -> impl Strategy<Value = f64> {
    (0..=4 * most).prop_map(|quarters| f64::from(quarters) / 4.0)
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Answered),
        2 => Just(Fate::Unanswered),
        2 => ms(5_000).prop_map(Fate::Leaves),
        1 => (0..4_u32).prop_map(Fate::VanishesWaiting),
        1 => Just(Fate::VanishesRunning),
    ]
}

/// How late timers are: mostly a little, sometimes so late that the waiter lapses.
fn lateness() -> impl Strategy<Value = f64> {
    prop_oneof![
        5 => Just(0.0),
        3 => ms(20),
        1 => ms(3_000),
    ]
}

fn clients(
    late_ms: impl Strategy<Value = f64>,
    fate: impl Strategy<Value = Fate>,
) -> impl Strategy<Value = Vec<Client>> {
    let moments = prop_oneof![Just(0.0), ms(5_000)];
    let one = (moments, ms(3_000), late_ms, fate, 0.0..=1.0_f64);
    let one = one.prop_map(|(joins_at, takes_ms, late_ms, fate, counted)| Client {
        joins_at,
        takes_ms,
        late_ms,
        fate,
        counted,
    });
    prop::collection::vec(one, 1..60)
}

fn paces() -> impl Strategy<Value = Pace> {
    let window_ms = prop_oneof![Just(100.0), Just(1_000.0), Just(2_500.0), Just(10_000.0)];
    (1..8_u32, window_ms).prop_map(|(requests, window_ms)| pace(requests, window_ms))
}

fn cooldowns() -> impl Strategy<Value = Vec<(f64, CoolDown)>> {
    prop::collection::vec((ms(20_000), ms(12_000).prop_map(CoolDown)), 0..3)
}

/// No wait can be longer.
fn longest_ms(pace: Pace, clients: &[Client], cooldowns: &[(f64, CoolDown)]) -> f64 {
    let late_ms = clients.iter().map(|one| one.late_ms).fold(0.0, f64::max);
    let rounds = clients.len().div_ceil(pace.requests as usize) as f64;
    let round_ms = pace.window_ms + LEASE_MS + LATE_GRACE_MS + 2.0 * late_ms + 2.0;
    // Each that vanished may hold up those behind it once.
    let vanished = |one: &&Client| matches!(one.fate, Fate::VanishesWaiting(_));
    let vanished = clients.iter().filter(vanished).count() as f64;
    let begins_at = 20_000.0 + 12_000.0 + cooldowns.len() as f64 * (round_ms + 12_000.0);
    begins_at + (rounds + 1.0) * round_ms + vanished * (LATE_GRACE_MS + late_ms + 1.0)
}

proptest! {
    /// Besides what every simulation checks: the server never counts more requests in a window than
    /// are allowed, whenever it counts each, and everybody who stays is served.
    #[test]
    fn no_window_is_too_full_and_nobody_starves(
        pace in paces(),
        clients in clients(lateness(), fates()),
        cooldowns in cooldowns(),
    ) {
        let outcome = simulate(pace, &clients, &cooldowns);
        prop_assert!(outcome.fullest(pace.window_ms) <= pace.requests as usize);
        for (index, client) in clients.iter().enumerate() {
            let started = outcome.requests.iter().find(|one| one.client == index);
            let stays = !matches!(client.fate, Fate::Leaves(_) | Fate::VanishesWaiting(_));
            prop_assert!(started.is_some() || !stays, "client {} starves", index);
        }
        let longest_ms = longest_ms(pace, &clients, &cooldowns);
        prop_assert!(outcome.last_start() <= longest_ms, "{:?}", outcome.last_start());
    }

    /// While timers are in time, and nobody leaves.
    #[test]
    fn first_come_first_served(
        pace in paces(),
        mut clients in clients(Just(0.0), Just(Fate::Answered)),
        cooldowns in cooldowns(),
    ) {
        clients.sort_by(|one, other| one.joins_at.total_cmp(&other.joins_at));
        let outcome = simulate(pace, &clients, &cooldowns);
        let starts = outcome.starts(clients.len());
        for pair in starts.windows(2) {
            // Timers count whole milliseconds.
            prop_assert!(pair[0] < pair[1] + 1.0, "{:?}", starts);
        }
    }
}
