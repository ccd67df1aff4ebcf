//! Generated runners: a seed and an index determine all values of a runner.

use crate::runner::Runner;
use crate::timestamp;

const ROLES: [&str; 6] = ["render", "studio", "batch", "preview", "upscale", "video"];
const REGIONS: [&str; 5] = ["eu", "us", "ap", "uk", "sa"];
const GPUS: [&str; 5] = ["rtx4090", "a100", "h100", "l40s", "rtx5090"];
const MODELS: [&str; 4] = ["sdxl", "flux", "sd15", "wan"];

/// Names beyond ASCII: real names are not all `render-eu-01`.
const UNICODE_NAMES: [&str; 4] = [
    "Zürich Atelier",
    "東京レンダー",
    "São Paulo \"B\"",
    "рендер 🎨",
];

/// Whether the generated list shows the runner of this index as disabled.
pub fn starts_disabled(index: u64) -> bool {
    index % 9 == 4
}

/// The active runner of this index. A higher index is a newer runner.
pub fn runner(seed: u64, index: u64) -> Runner {
    let stream = seed_offset(seed);
    let bits = scramble(index ^ stream);
    // 17 and 30 share no divisor: each role of each region comes once in 30 runners.
    let combination = ((index % 30 + seed % 30) * 17) as usize % 30;
    let (role, region) = (ROLES[combination / 5], REGIONS[combination % 5]);
    let name = match index % 41 {
        17 => {
            let nth = index / 41;
            format!("{} {:02}", UNICODE_NAMES[(nth % 4) as usize], nth / 4 + 1)
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
    let is_plus = (bits >> 40).is_multiple_of(3);
    Runner {
        id: uuid(index ^ stream),
        name,
        runner_type: if is_plus { "plus" } else { "pro" }.into(),
        status: "active".into(),
        tags,
        created_at: timestamp::calendar(index, 0),
        updated_at: timestamp::calendar(index, bits % 2000),
    }
}

/// Moves each seed to its own range of indexes, so that two seeds share no runner. Seed 0 keeps the index.
fn seed_offset(seed: u64) -> u64 {
    match seed {
        0 => 0,
        seed => scramble(seed) & !0xFFFF_FFFF,
    }
}

/// A version 4 UUID.
fn uuid(bits: u64) -> String {
    let (high, low) = (scramble(bits ^ 0xA5A5), scramble(bits ^ 0x5A5A_0000));
    let (a, b, c) = (high >> 32, (high >> 16) & 0xFFFF, high & 0xFFF);
    let (d, e) = (0x8000 | ((low >> 48) & 0x3FFF), low & 0xFFFF_FFFF_FFFF);
    format!("{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{e:012x}")
}

fn pick<'a>(from: &[&'a str], bits: u64) -> &'a str {
    from[(bits & 0xFF) as usize % from.len()]
}

/// The output function of SplitMix64. It maps neighbouring numbers to unrelated ones, one to one.
fn scramble(number: u64) -> u64 {
    let bits = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
