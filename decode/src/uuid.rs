//! `id`: any UUID in the form 8-4-4-4-12, with hexadecimal digits of either case (`api/contract.md`).

use crate::lanes::Lanes;

/// The length of a UUID in bytes.
pub(crate) const LEN: usize = 36;

/// 0xff for each of the sixteen bytes from `start` on that is a hyphen in a UUID.
const fn hyphens(start: usize) -> [u8; 16] {
    let mut lanes = [0; 16];
    let mut lane = 0;
    while lane < 16 {
        if matches!(start + lane, 8 | 13 | 18 | 23) {
            lanes[lane] = 0xff;
        }
        lane += 1;
    }
    lanes
}

/// Whether all of `text` is a UUID.
#[must_use]
#[inline(never)]
pub fn is_uuid_text(text: &[u8]) -> bool {
    text.try_into().is_ok_and(is_uuid)
}

/// Whether `text` is a UUID.
#[inline(always)]
pub(crate) fn is_uuid(text: &[u8; LEN]) -> bool {
    // Three times sixteen bytes cover all 36; the last two overlap.
    let (Some(first), Some((_, middle)), Some(last)) = (
        text.first_chunk(),
        text[..32].split_last_chunk(),
        text.last_chunk(),
    ) else {
        return false;
    };
    let first = Lanes::load(first).hex_excess(const { hyphens(0) });
    let middle = Lanes::load(middle).hex_excess(const { hyphens(16) });
    let last = Lanes::load(last).hex_excess(const { hyphens(LEN - 16) });
    first.or(middle).or(last).is_zero()
}

/// The 128 bits of a UUID.
pub(crate) fn bits(text: &[u8]) -> u128 {
    let digits = text
        .iter()
        .filter_map(|&byte| char::from(byte).to_digit(16));
    digits.fold(0, |bits, digit| bits << 4 | u128::from(digit))
}
