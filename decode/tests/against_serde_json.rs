//! Random documents, right and damaged, against `serde_json`: the same values, the same refusals.

mod common;

use comfycontrol_decode::Kind;
use common::*;
use proptest::prelude::*;
use serde_json::Value;

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn managed_runner() -> impl Strategy<Value = Value> {
    let time = "[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]0[0-9]:[0-5][0-9])";
    (
        "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        any::<String>(),
        prop_oneof![Just("plus".to_owned()), Just("pro".to_owned()), any::<String>()],
        prop_oneof![Just("active".to_owned()), Just("disabled".to_owned()), any::<String>()],
        prop::collection::vec("[a-z]{0,20}|.{0,10}", 0..5),
        (time, time),
        prop::option::of(json()),
    )
        .prop_map(|(id, name, runner_type, status, tags, (created_at, updated_at), extra)| {
            let mut runner = serde_json::json!({
                "id": id, "name": name, "runner_type": runner_type, "status": status, "tags": tags,
                "created_at": created_at, "updated_at": updated_at,
            });
            if let Some(extra) = extra {
                runner["extra"] = extra;
            }
            runner
        })
}

fn written(value: &Value, pretty: bool) -> String {
    if pretty {
        serde_json::to_string_pretty(value)
    } else {
        serde_json::to_string(value)
    }
    .unwrap()
}

/// `serde_json` limits nesting and refuses lone surrogates and large exponents; these documents have none.
fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Value>(bytes).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn values_are_the_same(list in prop::collection::vec(managed_runner(), 0..4), total in 0u64..1 << 53, pretty: bool) {
        let page = serde_json::json!({ "runners": list, "total": total });
        let text = written(&page, pretty);
        let read = runners(&text);
        prop_assert_eq!(common::page(&text).unwrap().total, total);
        prop_assert_eq!(read.len(), list.len());
        for (ours, theirs) in read.iter().zip(&list) {
            prop_assert_eq!(&ours.id, &theirs["id"]);
            prop_assert_eq!(&ours.name, &theirs["name"]);
            prop_assert_eq!(&ours.runner_type, &theirs["runner_type"]);
            prop_assert_eq!(&ours.status, &theirs["status"]);
            prop_assert_eq!(&Value::from(ours.tags.clone()), &theirs["tags"]);
            prop_assert_eq!(&ours.created_at, &theirs["created_at"]);
            prop_assert_eq!(&ours.updated_at, &theirs["updated_at"]);
        }
    }

    #[test]
    fn damage_is_refused_alike(value in json(), runner in managed_runner(), pretty: bool, at: prop::sample::Index, byte: u8, how in 0..4) {
        let page = serde_json::json!({ "x": value, "runners": [runner], "total": 1 });
        let mut bytes = written(&page, pretty).into_bytes();
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => drop(bytes.remove(at)),
            _ => bytes.truncate(at),
        }
        let kind = kind(&bytes);
        match std::str::from_utf8(&bytes) {
            Err(error) if error.error_len().is_some() => prop_assert_eq!(kind, Some(Kind::InvalidUtf8)),
            // Numbers out of range and lone surrogates are `serde_json`'s own refusals.
            Ok(text) if !is_json(&bytes) && !text.contains("\\u") && !text.contains(['e', 'E']) => {
                prop_assert!(matches!(kind, Some(Kind::Malformed | Kind::Truncated)), "{:?}", kind);
            }
            _ if is_json(&bytes) => {
                prop_assert!(matches!(kind, None | Some(Kind::Schema)), "{:?}", kind);
            }
            _ => {}
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let accepted = page(&bytes).is_ok();
        prop_assert!(!accepted || is_json(&bytes));
        let _ = comfycontrol_decode::read_error(&body(&bytes));
    }

    #[test]
    fn totals_are_what_their_doubles_are(digits in "(0|[1-9][0-9]{0,17})(\\.[0-9]{1,60})?([eE][+-]?[0-9]{1,2})?") {
        let double: f64 = digits.parse().unwrap();
        let expected = (double.fract() == 0.0 && double <= 9007199254740991.0).then_some(double as u64);
        let read = page(format!("{{\"runners\":[],\"total\":{digits}}}"));
        prop_assert_eq!(read.ok().map(|page| page.total), expected);
    }

    #[test]
    fn totals_near_the_middle_between_two_doubles(integer in 0u64..1 << 53, shift in 0u32..54, bits in 0u32..56, nudge in -1i32..2, above: bool) {
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
            for (place, digit) in digits.iter_mut().enumerate() {
                *digit = if place == last { 10 - *digit } else { 9 - *digit };
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
