//! Checkpoints: any text; bit flips, cuts and additions of a real one (`play:` and a program of
//! `enumeration.rs` that leads to it); and any content with the right checksum (`body:`, a program to
//! go on with, `:` and the bytes), which somebody must have forged, and yet does no harm.

use comfycontrol_runners::enumerate::{Checkpoint, Refused};

use crate::bytes::{self, damage};
use crate::enumeration::{self, BASE, World};
use crate::random::Random;

pub fn check(input: &[u8]) {
    if let Some(program) = input.strip_prefix(b"play:") {
        let world = World::play(program, None);
        every_damage(
            &world.machine.checkpoint(BASE, world.per_page),
            world.per_page,
        );
    } else if let Some(rest) = input.strip_prefix(b"body:") {
        let (program, body) = split(rest);
        let per_page = World::play(&program[..program.len().min(1)], None).per_page;
        let read = Checkpoint::read(&forged(per_page, body), BASE, per_page);
        let checkpoint = read.expect("reads what is forged well");
        World::play(program, Some(checkpoint)).finish();
    } else {
        let text = String::from_utf8_lossy(input);
        let _ = Checkpoint::read(&text, BASE, 10);
        let _ = Checkpoint::read(&text, "", 0);
    }
}

/// No bit of it may be another, and nothing of it missing or added.
fn every_damage(text: &str, per_page: u32) {
    Checkpoint::read(text, BASE, per_page).expect("reads what it wrote");
    let refused = |damaged: &[u8]| {
        if let Ok(damaged) = str::from_utf8(damaged) {
            let read = Checkpoint::read(damaged, BASE, per_page);
            assert_eq!(read, Err(Refused::Damaged), "{damaged} instead of {text}");
        }
    };
    let bytes = text.as_bytes();
    // One bit of each of some places; which ones differs from text to text.
    let some = hash(bytes) as usize;
    let stride = 1 + bytes.len() / 40;
    for at in (some % stride..bytes.len()).step_by(stride) {
        refused(&bytes[..at]);
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 1 << (some >> (at % 60) & 7);
        refused(&flipped);
    }
    for more in ["A", "AAAA", "=", "\n"] {
        refused(&[bytes, more.as_bytes()].concat());
    }
    let other_size = Checkpoint::read(text, BASE, per_page + 1);
    assert_eq!(other_size, Err(Refused::PageSize(per_page)));
    assert_eq!(
        Checkpoint::read(text, "https://other.example", per_page),
        Err(Refused::BaseUrl)
    );
}

fn split(rest: &[u8]) -> (&[u8], &[u8]) {
    let end = rest.iter().position(|byte| *byte == b':');
    let (program, body) = rest.split_at(end.unwrap_or(rest.len()));
    (program, body.get(1..).unwrap_or(body))
}

/// RFC 4648 §5, as numbers are written: the lowest digit first.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Text with this content and the right version, base URL, page size and checksum. A byte of the
/// content that is no digit stands for one.
fn forged(per_page: u32, body: &[u8]) -> String {
    let mut text = Vec::new();
    put(&mut text, 2, 1);
    put(&mut text, hash(BASE.as_bytes()), 11);
    put(&mut text, per_page.into(), 6);
    text.extend(body.iter().map(|byte| match DIGITS.contains(byte) {
        true => *byte,
        false => DIGITS[usize::from(*byte) % 64],
    }));
    let sum = hash(&text);
    put(&mut text, sum, 11);
    String::from_utf8(text).expect("digits")
}

fn put(text: &mut Vec<u8>, number: u64, width: usize) {
    let digits = (0..width).map(|place| DIGITS[(number >> (6 * place)) as usize % 64]);
    text.extend(digits);
}

/// FNV-1a, without its last 4 bits.
fn hash(bytes: &[u8]) -> u64 {
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step) >> 4
}

pub fn mutated(random: &mut Random, base: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    match base.strip_prefix(b"play:") {
        Some(program) => [b"play:", &enumeration::mutated(random, program, others)[..]].concat(),
        None if base.starts_with(b"body:") => {
            let (program, body) = split(&base[5..]);
            let mut body = body.to_vec();
            for _ in 0..1 + random.below(6) {
                // Numbers at their limits, digits of them, and other lengths.
                let at = random.below(body.len() + 1);
                let end = (at + 1 + random.below(8)).min(body.len());
                match random.below(4) {
                    0 => body[at..end].fill(b'_'),
                    1 => body[at..end].fill(b'A'),
                    2 => body.extend([at as u8; 16]),
                    _ => damage(random, &mut body, others),
                }
            }
            let program = if random.percent(50) {
                enumeration::mutated(random, program, others)
            } else {
                program.to_vec()
            };
            let program: Vec<u8> = program.into_iter().filter(|byte| *byte != b':').collect();
            [b"body:", &program[..], b":", &body].concat()
        }
        None => bytes::mutated(random, base, others),
    }
}
