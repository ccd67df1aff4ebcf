//! Removes tokens from texts: those that a server sent back, and those that a caller passed as another
//! argument.

use crate::text::replace;

/// What to show instead of a token.
const REDACTED: &str = "[token]";

/// What all tokens begin with (`api/contract.md`, "Authentication"). The prefix itself is not secret.
const PREFIX: &str = "cfc_";

/// Replaces everything that looks like a token: the prefix, and what follows it up to a space, a
/// quotation mark, or where the text was cut short.
#[must_use]
pub fn mask_tokens(text: &str) -> String {
    replace(text, REDACTED, &token_len)
}

/// How many bytes at the start of the text look like a token; 0 if it does not begin with one.
fn token_len(text: &str) -> usize {
    let Some(secret) = text.strip_prefix(PREFIX) else {
        return 0;
    };
    let ends = |char: &char| char.is_ascii_whitespace() || matches!(char, '"' | '…');
    let len: usize = secret
        .chars()
        .take_while(|char| !ends(char))
        .map(char::len_utf8)
        .sum();
    if len == 0 { 0 } else { PREFIX.len() + len }
}

/// The tokens that a call has used.
#[derive(Clone, Debug, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Remembers a token.
    pub fn add(&mut self, token: &str) {
        if !self.0.iter().any(|known| known == token) {
            self.0.push(token.to_owned());
        }
    }

    /// Replaces each token in the text: unchanged, with the escapes of a JSON string, or cut short. Its first
    /// twelve bytes count as the token, whatever follows them.
    pub fn redact(&self, text: &mut String) {
        if self.0.is_empty() {
            return;
        }
        *text = replace(text, REDACTED, &|rest| {
            let shown = self.0.iter().map(|secret| shown_len(secret, rest));
            shown.max().unwrap_or(0)
        });
    }
}

/// How many bytes of a token are too many to show.
const TELLING: usize = 12;

/// Marks where a text was cut short.
const ELLIPSIS: &[u8] = "…".as_bytes();

/// How many bytes at the start of the text show the secret; 0 if it does not begin with it. They end
/// where a character ends.
fn shown_len(secret: &str, text: &str) -> usize {
    let text = text.as_bytes();
    let mut len = 0;
    for (matched, wanted) in secret.bytes().enumerate() {
        loop {
            match text[len..] {
                [found, ..] if found == wanted => {
                    len += 1;
                    break;
                }
                [b'\\', ..] if escaped(&text[len..]) == Some(wanted) => {
                    len += 6;
                    break;
                }
                // Perhaps an escape that was cut short, or the backslash before an escaped character.
                [b'\\', ref escape @ ..] => {
                    let digits = escape
                        .iter()
                        .take_while(|byte| **byte == b'u' || byte.is_ascii_hexdigit())
                        .count();
                    let end = len + 1 + digits;
                    if len > PREFIX.len() && text[end..].starts_with(ELLIPSIS) {
                        return end;
                    }
                    len += 1;
                }
                _ if matched >= TELLING => return len,
                _ if len > PREFIX.len() && text[len..].starts_with(ELLIPSIS) => return len,
                _ => return 0,
            }
        }
    }
    len
}

/// The ASCII character of an escape such as `\u0041`.
fn escaped(text: &[u8]) -> Option<u8> {
    let [b'\\', b'u', b'0', b'0', high, low, ..] = text else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    Some((digit(*high)? * 16 + digit(*low)?) as u8)
}
