//! Date-times of RFC 3339 as the reader takes them, plain and in escapes, against `rules.rs`.

use comfycontrol_decode::{Body, Expected, Options, read_runner};

use crate::bytes::{damage, pick};
use crate::random::Random;
use crate::rules;

pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let expected = rules::date_time(&text);
    let plain = serde_json::to_string(&text).expect("text");
    let escaped: String = text
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04x}"))
        .collect();
    for spelled in [plain, format!("\"{escaped}\"")] {
        for (created, updated) in [(&spelled[..], USUAL), (USUAL, &spelled)] {
            let body = Body::from(runner(created, updated).as_bytes());
            let options = Options {
                keys: true,
                ..Options::default()
            };
            match (read_runner(&body, options), expected) {
                (Ok(page), Some(instant)) if updated == USUAL => {
                    assert_eq!(page.keys[0].created_at, instant, "{text}");
                }
                (Ok(_), Some(_)) => {}
                (Err(problem), None) => assert_eq!(problem.expected, Expected::DateTime),
                (read, expected) => panic!("{text:?}: expected {expected:?} but read {read:?}"),
            }
        }
    }
}

const USUAL: &str = "\"2024-01-15T10:30:00Z\"";

fn runner(created_at: &str, updated_at: &str) -> String {
    format!(
        "{{\"id\":\"0190a5b4-7c3e-7abc-8def-0123456789ab\",\"name\":\"\",\"runner_type\":\"pro\",\
         \"status\":\"active\",\"tags\":[],\"created_at\":{created_at},\"updated_at\":{updated_at}}}"
    )
}

/// A date-time of parts that are near the edges, or a damaged one.
pub fn mutated(random: &mut Random, base: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut text = base.to_vec();
    if random.percent(70) {
        let years = [
            "0000", "0001", "1600", "1900", "1970", "2000", "2023", "2024", "9999",
        ];
        let clocks = ["00", "23", "24", "59", "60", "61", "10"];
        let zones = [
            "Z", "z", "+00:00", "-00:00", "+23:59", "-23:59", "+24:00", "-08:00", "+05:60", "",
        ];
        let fractions = ["", "", ".0", ".999999999", ".1234567891", "."];
        let separators = ["T", "T", "T", "t", " "];
        let year = pick(random, &years);
        let (month, day) = (random.below(14), 1 + random.below(32));
        let day = if random.percent(50) {
            27 + random.below(6)
        } else {
            day
        };
        let mut two = || pick(random, &clocks);
        let (hour, minute, second) = (two(), two(), two());
        let (separator, fraction, zone) = (
            pick(random, &separators),
            pick(random, &fractions),
            pick(random, &zones),
        );
        let written = format!(
            "{year}-{month:02}-{day:02}{separator}{hour}:{minute}:{second}{fraction}{zone}"
        );
        text = written.into_bytes();
    }
    if random.percent(60) {
        damage(random, &mut text, others);
    }
    text
}
