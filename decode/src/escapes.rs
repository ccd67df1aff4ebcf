//! Escapes in strings: `\n`, `\u00e9`, `\ud83d\ude00` (RFC 8259 §7).

use crate::at::At;
use crate::body::PAD;

/// The length of the escape after a backslash, or how many of its bytes are right.
pub(crate) fn check(at: At) -> Result<usize, usize> {
    match at.byte() {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(1),
        b'u' => match (1..5).find(|&i| !at.ahead(i).is_ascii_hexdigit()) {
            None => Ok(5),
            Some(i) => Err(i),
        },
        _ => Err(0),
    }
}

/// What the content of a JSON string means, in UTF-8, with [`PAD`] zeros behind it, and its length without
/// them. Surrogates without their other half, which JSON can write and Rust cannot hold, become U+FFFD.
#[inline(never)]
pub(crate) fn unescape(mut content: &[u8]) -> (Vec<u8>, usize) {
    // No escape is shorter than what it means.
    let mut text = vec![0; content.len() + PAD];
    let mut len = 0;
    while let [first, rest @ ..] = content {
        content = rest;
        let mut put = |byte: u32| {
            text[len] = byte as u8;
            len += 1;
        };
        let mut code = u32::from(*first);
        if code != u32::from(b'\\') {
            put(code);
            continue;
        }
        let kind = take(&mut content, 1);
        code = match kind as u8 {
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => four_digits(&mut content),
            _ => kind,
        };
        if code & 0xf800 == 0xd800 {
            let mut low = content;
            let escape = take(&mut low, 2) << 16 | four_digits(&mut low);
            // "\u", and a half that goes second.
            if code < 0xdc00 && escape & 0xffff_fc00 == 0x5c75_dc00 {
                code = 0x10000 + ((code & 0x3ff) << 10 | escape & 0x3ff);
                content = low;
            } else {
                code = 0xfffd;
            }
        }
        let more = u32::from(code >= 0x80) + u32::from(code >= 0x800) + u32::from(code >= 0x10000);
        // The first byte begins with as many ones as there are bytes.
        put(code >> (6 * more) | [0, 0xc0, 0xe0, 0xf0][more as usize]);
        for i in (0..more).rev() {
            put(code >> (6 * i) & 0x3f | 0x80);
        }
    }
    (text, len)
}

/// The next `n` bytes as a number, the first one highest.
fn take(text: &mut &[u8], n: usize) -> u32 {
    let (head, tail) = text.split_at(n.min(text.len()));
    *text = tail;
    head.iter()
        .fold(0, |number, &byte| number << 8 | u32::from(byte))
}

/// The number that the next four hexadecimal digits write.
fn four_digits(text: &mut &[u8]) -> u32 {
    let four = take(text, 4);
    // Letters of either case have bit 6 set, and 1 to 6 in the low bits.
    let digits = (four & 0x0f0f_0f0f) + (four >> 6 & 0x0101_0101) * 9;
    let pairs = (digits | digits >> 4) & 0x00ff_00ff;
    (pairs | pairs >> 8) & 0xffff
}
