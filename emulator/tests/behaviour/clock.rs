//! The emulator's clock: the elapsed time, and how far a test moved it ahead.

use serde_json::{Value, json};

use crate::support::{emulator, get, ms, steer, steered, unlimited};

#[test]
fn moving_the_clock_ends_a_cooldown() {
    let mut emulator = emulator(5);
    steered(&mut emulator, "POST cooldown", json!({ "ms": 10_000 }));
    let status = |emulator: &mut comfycontrol_emulator::Emulator| {
        emulator.handle(&get("/v1/managed-runner"), ms(0)).status
    };
    assert_eq!(status(&mut emulator), 429);
    let state = steered(&mut emulator, "POST clock", json!({ "advanceMs": 9_999 }));
    assert_eq!(
        (&state["nowMs"], &state["cooldownMs"]),
        (&json!(9_999), &json!(1))
    );
    assert_eq!(status(&mut emulator), 429);
    steered(&mut emulator, "POST clock", json!({ "advanceMs": 1 }));
    assert_eq!(status(&mut emulator), 200);
}

#[test]
fn the_clock_cannot_be_moved_back() {
    let mut emulator = unlimited(1);
    let (status, _) = steer(&mut emulator, "POST clock", json!({ "advanceMs": -1 }));
    assert_eq!(status, 400);
}

#[test]
fn timestamps_come_from_the_calendar_or_from_the_clock() {
    let mut emulator = unlimited(2);
    let newest = |emulator: &mut comfycontrol_emulator::Emulator| -> Value {
        steered(emulator, "GET runners", Value::Null)[0].clone()
    };
    steered(&mut emulator, "POST runners", json!({ "add": 1 }));
    let added = newest(&mut emulator);
    assert_eq!(added["created_at"], "2024-01-15T11:44:00Z");
    assert_eq!(added["updated_at"], "2024-01-15T11:44:00Z");

    // The clock of this emulator started in 1970, so the list would show the runner last.
    let now = json!({ "advanceMs": 1_800_000_000_250_u64 });
    steered(
        &mut emulator,
        "PATCH settings",
        json!({ "timestamps": "clock" }),
    );
    steered(&mut emulator, "POST clock", now);
    steered(&mut emulator, "POST runners", json!({ "add": 1 }));
    let added = newest(&mut emulator);
    assert_eq!(added["created_at"], "2027-01-15T08:00:00Z");
    assert_eq!(added["updated_at"], "2027-01-15T08:00:00Z");

    steered(&mut emulator, "POST clock", json!({ "advanceMs": 60_000 }));
    let rename = json!({ "change": [{ "runner": 0, "set": { "name": "renamed" } }] });
    steered(&mut emulator, "POST runners", rename);
    let renamed = newest(&mut emulator);
    assert_eq!(renamed["created_at"], "2027-01-15T08:00:00Z");
    assert_eq!(renamed["updated_at"], "2027-01-15T08:01:00Z");
}
