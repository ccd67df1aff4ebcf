//! Checkpoints that the package never wrote, with a valid checksum all the same.

use data_encoding::BASE64URL_NOPAD;

/// The content before the checksum.
pub fn content(checkpoint: &str) -> Vec<u8> {
    let mut bytes = BASE64URL_NOPAD
        .decode(checkpoint.as_bytes())
        .expect("Base64");
    bytes.truncate(bytes.len() - 8);
    bytes
}

/// A checkpoint with this content.
pub fn checkpoint(content: &[u8]) -> String {
    let mut bytes = content.to_vec();
    bytes.extend(hash(content).to_le_bytes());
    BASE64URL_NOPAD.encode(&bytes)
}

/// FNV-1a.
pub fn hash(bytes: &[u8]) -> u64 {
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}
