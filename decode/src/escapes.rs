//! Escapes in strings: `\n`, `\u00e9`, `\ud83d\ude00` (RFC 8259 §7).

/// The length of the escape after a backslash, or how many of its bytes are right.
///
/// # Safety
/// `at` must point into a body or at the first of the zeros behind it.
pub(crate) unsafe fn check(at: *const u8) -> Result<usize, usize> {
    // SAFETY: reads a byte only after one that is not zero.
    unsafe {
        match *at {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(1),
            b'u' => match (1..5).find(|&i| !(*at.add(i)).is_ascii_hexdigit()) {
                None => Ok(5),
                Some(i) => Err(i),
            },
            _ => Err(0),
        }
    }
}

/// Appends to `text`, in UTF-8, what the content of a JSON string means. Surrogates without their other
/// half, which JSON can write and Rust cannot hold, become U+FFFD. The result is never longer than `content`.
#[inline(never)]
pub(crate) fn unescape(content: &[u8], text: &mut Vec<u8>) {
    let mut rest = content;
    while let [first, tail @ ..] = rest {
        let mut code = u32::from(*first);
        rest = tail;
        if code != u32::from(b'\\') {
            text.push(*first);
            continue;
        }
        let Some((&kind, tail)) = rest.split_first() else {
            return;
        };
        rest = tail;
        code = match kind {
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => {
                let mut code = four_digits(rest);
                rest = rest.get(4..).unwrap_or(&[]);
                if let (0xd800..0xdc00, [b'\\', b'u', low @ ..]) = (code, rest) {
                    let half = four_digits(low);
                    if half & 0xfc00 == 0xdc00 {
                        code = 0x10000 + ((code & 0x3ff) << 10 | half & 0x3ff);
                        rest = low.get(4..).unwrap_or(&[]);
                    }
                }
                code
            }
            byte => u32::from(byte),
        };
        let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

fn four_digits(text: &[u8]) -> u32 {
    // Letters of either case have bit 6 set, and 1 to 6 in the low bits.
    let digit = |byte: &u8| u32::from(byte & 15) + if *byte > b'9' { 9 } else { 0 };
    text.iter()
        .take(4)
        .fold(0, |code, byte| code << 4 | digit(byte))
}
