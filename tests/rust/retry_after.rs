use comfycontrol_runners::retry_after::retry_after_ms;
use proptest::prelude::*;

use crate::platform::parse_date;

/// Sun, 06 Nov 1994 08:49:37 GMT.
const NOW: f64 = 784_111_777_000.0;

#[test]
fn retry_after_in_seconds() {
    let cases: [(&str, Option<f64>); 23] = [
        ("0", Some(0.0)),
        ("7", Some(7_000.0)),
        (" 120 ", Some(120_000.0)),
        ("007", Some(7_000.0)),
        ("999999999999999999999999", Some(1e15)),
        // Proxies that add their own.
        ("3, 3", Some(3_000.0)),
        ("3,10 , 5", Some(10_000.0)),
        // Fractions, rounded up.
        ("3.0", Some(3_000.0)),
        ("3.", Some(3_000.0)),
        ("3.000", Some(3_000.0)),
        ("1.5", Some(2_000.0)),
        ("0.001", Some(1_000.0)),
        ("", None),
        (" ", None),
        (",", None),
        ("3,", None),
        ("3, soon", None),
        (".5", None),
        ("1.5.2", None),
        ("-1", None),
        ("1e3", None),
        ("7s", None),
        ("٣", None),
    ];
    for (value, expected) in cases {
        let read = retry_after_ms(value, "", NOW, parse_date);
        assert_eq!(read, expected, "{value:?}");
    }
}

#[test]
fn retry_after_as_a_date_against_the_date_of_the_answer() {
    let later = "Sun, 06 Nov 1994 08:50:07 GMT";
    let cases: [(&str, &str, Option<f64>); 13] = [
        // The three forms of RFC 9110 §5.6.7. The last one does not say that it means GMT.
        (later, "", Some(30_000.0)),
        ("Sunday, 06-Nov-94 08:50:07 GMT", "", Some(30_000.0)),
        ("Sun Nov  6 08:50:07 1994", "", Some(30_000.0)),
        (" Sun, 06 Nov 1994 08:50:07 GMT\t", "", Some(30_000.0)),
        // The clock here is wrong by 20 s.
        (later, "Sun, 06 Nov 1994 08:49:57 GMT", Some(10_000.0)),
        (later, "Sun Nov  6 08:49:57 1994", Some(10_000.0)),
        (later, "nonsense", Some(30_000.0)),
        // Past.
        ("Sun, 06 Nov 1994 08:49:07 GMT", "", Some(0.0)),
        (later, "Sun, 06 Nov 1994 09:00:00 GMT", Some(0.0)),
        // No dates.
        ("Sun, 06 Nov 1994", "", None),
        ("Sun", "", None),
        ("1994-11-06T08:50:07Z", "", None),
        ("soon", "", None),
    ];
    for (value, date, expected) in cases {
        let read = retry_after_ms(value, date, NOW, parse_date);
        assert_eq!(read, expected, "{value:?} {date:?}");
    }
}

/// Where it is let, `Date.parse` reads almost anything: as local time, or as a year.
#[test]
fn only_http_dates_are_given_to_the_platform() {
    fn any_date(text: &str) -> f64 {
        assert!(text.starts_with("Sun"), "{text}");
        assert!(text.ends_with(" GMT"), "{text}");
        NOW + 1_000.0
    }
    for (value, expected) in [
        ("Sun Nov  6 08:50:07 1994", Some(1_000.0)),
        ("Sun, 06 Nov 1994 08:50:07 GMT", Some(1_000.0)),
        ("3", Some(3_000.0)),
        ("2", Some(2_000.0)),
        ("November", None),
        ("1994-11-06", None),
    ] {
        assert_eq!(
            retry_after_ms(value, "", NOW, any_date),
            expected,
            "{value}"
        );
    }
}

proptest! {
    #[test]
    fn no_header_value_panics(value in ".{0,60}", date in ".{0,60}") {
        let read = retry_after_ms(&value, &date, 0.0, parse_date);
        prop_assert!(read.is_none_or(|pause| (0.0..=1e15).contains(&pause)));
    }
}
