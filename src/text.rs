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
        text.push(char::from(b'0' + (self % 10) as u8));
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
        for (place, char) in self.0.chars().enumerate() {
            if place == self.1 {
                "…".put(text);
                break;
            }
            text.push(if char.is_control() { ' ' } else { char });
        }
    }
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
