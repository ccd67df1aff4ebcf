//! The generated runners: everything about one follows from its index.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::runners::Runner;

const ROLES: [&str; 6] = ["render", "studio", "batch", "preview", "upscale", "video"];
const REGIONS: [&str; 5] = ["eu", "us", "ap", "uk", "sa"];
const GPUS: [&str; 5] = ["rtx4090", "a100", "h100", "l40s", "rtx5090"];
const MODELS: [&str; 4] = ["sdxl", "flux", "sd15", "wan"];

/// Some of the names are such as people elsewhere give.
const FAR_NAMES: [&str; 4] = [
    "Zürich Atelier",
    "東京レンダー",
    "São Paulo \"B\"",
    "рендер 🎨",
];

/// Whether the runner of this index starts out disabled: known, but not listed.
pub fn starts_disabled(index: u64) -> bool {
    index % 9 == 4
}

/// The emulator's calendar: 37 minutes pass from one new or changed runner to the next.
pub fn time_at(tick: u64) -> String {
    rfc3339(tick, 0)
}

/// The active runner of this index.
pub fn runner(index: u64) -> Runner {
    let bits = scramble(index);
    // 17 and 30 share no divisor: each role of each region comes once in 30 runners.
    let combination = (index % 30 * 17) as usize % 30;
    let (role, region) = (ROLES[combination / 5], REGIONS[combination % 5]);
    let name = match index % 41 {
        17 => {
            let nth = index / 41;
            format!("{} {:02}", FAR_NAMES[(nth % 4) as usize], nth / 4 + 1)
        }
        _ => format!("{role}-{region}-{:02}", index / 30 + 1),
    };
    let mut tags = Vec::new();
    // A runner without tags accepts any workflow; a few are like that.
    if index % 13 != 6 {
        tags.push(format!("gpu:{}", pick(&GPUS, bits >> 24)));
        tags.push(format!("region:{region}"));
        if bits & 1 == 1 {
            tags.push(format!("model:{}", pick(&MODELS, bits >> 32)));
        }
    }
    Runner {
        id: uuid(index),
        name,
        runner_type: if (bits >> 40).is_multiple_of(3) {
            "plus"
        } else {
            "pro"
        }
        .into(),
        status: "active".into(),
        tags,
        created_at: time_at(index),
        updated_at: rfc3339(index, bits % 2000),
    }
}

fn rfc3339(tick: u64, seconds: u64) -> String {
    // 2024-01-15T10:30:00Z. Far before the year 9999 the calendar stands still.
    let unix = 1_705_314_600 + tick.min(10_000_000) * 37 * 60 + seconds;
    let time = OffsetDateTime::from_unix_timestamp(unix as i64).expect("the year has four digits");
    time.format(&Rfc3339).expect("the year has four digits")
}

/// A version 4 UUID that follows from the index.
fn uuid(index: u64) -> String {
    let (high, low) = (scramble(index ^ 0xA5A5), scramble(index ^ 0x5A5A_0000));
    let (a, b, c) = (high >> 32, (high >> 16) & 0xFFFF, high & 0xFFF);
    let (d, e) = (0x8000 | ((low >> 48) & 0x3FFF), low & 0xFFFF_FFFF_FFFF);
    format!("{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{e:012x}")
}

fn pick<'a>(from: &[&'a str], bits: u64) -> &'a str {
    from[(bits & 0xFF) as usize % from.len()]
}

/// SplitMix64's output function: spreads neighbouring indices over all 64 bits, one to one.
fn scramble(index: u64) -> u64 {
    let bits = index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
