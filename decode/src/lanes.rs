//! Sixteen bytes at a time: the few vector operations that the reader is made of.
//!
//! In WebAssembly each is one to five `simd128` instructions. Elsewhere the same operations are plain
//! loops over an array, so that native tests run the very logic that ships, only slower.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use simd as imp;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    use core::arch::wasm32::*;

    pub(super) type Raw = v128;

    #[inline(always)]
    pub(super) unsafe fn load(at: *const u8) -> Raw {
        // SAFETY: the caller says that 16 bytes are readable; wasm loads need no alignment.
        unsafe { v128_load(at.cast()) }
    }
    #[inline(always)]
    pub(super) unsafe fn store(v: Raw, to: *mut u8) {
        // SAFETY: the caller says that 16 bytes are writable.
        unsafe { v128_store(to.cast(), v) }
    }
    #[inline(always)]
    pub(super) fn constant(bytes: [u8; 16]) -> Raw {
        // SAFETY: any 16 bytes are a v128.
        unsafe { core::mem::transmute(bytes) }
    }
    #[inline(always)]
    pub(super) fn halves(v: Raw) -> [u64; 2] {
        [u64x2_extract_lane::<0>(v), u64x2_extract_lane::<1>(v)]
    }
    #[inline(always)]
    pub(super) fn specials(v: Raw) -> u32 {
        // Signed: bytes from 0x80 on are negative, so one comparison finds them and control characters.
        let low = i8x16_lt(v, i8x16_splat(0x20));
        let quote = i8x16_eq(v, i8x16_splat(b'"' as i8));
        let backslash = i8x16_eq(v, i8x16_splat(b'\\' as i8));
        i8x16_bitmask(v128_or(v128_or(quote, backslash), low)) as u32
    }
    #[inline(always)]
    pub(super) fn quotes(v: Raw) -> u32 {
        i8x16_bitmask(i8x16_eq(v, i8x16_splat(b'"' as i8))) as u32
    }
    #[inline(always)]
    pub(super) fn spaces(v: Raw) -> u32 {
        let blank = v128_or(
            i8x16_eq(v, i8x16_splat(b' ' as i8)),
            i8x16_eq(v, i8x16_splat(b'\n' as i8)),
        );
        let other = v128_or(
            i8x16_eq(v, i8x16_splat(b'\r' as i8)),
            i8x16_eq(v, i8x16_splat(b'\t' as i8)),
        );
        i8x16_bitmask(v128_or(blank, other)) as u32
    }
    #[inline(always)]
    pub(super) fn xor(a: Raw, b: Raw) -> Raw {
        v128_xor(a, b)
    }
    #[inline(always)]
    pub(super) fn and(a: Raw, b: Raw) -> Raw {
        v128_and(a, b)
    }
    #[inline(always)]
    pub(super) fn is_zero(v: Raw) -> bool {
        !v128_any_true(v)
    }
    #[inline(always)]
    pub(super) fn or(a: Raw, b: Raw) -> Raw {
        v128_or(a, b)
    }
    #[inline(always)]
    pub(super) fn excess(v: Raw, limit: Raw) -> Raw {
        u8x16_sub_sat(v, limit)
    }
    #[inline(always)]
    pub(super) fn hex_excess(v: Raw, hyphens: Raw) -> Raw {
        // Engines have one instruction for a saturating difference, and several for a comparison.
        let digit = u8x16_sub_sat(i8x16_sub(v, i8x16_splat(b'0' as i8)), u8x16_splat(9));
        let lower = v128_or(v, u8x16_splat(0x20));
        let letter = u8x16_sub_sat(i8x16_sub(lower, i8x16_splat(b'a' as i8)), u8x16_splat(5));
        let hyphen = v128_xor(v, i8x16_splat(b'-' as i8));
        v128_bitselect(hyphen, u8x16_min(digit, letter), hyphens)
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod imp {
    use core::array::from_fn;

    pub(super) type Raw = [u8; 16];

    fn bits(is: impl Fn(usize) -> bool) -> u32 {
        (0..16).fold(0, |bits, lane| bits | u32::from(is(lane)) << lane)
    }
    fn lanes(is: impl Fn(usize) -> bool) -> Raw {
        from_fn(|lane| if is(lane) { 0xff } else { 0 })
    }
    pub(super) unsafe fn load(at: *const u8) -> Raw {
        // SAFETY: the caller says that 16 bytes are readable.
        unsafe { at.cast::<Raw>().read_unaligned() }
    }
    pub(super) unsafe fn store(v: Raw, to: *mut u8) {
        // SAFETY: the caller says that 16 bytes are writable.
        unsafe { to.cast::<Raw>().write_unaligned(v) }
    }
    pub(super) fn constant(bytes: [u8; 16]) -> Raw {
        bytes
    }
    pub(super) fn halves(v: Raw) -> [u64; 2] {
        let both = u128::from_le_bytes(v);
        [both as u64, (both >> 64) as u64]
    }
    pub(super) fn specials(v: Raw) -> u32 {
        bits(|lane| matches!(v[lane], b'"' | b'\\' | 0..0x20 | 0x80..))
    }
    pub(super) fn quotes(v: Raw) -> u32 {
        bits(|lane| v[lane] == b'"')
    }
    pub(super) fn spaces(v: Raw) -> u32 {
        bits(|lane| matches!(v[lane], b' ' | b'\n' | b'\r' | b'\t'))
    }
    pub(super) fn xor(a: Raw, b: Raw) -> Raw {
        from_fn(|lane| a[lane] ^ b[lane])
    }
    pub(super) fn and(a: Raw, b: Raw) -> Raw {
        from_fn(|lane| a[lane] & b[lane])
    }
    pub(super) fn is_zero(v: Raw) -> bool {
        v == [0; 16]
    }
    pub(super) fn or(a: Raw, b: Raw) -> Raw {
        from_fn(|lane| a[lane] | b[lane])
    }
    pub(super) fn excess(v: Raw, limit: Raw) -> Raw {
        from_fn(|lane| v[lane].saturating_sub(limit[lane]))
    }
    pub(super) fn hex_excess(v: Raw, hyphens: Raw) -> Raw {
        lanes(|lane| match hyphens[lane] {
            0 => !v[lane].is_ascii_hexdigit(),
            _ => v[lane] != b'-',
        })
    }
}

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(crate) struct Lanes(imp::Raw);

/// Read at offset `17 - n`, this keeps the first `n` lanes.
static KEEP: [u8; 33] = {
    let mut keep = [0; 33];
    let mut i = 0;
    while i < 17 {
        keep[i] = 0xff;
        i += 1;
    }
    keep
};

impl Lanes {
    /// # Safety
    /// The 16 bytes from `at` on must be readable.
    #[inline(always)]
    pub(crate) unsafe fn load(at: *const u8) -> Self {
        // SAFETY: passed on to the caller.
        Self(unsafe { imp::load(at) })
    }
    /// # Safety
    /// The 16 bytes from `to` on must be writable.
    #[inline(always)]
    pub(crate) unsafe fn store(self, to: *mut u8) {
        // SAFETY: passed on to the caller.
        unsafe { imp::store(self.0, to) }
    }
    /// One bit for each lane that does not belong into a plain ASCII string: a quote, a backslash, a
    /// control character, or a byte from 0x80 on.
    #[inline(always)]
    pub(crate) fn specials(self) -> u32 {
        imp::specials(self.0)
    }
    /// How many lanes come before the first such one; 16 if there is none.
    #[inline(always)]
    pub(crate) fn plain(self) -> usize {
        (self.specials() | 1 << 16).trailing_zeros() as usize
    }
    /// How many lanes come before the first quote; 16 if there is none.
    #[inline(always)]
    pub(crate) fn before_quote(self) -> usize {
        (imp::quotes(self.0) | 1 << 16).trailing_zeros() as usize
    }
    /// One bit for each lane of JSON white space.
    #[inline(always)]
    pub(crate) fn spaces(self) -> u32 {
        imp::spaces(self.0)
    }
    /// The first `n` lanes, the others zero. `n` is at most 17, which is the same as 16.
    #[inline(always)]
    pub(crate) fn first(self, n: usize) -> Self {
        debug_assert!(n <= 17);
        // SAFETY: 16 bytes from offset 0 to 17 of 33.
        let keep = unsafe { imp::load(KEEP.as_ptr().add(17 - n)) };
        Self(imp::and(self.0, keep))
    }
    #[inline(always)]
    pub(crate) fn equals(self, other: [u8; 16]) -> bool {
        imp::is_zero(imp::xor(self.0, imp::constant(other)))
    }
    #[inline(always)]
    pub(crate) fn xor(self, other: [u8; 16]) -> Self {
        Self(imp::xor(self.0, imp::constant(other)))
    }
    /// Whether no lane is greater than its limit.
    #[inline(always)]
    pub(crate) fn at_most(self, limit: [u8; 16]) -> bool {
        imp::is_zero(imp::excess(self.0, imp::constant(limit)))
    }
    /// Lanes 0 to 7 and 8 to 15, the first in the lowest byte.
    #[inline(always)]
    pub(crate) fn halves(self) -> [u64; 2] {
        imp::halves(self.0)
    }
    /// Zero for each lane that is a hyphen where `hyphens` is 0xff, a hexadecimal digit where it is 0.
    #[inline(always)]
    pub(crate) fn hex_excess(self, hyphens: [u8; 16]) -> Self {
        Self(imp::hex_excess(self.0, imp::constant(hyphens)))
    }
    #[inline(always)]
    pub(crate) fn or(self, other: Self) -> Self {
        Self(imp::or(self.0, other.0))
    }
    #[inline(always)]
    pub(crate) fn is_zero(self) -> bool {
        imp::is_zero(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: [u8; 16] = *b"0123456789abcdef";

    fn lanes(bytes: [u8; 16]) -> Lanes {
        // SAFETY: 16 bytes.
        unsafe { Lanes::load(bytes.as_ptr()) }
    }

    fn bytes(lanes: Lanes) -> [u8; 16] {
        let mut bytes = [0; 16];
        // SAFETY: 16 bytes.
        unsafe { lanes.store(bytes.as_mut_ptr()) };
        bytes
    }

    /// Sixteen times `usual`, but for one lane.
    fn with(usual: u8, lane: usize, byte: u8) -> [u8; 16] {
        let mut bytes = [usual; 16];
        bytes[lane] = byte;
        bytes
    }

    #[test]
    fn what_is_no_plain_text_is_seen_in_every_lane() {
        assert_eq!(lanes(BYTES).plain(), 16);
        assert_eq!(lanes(BYTES).before_quote(), 16);
        for lane in 0..16 {
            for byte in 0..=255 {
                let lanes = lanes(with(b'x', lane, byte));
                let bit = |is: bool| u32::from(is) << lane;
                let is_special = !(0x20..0x80).contains(&byte) || b"\"\\".contains(&byte);
                assert_eq!(lanes.specials(), bit(is_special), "{byte}");
                assert_eq!(lanes.spaces(), bit(b" \n\r\t".contains(&byte)), "{byte}");
                assert_eq!(lanes.plain(), if is_special { lane } else { 16 }, "{byte}");
                let before = if byte == b'"' { lane } else { 16 };
                assert_eq!(lanes.before_quote(), before, "{byte}");
            }
        }
        // The first of several counts.
        assert_eq!(lanes([b'"'; 16]).plain(), 0);
        assert_eq!(lanes([b'"'; 16]).before_quote(), 0);
    }

    #[test]
    fn the_first_lanes_are_kept() {
        for n in 0..=17 {
            let mut expected = BYTES;
            expected.iter_mut().skip(n).for_each(|byte| *byte = 0);
            assert_eq!(bytes(lanes(BYTES).first(n)), expected, "{n}");
        }
    }

    #[test]
    fn lanes_are_compared_one_by_one() {
        assert!(lanes(BYTES).equals(BYTES));
        assert!(lanes([0; 16]).is_zero());
        for lane in 0..16 {
            for bit in 0..8 {
                let one = with(0, lane, 1 << bit);
                assert!(!lanes(one).is_zero());
                assert!(!lanes(one).equals([0; 16]));
                assert!(lanes(one).at_most(one));
                assert!(!lanes(one).at_most(with(0xff, lane, (1 << bit) - 1)));
                assert!(lanes([0; 16]).at_most(one));
            }
        }
    }

    #[test]
    fn bits_are_combined_one_by_one() {
        let (a, b) = ([0b0011; 16], [0b0101; 16]);
        assert_eq!(bytes(lanes(a).xor(b)), [0b0110; 16]);
        assert_eq!(bytes(lanes(a).or(lanes(b))), [0b0111; 16]);
    }

    #[test]
    fn the_halves_have_their_first_lane_lowest() {
        let halves = lanes(BYTES).halves().map(u64::to_le_bytes);
        assert_eq!(halves, [*b"01234567", *b"89abcdef"]);
    }

    #[test]
    fn an_excess_is_zero_where_digits_and_hyphens_are_in_their_lanes() {
        let hyphens = with(0, 8, 0xff);
        for byte in 0..=255u8 {
            for lane in 0..16 {
                let mut bytes = with(b'0', 8, b'-');
                bytes[lane] = byte;
                let is_right = match lane {
                    8 => byte == b'-',
                    _ => byte.is_ascii_hexdigit(),
                };
                assert_eq!(lanes(bytes).hex_excess(hyphens).is_zero(), is_right);
            }
        }
    }
}
