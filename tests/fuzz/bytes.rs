//! Damage to bytes that knows nothing of what they mean, and its undoing.

use crate::random::Random;

/// What breaks readers of UTF-8, JSON, headers and URLs.
const JUNK: &[&[u8]] = &[
    b"\x00",
    b"\x1f",
    b"\x7f",
    b"\x80",
    b"\xbf",
    b"\xc0\xaf",
    b"\xc1",
    b"\xc3",
    b"\xc3\xa9",
    b"\xe0\x80\x80",
    b"\xe2\x82",
    b"\xed\x9f\xbf",
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xef\xbb\xbf",
    b"\xf0\x80\x80\x80",
    b"\xf0\x9f\x98",
    b"\xf4\x8f\xbf\xbf",
    b"\xf4\x90\x80\x80",
    b"\xf5",
    b"\xff",
    b"\"",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b" ",
    b"\t",
    b"\r",
    b"\n",
    b"-",
    b"+",
    b".",
    b"0",
    b"9",
    b"e",
    b"E",
    b"/",
    b"@",
    b"%",
    b"#",
    b"?",
    b"\xc2\xa0",
    b"\xe2\x80\xa8",
    b"z",
    b"Z",
    b"T",
];

pub fn pick<'a, T: ?Sized>(random: &mut Random, list: &[&'a T]) -> &'a T {
    list[random.below(list.len())]
}

/// One change of any kind.
pub fn damage(random: &mut Random, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
    let at = random.below(bytes.len() + 1);
    let most = if random.percent(80) { 4 } else { 64 };
    let some = 1 + random.below(most);
    let end = (at + some).min(bytes.len());
    match random.below(9) {
        0 => bytes.truncate(at),
        1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        2 if at < bytes.len() => bytes[at] = random.next() as u8,
        3 => drop(bytes.splice(at..at, pick(random, JUNK).iter().copied())),
        4 => drop(bytes.splice(at..end, pick(random, JUNK).iter().copied())),
        5 => drop(bytes.drain(at..end)),
        6 => {
            // A stretch again, elsewhere.
            let stretch = bytes[at..end].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, stretch);
        }
        7 => {
            let other = &others[random.below(others.len())];
            let from = random.below(other.len() + 1);
            let to = (from + some).min(other.len());
            bytes.splice(at..end, other[from..to].iter().copied());
        }
        _ => drop(bytes.splice(0..0, *b"\xef\xbb\xbf")),
    }
}

/// A few changes.
pub fn mutated(random: &mut Random, base: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = base.to_vec();
    let most = if random.percent(70) { 3 } else { 12 };
    for _ in 0..1 + random.below(most) {
        damage(random, &mut bytes, others);
    }
    bytes
}

/// Without a stretch of it, the longest first; then with simpler bytes.
pub fn smaller(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut len = bytes.len();
    while len > 0 {
        for from in (0..bytes.len()).step_by(len) {
            let to = (from + len).min(bytes.len());
            found.push([&bytes[..from], &bytes[to..]].concat());
        }
        len /= 2;
    }
    for at in 0..bytes.len() {
        // Only ever towards these, so that it ends.
        let simple = match bytes[at] {
            b'1'..=b'9' => b'0',
            b'b'..=b'z' | b'A'..=b'Z' => b'a',
            _ => continue,
        };
        let mut simpler = bytes.to_vec();
        simpler[at] = simple;
        found.push(simpler);
    }
    found
}
