//! Checkpoints. An input is one of three:
//!
//! - `play:` and a program of `enumeration.rs`. The checkpoint to which it leads is damaged in many ways.
//! - `body:`, a program, `:` and bytes. A checkpoint is forged with these bytes and a valid checksum. The
//!   program goes on from it, and it does no harm.
//! - Any other text.

use comfycontrol_runners::paging::{Checkpoint, CheckpointError};

use crate::bytes::{self, damage};
use crate::enumeration::{self, BASE, World};
use crate::forge;
use crate::random::Random;

pub fn check(input: &[u8]) {
    if let Some(program) = input.strip_prefix(b"play:") {
        let world = World::play(program, None);
        let text = world.machine.checkpoint(BASE, world.per_page);
        check_damage(&text, world.per_page);
    } else if let Some(rest) = input.strip_prefix(b"body:") {
        let (program, body) = split(rest);
        let fresh = World::play(&program[..program.len().min(1)], None);
        let read = Checkpoint::read(&forged(&fresh, body), BASE, fresh.per_page);
        World::play(program, Some(read.expect("reads it"))).finish();
    } else {
        let text = String::from_utf8_lossy(input);
        let _ = Checkpoint::read(&text, BASE, 10);
        let _ = Checkpoint::read(&text, "", 0);
    }
}

/// No bit of the text may change, and nothing of it may be missing or added.
fn check_damage(text: &str, per_page: u32) {
    Checkpoint::read(text, BASE, per_page).expect("reads what it wrote");
    let refused = |damaged: &[u8]| {
        if let Ok(damaged) = str::from_utf8(damaged) {
            let read = Checkpoint::read(damaged, BASE, per_page);
            assert_eq!(read, Err(CheckpointError::Damaged), "{damaged} for {text}");
        }
    };
    let bytes = text.as_bytes();
    // One bit of every few bytes. The hash decides which bytes and which bit.
    let hash = forge::hash(bytes) as usize;
    let stride = 1 + bytes.len() / 40;
    for index in (hash % stride..bytes.len()).step_by(stride) {
        refused(&bytes[..index]);
        let mut flipped = bytes.to_vec();
        flipped[index] ^= 1 << (hash >> (index % 60) & 7);
        refused(&flipped);
    }
    for more in ["A", "AAAA", "=", "\n"] {
        refused(&[bytes, more.as_bytes()].concat());
    }
    let other_size = Checkpoint::read(text, BASE, per_page + 1);
    assert_eq!(other_size, Err(CheckpointError::PerPage(per_page)));
    let other_url = Checkpoint::read(text, "https://other.example", per_page);
    assert_eq!(other_url, Err(CheckpointError::BaseUrl));
}

fn split(rest: &[u8]) -> (&[u8], &[u8]) {
    let end = rest.iter().position(|byte| *byte == b':');
    let (program, body) = rest.split_at(end.unwrap_or(rest.len()));
    (program, body.get(1..).unwrap_or(body))
}

/// Bytes of a checkpoint in front of `body`: the version, the base URL and the page size.
const HEADER: usize = 13;
/// Where the numbers of `body` begin, and how many bytes each has. Ids follow.
const NUMBERS: [(usize, usize); 12] = [
    (0, 1),
    (1, 1),
    (2, 1),
    (3, 8),
    (11, 4),
    (15, 8),
    (23, 8),
    (31, 8),
    (39, 8),
    (47, 8),
    (55, 8),
    (63, 8),
];
const IDS: usize = 71;

/// A checkpoint for the page size of this world. What is missing of the numbers is 0.
fn forged(world: &World, body: &[u8]) -> String {
    let mut content = forge::content(&world.machine.checkpoint(BASE, world.per_page));
    content.truncate(HEADER);
    content.extend(body);
    let ids = body.len().saturating_sub(IDS) / 16;
    content.resize(HEADER + IDS + 16 * ids, 0);
    forge::checkpoint(&content)
}

pub fn mutated(random: &mut Random, base: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    if let Some(program) = base.strip_prefix(b"play:") {
        let program = enumeration::mutated(random, program, others);
        [b"play:", &program[..]].concat()
    } else if let Some(rest) = base.strip_prefix(b"body:") {
        let (program, body) = split(rest);
        let mut body = body.to_vec();
        for _ in 0..1 + random.below(6) {
            mutate_body(random, &mut body, others);
        }
        let mut program = program.to_vec();
        if random.percent(50) {
            program = enumeration::mutated(random, &program, others);
            program.retain(|byte| *byte != b':');
        }
        [b"body:", &program[..], b":", &body].concat()
    } else {
        bytes::mutated(random, base, others)
    }
}

fn mutate_body(random: &mut Random, body: &mut Vec<u8>, others: &[Vec<u8>]) {
    match random.below(4) {
        // A number at one of its limits, or a small one.
        0 | 1 => {
            let limits = [
                0,
                1,
                2,
                9,
                u64::MAX,
                1 << 63,
                (1 << 53) - 1,
                1 << 53,
                1 << 26,
            ];
            let number = limits[random.below(limits.len())].to_le_bytes();
            let (start, length) = NUMBERS[random.below(NUMBERS.len())];
            body.resize(body.len().max(IDS), 0);
            body[start..start + length].copy_from_slice(&number[..length]);
        }
        // One more id, which the list of the program may have.
        2 => {
            body.resize(body.len().max(IDS), 0);
            body.extend((random.below(20) as u128).to_le_bytes());
        }
        _ => damage(random, body, others),
    }
}
