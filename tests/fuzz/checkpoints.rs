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
        if let Ok(checkpoint) = Checkpoint::read(&forged(per_page, body), BASE, per_page) {
            World::play(program, Some(checkpoint)).finish();
        }
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

/// Text with this content and the right version, base URL, page size and checksum.
fn forged(per_page: u32, body: &[u8]) -> String {
    let (base, size) = (hash(BASE.as_bytes()).to_le_bytes(), per_page.to_le_bytes());
    let mut bytes = [&[1], &base[..], &size, body].concat();
    bytes.extend(hash(&bytes).to_le_bytes());
    base64url(&bytes)
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// RFC 4648 §5, without padding.
fn base64url(bytes: &[u8]) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bit = |at: usize| bytes[at / 8] >> (7 - at % 8) & 1;
    let digit = |from: usize| {
        let bits = (from..from + 6).map(|at| if at < bytes.len() * 8 { bit(at) } else { 0 });
        char::from(digits[bits.fold(0, |sum, bit| sum << 1 | usize::from(bit))])
    };
    (0..bytes.len() * 8).step_by(6).map(digit).collect()
}

pub fn mutated(random: &mut Random, base: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    match base.strip_prefix(b"play:") {
        Some(program) => [b"play:", &enumeration::mutated(random, program, others)[..]].concat(),
        None if base.starts_with(b"body:") => {
            let (program, body) = split(&base[5..]);
            let mut body = body.to_vec();
            for _ in 0..1 + random.below(6) {
                // Whole numbers at their limits, bits of them, and other lengths.
                let at = random.below(body.len() + 1);
                let end = (at + 1 + random.below(8)).min(body.len());
                match random.below(4) {
                    0 => body[at..end].fill(0xff),
                    1 => body[at..end].fill(0),
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
