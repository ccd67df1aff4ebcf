//! Base64 for URLs (RFC 4648 §5), without padding. The crates that were tried add 1 kB or more to the
//! package.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut block = [0; 4];
        block[1..=chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes(block);
        for digit in 0..=chunk.len() {
            let value = bits >> (18 - 6 * digit) & 63;
            text.push(ALPHABET[value as usize].into());
        }
    }
    text
}

/// `None` for a text that [`encode`] does not write.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for chunk in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for digit in chunk {
            let value = ALPHABET.iter().position(|other| other == digit)?;
            bits = (bits << 6) + value as u32;
        }
        bits <<= 6 * (4 - chunk.len());
        bytes.extend(&bits.to_be_bytes()[1..chunk.len()]);
    }
    // The last digit can have unused bits; `encode` sets them to zero.
    (encode(&bytes) == text).then_some(bytes)
}
