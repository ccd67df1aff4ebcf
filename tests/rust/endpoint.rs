use comfycontrol_runners::request::{BaseUrl, origin, unsendable};
use proptest::prelude::*;

#[test]
fn urls_stand_below_their_base() {
    let cases = [
        (
            "https://api.comfycontrol.app",
            "https://api.comfycontrol.app/v1/managed-runner",
        ),
        (
            "https://api.comfycontrol.app/",
            "https://api.comfycontrol.app/v1/managed-runner",
        ),
        (
            "HTTPS://API.Example/Base//",
            "https://api.example/Base/v1/managed-runner",
        ),
        (
            "http://127.0.0.1:8787",
            "http://127.0.0.1:8787/v1/managed-runner",
        ),
        (
            "http://[::1]:8787/x",
            "http://[::1]:8787/x/v1/managed-runner",
        ),
    ];
    for (base, url) in cases {
        let base = BaseUrl::parse(base, None).unwrap();
        assert_eq!(base.endpoint(), url);
        assert_eq!(origin(base.as_str()), base.origin());
        assert_eq!(origin(url), base.origin());
    }
}

#[test]
fn a_path_belongs_to_the_page() {
    let base = BaseUrl::parse("/api/", Some("https://dash.example")).unwrap();
    assert_eq!(
        (base.as_str(), base.origin()),
        ("https://dash.example/api", "https://dash.example")
    );
    assert_eq!(
        BaseUrl::parse("/", Some("https://dash.example"))
            .unwrap()
            .as_str(),
        "https://dash.example"
    );
    assert!(BaseUrl::parse("/api", None).unwrap_err().contains("page"));
}

#[test]
fn what_is_no_base_url() {
    for text in [
        "",
        "api",
        "//host/path",
        "ftp://host",
        "https://",
        "https:///path",
        "http://:80",
        "http://[::1]x",
        "http://[::1]80",
        "https://user:pass@host",
        "https://host?x",
        "https://host/#x",
        "https://ho st",
        "https:\\\\host",
        "https://host\n",
        "https://host:port",
        "https://host:123456",
        "javascript:alert(1)",
    ] {
        assert!(
            BaseUrl::parse(text, Some("https://page.example")).is_err(),
            "{text:?}"
        );
    }
}

#[test]
fn a_token_goes_over_https_or_to_this_machine_only() {
    let cases = [
        ("https://api.example", true),
        ("http://localhost:3000", true),
        ("http://LOCALHOST", true),
        ("http://app.localhost", true),
        ("http://127.0.0.1", true),
        ("http://127.8.9.10:80", true),
        ("http://[::1]", true),
        ("http://api.example", false),
        ("http://localhost.example", false),
        ("http://notlocalhost", false),
        ("http://127.0.0.1.example", false),
        ("http://127.1", false),
        ("http://128.0.0.1", false),
        ("http://[::2]", false),
        ("http://10.0.0.1", false),
    ];
    for (text, confidential) in cases {
        let base = BaseUrl::parse(text, None).unwrap();
        assert_eq!(base.is_confidential(), confidential, "{text}");
    }
}

#[test]
fn a_token_is_what_a_header_can_carry() {
    assert_eq!(unsendable("cfc_abc-123~"), None);
    for (token, place) in [
        ("", 0),
        ("cfc abc", 4),
        ("cfc\n", 4),
        ("é", 1),
        ("a\u{7f}", 2),
        ("a\u{0}", 2),
    ] {
        assert_eq!(unsendable(token), Some(place), "{token:?}");
    }
}

proptest! {
    /// Whatever is accepted has a host, and everything asked for stays below it.
    #[test]
    fn no_text_panics_or_escapes(text in "(https?://)?\\PC{0,30}") {
        if let Ok(base) = BaseUrl::parse(&text, Some("https://page.example")) {
            let url = base.endpoint();
            prop_assert!(url.starts_with(base.origin()));
            prop_assert!(url[base.origin().len()..].starts_with('/'));
            prop_assert_eq!(origin(&url), base.origin());
            prop_assert!(!base.origin().contains('@'));
        }
    }
}
