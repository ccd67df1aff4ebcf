use comfycontrol_runners::redact::{Secrets, mask_tokens};
use proptest::prelude::*;

fn redacted(secrets: &[&str], text: &str) -> String {
    let mut known = Secrets::default();
    for secret in secrets {
        known.add(secret);
    }
    let mut text = text.to_owned();
    known.redact(&mut text);
    text
}

#[test]
fn tokens_that_a_server_sends_back_are_taken_out() {
    let cases = [
        // As it is, as often as it is there.
        (
            "cfc_secret",
            "bad cfc_secret, cfc_secret",
            "bad [token], [token]",
        ),
        ("cfc_secret", "cfc_secretcfc_secret", "[token][token]"),
        ("cfc_secret", "écfc_secreté", "é[token]é"),
        // Another text.
        ("cfc_secret", "cfc_secre", "cfc_secre"),
        ("cfc_secret", "cfc_sécret", "cfc_sécret"),
        ("", "nothing", "nothing"),
        ("cfc_secret", "", ""),
        // With the escapes of a JSON string.
        ("cfc_\"a\\b/c", r#"cfc_\"a\\b\/c!"#, "[token]!"),
        ("cfc_\"a\\b/c", r#"cfc_"a\b/c!"#, "[token]!"),
        (
            "cfc_a+b/secret",
            r"bad cfc_a\u002bb\u002Fsecret!",
            "bad [token]!",
        ),
        (
            "cfc_secret",
            r"\u0063\u0066\u0063\u005f\u0073\u0065\u0063\u0072\u0065\u0074.",
            "[token].",
        ),
        (
            "cfc_secret",
            r"cfc_\u0073ecre\u0075",
            r"cfc_\u0073ecre\u0075",
        ),
        ("cfc_secret", r"cfc_secre\u", r"cfc_secre\u"),
        ("cfc_secret", r"cfc_secre\u00", r"cfc_secre\u00"),
        ("cfc_secret", r"cfc_secre\u0174", r"cfc_secre\u0174"),
        // Cut short, perhaps in the middle of an escape.
        ("cfc_secret", "bad cfc_sec…", "bad [token]…"),
        ("cfc_secret", r"cfc_s\u00…", "[token]…"),
        ("cfc_secret", r"cfc_s\…", "[token]…"),
        ("cfc_secret", "cfc_…", "cfc_…"),
        ("cfc_secret", "cfc_sic…", "cfc_sic…"),
        ("cfc_secret", "…", "…"),
        // Cut short in another way.
        ("cfc_live_secret", "bad cfc_live_sec...", "bad [token]..."),
        ("cfc_live_secret", "\"cfc_live_sec\"", "\"[token]\""),
        ("cfc_live_secret", "bad cfc_live_sec", "bad [token]"),
        ("cfc_live_secret", "bad cfc_live_se", "bad cfc_live_se"),
    ];
    for (secret, text, expected) in cases {
        assert_eq!(redacted(&[secret], text), expected, "{text}");
    }
}

#[test]
fn every_token_of_a_call_is_taken_out_the_longest_first() {
    let text = "no cfc_abcd, no cfc_ab, no cfc_a, no cfc_other";
    let expected = "no [token], no [token], no cfc_a, no [token]";
    for secrets in [
        ["cfc_ab", "cfc_abcd", "cfc_other"],
        ["cfc_abcd", "cfc_other", "cfc_ab"],
    ] {
        assert_eq!(redacted(&secrets, text), expected);
    }
    assert_eq!(redacted(&[], text), text);
}

#[test]
fn a_token_is_remembered_once_however_often_it_is_used() {
    let mut secrets = Secrets::default();
    for _ in 0..1_000 {
        secrets.add("cfc_secret");
    }
    assert!(format!("{secrets:?}").len() < 100);
}

#[test]
fn whatever_looks_like_a_token_is_masked() {
    for (text, masked) in [
        ("cfc_secret", "[token]"),
        ("got \"cfc_a\", \"cfc_b\"", "got \"[token]\", \"[token]\""),
        ("https://cfc_secret/x y", "https://[token] y"),
        ("a cfc_secret… b", "a [token]… b"),
        ("cfc_sécret\tb", "[token]\tb"),
        ("ccfc_cfc_secret", "c[token]"),
        ("cfc_", "cfc_"),
        ("cfc_ \"cfc_\"", "cfc_ \"cfc_\""),
        ("cf c_secret", "cf c_secret"),
        ("", ""),
        ("é…", "é…"),
    ] {
        assert_eq!(mask_tokens(text), masked, "{text}");
    }
}

proptest! {
    /// Wherever the token is, and whatever is around it.
    #[test]
    fn a_token_is_never_left(
        token in "cfc_[!-~]{1,20}",
        before in "\\PC{0,20}",
        after in "\\PC{0,20}",
    ) {
        let json = serde_json::to_string(&token).expect("a string");
        for shown in [token.as_str(), &json[1..json.len() - 1]] {
            let text = [&before, shown, &after].concat();
            prop_assert!(!redacted(&[&token], &text).contains(shown));
        }
    }

    #[test]
    fn other_texts_stay_as_they_are(text in "\\PC{0,60}") {
        prop_assume!(!text.contains("cfc_"));
        prop_assert_eq!(redacted(&["cfc_secret"], &text), text.clone());
        prop_assert_eq!(mask_tokens(&text), text);
    }
}
