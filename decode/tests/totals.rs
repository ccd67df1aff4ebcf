//! `total` in any spelling is the integer that its double is, as Rust's standard library reads
//! doubles. Whole documents are held against `serde_json` in `tests/fuzz/`.

mod common;

use common::page;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn totals_are_what_their_doubles_are(digits in "(0|[1-9][0-9]{0,17})(\\.[0-9]{1,60})?([eE][+-]?[0-9]{1,2})?") {
        let double: f64 = digits.parse().unwrap();
        let expected = (double.fract() == 0.0 && double <= 9007199254740991.0).then_some(double as u64);
        let read = page(format!("{{\"runners\":[],\"total\":{digits}}}"));
        prop_assert_eq!(read.ok().map(|page| page.total), expected);
    }

    #[test]
    fn totals_near_the_middle_between_two_doubles(
        integer in 0u64..1 << 53,
        shift in 0u32..54,
        bits in 0u32..56,
        nudge in -1i32..2,
        above: bool,
    ) {
        // integer + 2^-bits or integer + 1 − 2^-bits, give or take one in the last place.
        let integer = integer >> shift;
        let places = bits.max(1) as usize;
        let mut digits = vec![0u8; places];
        let mut carry = 1;
        for _ in 0..places {
            let mut rest = carry;
            carry = 0;
            for digit in &mut digits {
                let value = rest * 10 + *digit;
                *digit = value / 2;
                rest = value % 2;
            }
        }
        if above {
            let last = places - 1;
            for (index, digit) in digits.iter_mut().enumerate() {
                *digit = if index == last { 10 - *digit } else { 9 - *digit };
            }
        }
        let last = places - 1;
        digits[last] = (i32::from(digits[last]) + nudge).clamp(0, 9) as u8;
        let fraction: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        let text = format!("{integer}.{fraction}");
        let double: f64 = text.parse().unwrap();
        let expected = (double.fract() == 0.0 && double <= 9007199254740991.0).then_some(double as u64);
        let read = page(format!("{{\"runners\":[],\"total\":{text}}}"));
        prop_assert_eq!(read.ok().map(|page| page.total), expected, "{}", text);
    }
}

#[test]
fn totals_of_more_digits_than_any_integer_has_are_none() {
    for digits in [
        "9007199254740992",
        "90071992547409910",
        "18446744073709551617",
    ] {
        for zeros in [0, 1, 30, 400] {
            let read = page(format!(
                "{{\"runners\":[],\"total\":{digits}{}}}",
                "0".repeat(zeros)
            ));
            assert!(read.is_err(), "{digits} and {zeros} zeros");
        }
    }
}
