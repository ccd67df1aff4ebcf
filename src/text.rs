//! Texts from pieces; `format!` would bring the formatting machinery along, a few kilobytes of it.

/// Something that can be put behind a text.
pub(crate) trait Piece {
    fn put(self, text: &mut String);
}

impl Piece for &str {
    #[inline(never)]
    fn put(self, text: &mut String) {
        text.push_str(self);
    }
}

impl Piece for &String {
    fn put(self, text: &mut String) {
        self.as_str().put(text);
    }
}

/// In decimal digits.
impl Piece for u64 {
    #[inline(never)]
    fn put(self, text: &mut String) {
        if self > 9 {
            (self / 10).put(text);
        }
        let digit = (self % 10) as usize;
        cut("0123456789", digit, digit + 1).put(text);
    }
}

impl Piece for u32 {
    fn put(self, text: &mut String) {
        u64::from(self).put(text);
    }
}

/// At most so many characters of a text, without control characters: foreign text must not garble a
/// terminal or fill a log.
pub(crate) struct Short<'a>(pub &'a str, pub usize);

impl Piece for Short<'_> {
    #[inline(never)]
    fn put(self, text: &mut String) {
        let Self(whole, mut left) = self;
        let mut from = 0;
        for (at, byte) in whole.bytes().enumerate() {
            if byte & 0xc0 == 0x80 {
                continue; // within a character
            }
            if left == 0 {
                cut(whole, from, at).put(text);
                return "…".put(text);
            }
            left -= 1;
            let control = match &whole.as_bytes()[at..] {
                [..b' ' | 0x7f, ..] => 1,
                [0xc2, 0x80..=0x9f, ..] => 2,
                _ => continue,
            };
            cut(whole, from, at).put(text);
            " ".put(text);
            from = at + control;
        }
        cut(whole, from, whole.len()).put(text);
    }
}

/// A part of a text, whose ends are those of characters.
#[inline(never)]
pub(crate) fn cut(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

/// One text of several pieces.
macro_rules! text {
    ($($piece:expr),* $(,)?) => {{
        let mut text = String::new();
        $($crate::text::Piece::put($piece, &mut text);)*
        text
    }};
}
pub(crate) use text;
