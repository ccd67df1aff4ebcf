//! Replaces the escapes in strings: `\n`, `\u00e9`, `\ud83d\ude00` (RFC 8259 §7).

use core::str::Chars;

/// The value of a JSON string. Its content must be well-formed, which the scanner has checked.
///
/// JSON can contain a lone surrogate, which a Rust string cannot hold: it becomes U+FFFD.
#[inline(never)]
pub(crate) fn unescape(content: &str) -> String {
    // No escape is shorter than its character.
    let mut text = String::with_capacity(content.len());
    let mut chars = content.chars();
    while let Some(char) = chars.next() {
        text.push(match char {
            '\\' => escaped_char(&mut chars),
            _ => char,
        });
    }
    text
}

/// The character of an escape, after its backslash.
fn escaped_char(chars: &mut Chars) -> char {
    match chars.next().unwrap_or_default() {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => unicode_char(chars),
        itself => itself,
    }
}

/// The character of `\u…`, or of two such escapes that are a surrogate pair.
fn unicode_char(chars: &mut Chars) -> char {
    let unit = code_unit(chars);
    let mut rest = chars.clone();
    if let 0xd800..0xdc00 = unit
        && rest.next() == Some('\\')
        && rest.next() == Some('u')
        && let low @ 0xdc00..0xe000 = code_unit(&mut rest)
    {
        *chars = rest;
        let code = 0x10000 + ((unit & 0x3ff) << 10 | low & 0x3ff);
        return char::from_u32(code).unwrap_or_default();
    }
    char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The UTF-16 unit of four hexadecimal digits.
fn code_unit(chars: &mut Chars) -> u32 {
    let digits = chars.take(4).filter_map(|char| char.to_digit(16));
    digits.fold(0, |unit, digit| unit << 4 | digit)
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escapes_mean_their_characters() {
        for (content, text) in [
            ("", ""),
            ("é日😀", "é日😀"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r"\u00e9\u65E5\ud83d\ude00", "é日😀"),
            (r"\ud83d", "\u{fffd}"),
            (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
            (r"\ud83dx\ude00", "\u{fffd}x\u{fffd}"),
            (r"\ud83d\nde00", "\u{fffd}\nde00"),
        ] {
            assert_eq!(unescape(content), text, "{content}");
        }
    }
}
