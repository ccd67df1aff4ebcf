//! Sixteen bytes at once: the vector operations that the reader is made of.
//!
//! # Why vectors
//!
//! A page of runners is mostly strings, and a reader that looks at their bytes one by one spends its time
//! on loops. With vectors, one comparison finds in sixteen bytes whether a string ends, has an escape or
//! leaves ASCII, three prove that 36 bytes are a UUID, and one checks the digits of a date and a time.
//! Without them, reading takes about as long as `JSON.parse`; with them, a fifth of that.
//!
//! WebAssembly has had 128-bit vectors ("fixed-width SIMD", the target feature `simd128`) in Chrome and Edge
//! since version 91, in Firefox since 89, in Safari since 16.4 and in Node since 16.4. LLVM finds few of these
//! operations by itself in simple loops, and hardly any in loops that stop early, so they are written out here.
//!
//! # How it is tested
//!
//! Nothing else in this crate knows about vector instructions. [`Lanes`] has the few operations that the
//! reader needs, in two forms: module `simd` for WebAssembly, and `portable`, loops over an array, for
//! everything else. So native tests and fuzzers run the same reader, only slower, and `tests/decode` compares
//! the WebAssembly form with `JSON.parse`.
//!
//! A *lane* is one of the sixteen bytes. Lane 0 is the first byte in memory and the lowest bit of a mask.

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use portable as imp;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use simd as imp;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    use core::arch::wasm32::*;
    use core::mem::transmute;

    pub(super) type Raw = v128;

    #[inline(always)]
    pub(super) fn from_bytes(bytes: [u8; 16]) -> Raw {
        // SAFETY: a `v128` has 16 bytes, any of which may have any value.
        unsafe { transmute(bytes) }
    }
    #[inline(always)]
    pub(super) fn to_bytes(v: Raw) -> [u8; 16] {
        // SAFETY: a `v128` is 16 initialized bytes.
        unsafe { transmute(v) }
    }
    #[inline(always)]
    pub(super) fn halves(v: Raw) -> [u64; 2] {
        [u64x2_extract_lane::<0>(v), u64x2_extract_lane::<1>(v)]
    }
    #[inline(always)]
    pub(super) fn not_ascii_text(v: Raw) -> u32 {
        // Signed: bytes from 0x80 on are negative, so one comparison finds them and control characters.
        let low = i8x16_lt(v, i8x16_splat(0x20));
        let quote = i8x16_eq(v, i8x16_splat(b'"' as i8));
        let backslash = i8x16_eq(v, i8x16_splat(b'\\' as i8));
        i8x16_bitmask(v128_or(v128_or(quote, backslash), low)) as u32
    }
    #[inline(always)]
    pub(super) fn not_text(v: Raw) -> u32 {
        let low = u8x16_lt(v, u8x16_splat(0x20));
        let quote = i8x16_eq(v, i8x16_splat(b'"' as i8));
        let backslash = i8x16_eq(v, i8x16_splat(b'\\' as i8));
        i8x16_bitmask(v128_or(v128_or(quote, backslash), low)) as u32
    }
    #[inline(always)]
    pub(super) fn is_ascii(v: Raw) -> bool {
        i8x16_bitmask(v) == 0
    }
    #[inline(always)]
    pub(super) fn quotes(v: Raw) -> u32 {
        i8x16_bitmask(i8x16_eq(v, i8x16_splat(b'"' as i8))) as u32
    }
    #[inline(always)]
    pub(super) fn spaces(v: Raw) -> u32 {
        let is = |byte: u8| i8x16_eq(v, i8x16_splat(byte as i8));
        let blank = v128_or(is(b' '), is(b'\n'));
        let other = v128_or(is(b'\r'), is(b'\t'));
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
    pub(super) fn or(a: Raw, b: Raw) -> Raw {
        v128_or(a, b)
    }
    #[inline(always)]
    pub(super) fn is_zero(v: Raw) -> bool {
        !v128_any_true(v)
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
mod portable {
    use core::array::from_fn;

    pub(super) type Raw = [u8; 16];

    fn mask(is: impl Fn(usize) -> bool) -> u32 {
        (0..16).fold(0, |mask, lane| mask | u32::from(is(lane)) << lane)
    }
    pub(super) fn from_bytes(bytes: [u8; 16]) -> Raw {
        bytes
    }
    pub(super) fn to_bytes(v: Raw) -> [u8; 16] {
        v
    }
    pub(super) fn halves(v: Raw) -> [u64; 2] {
        let both = u128::from_le_bytes(v);
        [both as u64, (both >> 64) as u64]
    }
    pub(super) fn not_ascii_text(v: Raw) -> u32 {
        mask(|lane| matches!(v[lane], b'"' | b'\\' | 0..0x20 | 0x80..))
    }
    pub(super) fn not_text(v: Raw) -> u32 {
        mask(|lane| matches!(v[lane], b'"' | b'\\' | 0..0x20))
    }
    pub(super) fn is_ascii(v: Raw) -> bool {
        v.is_ascii()
    }
    pub(super) fn quotes(v: Raw) -> u32 {
        mask(|lane| v[lane] == b'"')
    }
    pub(super) fn spaces(v: Raw) -> u32 {
        mask(|lane| matches!(v[lane], b' ' | b'\n' | b'\r' | b'\t'))
    }
    pub(super) fn xor(a: Raw, b: Raw) -> Raw {
        from_fn(|lane| a[lane] ^ b[lane])
    }
    pub(super) fn and(a: Raw, b: Raw) -> Raw {
        from_fn(|lane| a[lane] & b[lane])
    }
    pub(super) fn or(a: Raw, b: Raw) -> Raw {
        from_fn(|lane| a[lane] | b[lane])
    }
    pub(super) fn is_zero(v: Raw) -> bool {
        v == [0; 16]
    }
    pub(super) fn excess(v: Raw, limit: Raw) -> Raw {
        from_fn(|lane| v[lane].saturating_sub(limit[lane]))
    }
    pub(super) fn hex_excess(v: Raw, hyphens: Raw) -> Raw {
        from_fn(|lane| match hyphens[lane] {
            0 => u8::from(!v[lane].is_ascii_hexdigit()),
            _ => v[lane] ^ b'-',
        })
    }
}

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(crate) struct Lanes(imp::Raw);

/// Entry `n` keeps the first `n` lanes.
static KEEP: [[u8; 16]; 17] = {
    let mut keep = [[0; 16]; 17];
    let mut n = 0;
    while n <= 16 {
        let mut lane = 0;
        while lane < n {
            keep[n][lane] = 0xff;
            lane += 1;
        }
        n += 1;
    }
    keep
};

impl Lanes {
    #[inline(always)]
    pub(crate) fn load(bytes: &[u8; 16]) -> Self {
        Self(imp::from_bytes(*bytes))
    }
    #[inline(always)]
    pub(crate) fn to_bytes(self) -> [u8; 16] {
        imp::to_bytes(self.0)
    }
    /// How many lanes come before the first that ends a string's text: a quote, a backslash or a control
    /// character; 16 if none does.
    #[inline(always)]
    pub(crate) fn text_len(self) -> usize {
        first_lane(imp::not_text(self.0))
    }
    /// The same for ASCII text: a byte from 0x80 on ends it as well.
    #[inline(always)]
    pub(crate) fn ascii_text_len(self) -> usize {
        first_lane(imp::not_ascii_text(self.0))
    }
    /// Whether no lane has its highest bit set.
    #[inline(always)]
    pub(crate) fn is_ascii(self) -> bool {
        imp::is_ascii(self.0)
    }
    /// How many lanes come before the first quote; 16 if there is none.
    #[inline(always)]
    pub(crate) fn before_quote(self) -> usize {
        first_lane(imp::quotes(self.0))
    }
    /// How many lanes come before the first that is no JSON white space; 16 if all are white space.
    #[inline(always)]
    pub(crate) fn spaces_len(self) -> usize {
        first_lane(!imp::spaces(self.0))
    }
    /// The first `n` lanes, the others zero.
    #[inline(always)]
    pub(crate) fn first(self, n: usize) -> Self {
        Self(imp::and(self.0, imp::from_bytes(KEEP[n.min(16)])))
    }
    #[inline(always)]
    pub(crate) fn equals(self, other: &[u8; 16]) -> bool {
        imp::is_zero(imp::xor(self.0, imp::from_bytes(*other)))
    }
    #[inline(always)]
    pub(crate) fn xor(self, other: [u8; 16]) -> Self {
        Self(imp::xor(self.0, imp::from_bytes(other)))
    }
    #[inline(always)]
    pub(crate) fn or(self, other: Self) -> Self {
        Self(imp::or(self.0, other.0))
    }
    #[inline(always)]
    pub(crate) fn is_zero(self) -> bool {
        imp::is_zero(self.0)
    }
    /// Whether no lane is greater than its limit.
    #[inline(always)]
    pub(crate) fn at_most(self, limit: [u8; 16]) -> bool {
        imp::is_zero(imp::excess(self.0, imp::from_bytes(limit)))
    }
    /// Lanes 0 to 7 and lanes 8 to 15, the first of each in the lowest byte.
    #[inline(always)]
    pub(crate) fn halves(self) -> [u64; 2] {
        imp::halves(self.0)
    }
    /// Zero in each lane that is valid: a hyphen where `hyphens` is 0xff, a hexadecimal digit where it is 0.
    #[inline(always)]
    pub(crate) fn hex_excess(self, hyphens: [u8; 16]) -> Self {
        Self(imp::hex_excess(self.0, imp::from_bytes(hyphens)))
    }
}

/// The first lane whose bit is set; 16 if there is none.
#[inline(always)]
fn first_lane(mask: u32) -> usize {
    (mask | 1 << 16).trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: [u8; 16] = *b"0123456789abcdef";

    fn lanes(bytes: [u8; 16]) -> Lanes {
        Lanes::load(&bytes)
    }

    /// Sixteen times `usual`, but for one lane.
    fn with(usual: u8, lane: usize, byte: u8) -> [u8; 16] {
        let mut bytes = [usual; 16];
        bytes[lane] = byte;
        bytes
    }

    #[test]
    fn the_end_of_text_is_found_in_every_lane() {
        assert_eq!(lanes(BYTES).ascii_text_len(), 16);
        assert_eq!(lanes(BYTES).before_quote(), 16);
        for lane in 0..16 {
            for byte in 0..=255 {
                let lanes = lanes(with(b'x', lane, byte));
                let is_special = !(0x20..0x80).contains(&byte) || b"\"\\".contains(&byte);
                let expected = if is_special { lane } else { 16 };
                assert_eq!(lanes.ascii_text_len(), expected, "{byte}");
                let expected = if byte >= 0x80 { 16 } else { expected };
                assert_eq!(lanes.text_len(), expected, "{byte}");
                assert_eq!(lanes.is_ascii(), byte < 0x80, "{byte}");
                let before = if byte == b'"' { lane } else { 16 };
                assert_eq!(lanes.before_quote(), before, "{byte}");
            }
        }
        // The first of several counts.
        assert_eq!(lanes([b'"'; 16]).ascii_text_len(), 0);
        assert_eq!(lanes([b'"'; 16]).before_quote(), 0);
    }

    #[test]
    fn the_end_of_white_space_is_found_in_every_lane() {
        assert_eq!(lanes([b' '; 16]).spaces_len(), 16);
        for lane in 0..16 {
            for byte in 0..=255 {
                let is_space = b" \n\r\t".contains(&byte);
                let expected = if is_space { 16 } else { lane };
                assert_eq!(lanes(with(b' ', lane, byte)).spaces_len(), expected);
            }
        }
        assert_eq!(lanes([0; 16]).spaces_len(), 0);
    }

    #[test]
    fn the_first_lanes_are_kept() {
        for n in 0..=17 {
            let mut expected = BYTES;
            expected.iter_mut().skip(n).for_each(|byte| *byte = 0);
            assert_eq!(lanes(BYTES).first(n).to_bytes(), expected, "{n}");
        }
    }

    #[test]
    fn lanes_are_compared_one_by_one() {
        assert!(lanes(BYTES).equals(&BYTES));
        assert!(lanes([0; 16]).is_zero());
        for lane in 0..16 {
            for bit in 0..8 {
                let one = with(0, lane, 1 << bit);
                assert!(!lanes(one).is_zero());
                assert!(!lanes(one).equals(&[0; 16]));
                assert!(lanes(one).at_most(one));
                assert!(!lanes(one).at_most(with(0xff, lane, (1 << bit) - 1)));
                assert!(lanes([0; 16]).at_most(one));
            }
        }
    }

    #[test]
    fn bits_are_combined_one_by_one() {
        let (a, b) = ([0b0011; 16], [0b0101; 16]);
        assert_eq!(lanes(a).xor(b).to_bytes(), [0b0110; 16]);
        assert_eq!(lanes(a).or(lanes(b)).to_bytes(), [0b0111; 16]);
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
                let is_valid = match lane {
                    8 => byte == b'-',
                    _ => byte.is_ascii_hexdigit(),
                };
                assert_eq!(lanes(bytes).hex_excess(hyphens).is_zero(), is_valid);
            }
        }
    }
}
