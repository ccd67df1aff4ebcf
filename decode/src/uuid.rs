//! `id`: any UUID in the form 8-4-4-4-12, hexadecimal digits of either case (`api/contract.md`).

use crate::at::At;

/// The length of a UUID in bytes.
pub(crate) const LEN: usize = 36;

const fn hyphens(from: usize) -> [u8; 16] {
    let mut lanes = [0; 16];
    let mut i = 0;
    while i < 16 {
        if matches!(from + i, 8 | 13 | 18 | 23) {
            lanes[i] = 0xff;
        }
        i += 1;
    }
    lanes
}

/// Whether the 36 bytes from `n` bytes further on are a UUID.
#[inline(always)]
pub(crate) fn is_uuid(at: At, n: usize) -> bool {
    let [a, b, c] = [at.lanes(n), at.lanes(n + 16), at.lanes(n + 20)];
    a.hex_excess(const { hyphens(0) })
        .or(b.hex_excess(const { hyphens(16) }))
        .or(c.hex_excess(const { hyphens(20) }))
        .is_zero()
}

/// The number that a UUID writes.
pub(crate) fn number(at: At) -> u128 {
    let mut halves = [0u64; 2];
    let mut digits = 0;
    for i in 0..LEN {
        let byte = at.ahead(i);
        if byte != b'-' {
            // Letters of either case have bit 6 set and 1 to 6 in the low bits.
            let digit = (byte & 15) + (byte >> 6) * 9;
            let half = &mut halves[digits >> 4 & 1];
            *half = *half << 4 | u64::from(digit);
            digits += 1;
        }
    }
    u128::from(halves[0]) << 64 | u128::from(halves[1])
}
