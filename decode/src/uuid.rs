//! `id`: any UUID in the form 8-4-4-4-12, hexadecimal digits of either case (`api/contract.md`).

use crate::lanes::Lanes;

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

/// Whether the 36 bytes from `at` on are a UUID.
///
/// # Safety
/// They must be readable.
#[inline(always)]
pub(crate) unsafe fn is_uuid(at: *const u8) -> bool {
    // SAFETY: 0..16, 16..32 and 20..36 lie within the 36 bytes.
    let [a, b, c] = unsafe {
        [
            Lanes::load(at),
            Lanes::load(at.add(16)),
            Lanes::load(at.add(20)),
        ]
    };
    let all = a
        .hex_where(hyphens(0))
        .and(b.hex_where(hyphens(16)))
        .and(c.hex_where(hyphens(20)));
    all.all_true()
}

/// The number that a UUID writes.
///
/// # Safety
/// [`is_uuid`] must hold for `at`.
#[cold]
#[inline(never)]
pub(crate) unsafe fn number(at: *const u8) -> u128 {
    let mut number = 0;
    for i in 0..LEN {
        // SAFETY: within the 36 bytes.
        let byte = unsafe { *at.add(i) };
        if byte != b'-' {
            // Letters of either case have bit 6 set and 1 to 6 in the low bits.
            let digit = (byte & 15) + if byte >= b'A' { 9 } else { 0 };
            number = number << 4 | u128::from(digit);
        }
    }
    number
}
