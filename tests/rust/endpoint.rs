use comfycontrol_runners::endpoint::{
    BaseUrl, DEFAULT_BASE_URL, Endpoint, Unsendable, check_token,
};
use proptest::prelude::*;
use url::Url;

use crate::platform;

#[track_caller]
fn base_url(text: &str) -> BaseUrl {
    let base = platform::base_url(text).expect("a URL");
    base.expect("a base URL")
}

const ID: &str = "018f9c3e-0000-7000-8000-00000000000a";

fn list(page: u32, per_page: u32) -> Endpoint {
    Endpoint::List { page, per_page }
}

fn runner() -> Endpoint {
    Endpoint::Runner { id: ID.to_owned() }
}

#[test]
fn urls_are_below_their_base() {
    for (base, origin, path) in [
        (DEFAULT_BASE_URL, "https://api.comfycontrol.app", ""),
        (
            "https://api.comfycontrol.app/",
            "https://api.comfycontrol.app",
            "",
        ),
        ("HTTPS://API.Example/Base//", "https://api.example", "/Base"),
        (
            "http://127.0.0.1:8787/x/y/",
            "http://127.0.0.1:8787",
            "/x/y",
        ),
        ("http://[::1]:8787", "http://[::1]:8787", ""),
        ("https://api.example:443", "https://api.example", ""),
        ("http://api.example:00080/", "http://api.example", ""),
        (
            "https://münchen.example",
            "https://xn--mnchen-3ya.example",
            "",
        ),
        ("https:api.example/../a", "https://api.example", "/a"),
    ] {
        let base = base_url(base);
        assert_eq!(base.origin(), origin);
        let list_path = [path, "/v1/managed-runner"].concat();
        assert_eq!(base.list_path(), list_path);
        let runner_path = [&list_path, "/", ID].concat();
        assert_eq!(list(2, 50).path(&base), list_path);
        assert_eq!(runner().path(&base), runner_path);
        let list_url = [origin, &list_path, "?page=2&per_page=50"].concat();
        assert_eq!(list(2, 50).url(&base), list_url);
        assert_eq!(runner().url(&base), [origin, &runner_path].concat());
    }
}

#[test]
fn numbers_are_written_in_full() {
    let base = base_url(DEFAULT_BASE_URL);
    let url = list(u32::MAX, 100).url(&base);
    assert!(url.ends_with("?page=4294967295&per_page=100"), "{url}");
}

#[test]
fn a_path_without_an_origin_has_only_a_path_in_its_urls() {
    for (text, list_path) in [
        ("/", "/v1/managed-runner"),
        ("/api", "/api/v1/managed-runner"),
        ("/api/", "/api/v1/managed-runner"),
    ] {
        let base = base_url(&["https://origin.invalid", text].concat()).without_origin();
        assert_eq!((base.origin(), base.list_path().as_str()), ("", list_path));
        assert_eq!(
            list(1, 10).url(&base),
            [list_path, "?page=1&per_page=10"].concat()
        );
        assert!(base.is_confidential());
    }
}

#[test]
fn a_bad_base_url_is_refused_with_what_is_expected() {
    let http = "an http(s) URL, or a path such as \"/api\"";
    let credentials = "a URL without user name and password";
    let bare = "a URL without query and fragment";
    for (text, expected) in [
        ("ftp://host", http),
        ("javascript:alert(1)", http),
        ("file:///etc/passwd", http),
        ("localhost:8787", http),
        ("https://user@host", credentials),
        ("https://:password@host", credentials),
        ("https://user:password@host/?x", credentials),
        ("https://host?x", bare),
        ("https://host/#x", bare),
        ("https://host/path?x", bare),
        ("https://host/path#x", bare),
        // An origin that is also the beginning of what stands before the host.
        ("https://host:443@host", credentials),
        ("https://a:b@a/b@a/", credentials),
        ("blob:https://host/x", http),
    ] {
        let base = platform::base_url(text).expect("a URL");
        assert_eq!(base, Err(expected), "{text}");
    }
}

#[test]
fn a_token_goes_only_over_https_or_to_this_machine() {
    for (text, is_confidential) in [
        ("https://api.example", true),
        ("http://api.example", false),
        // RFC 6761 §6.3.
        ("http://localhost:3000", true),
        ("http://LOCALHOST", true),
        ("http://localhost.", true),
        ("http://app.localhost", true),
        ("http://a.b.localhost.", true),
        ("http://localhost..", false),
        ("http://localhost.example", false),
        ("http://notlocalhost", false),
        ("http://local", false),
        // 127.0.0.0/8, in every spelling.
        ("http://127.0.0.1", true),
        ("http://127.8.9.10:80", true),
        ("http://127.1", true),
        ("http://2130706433", true),
        ("http://0x7f.0.0.1", true),
        ("http://0177.0.0.01", true),
        ("http://127.0.0.1.", true),
        ("http://127.0.0.1.example", false),
        ("http://127.example", false),
        ("http://127..", false),
        ("http://127.0.0.1..", false),
        ("http://128.0.0.1", false),
        ("http://12.7.0.1", false),
        ("http://10.0.0.1", false),
        ("http://0.0.0.0", false),
        // ::1 alone.
        ("http://[::1]", true),
        ("http://[::1]:80/", true),
        ("http://[0:0:0:0:0:0:0:1]:8787", true),
        ("http://[::2]", false),
        ("http://[::]", false),
        ("http://[::ffff:127.0.0.1]", false),
    ] {
        assert_eq!(base_url(text).is_confidential(), is_confidential, "{text}");
    }
}

#[test]
fn a_token_has_only_characters_that_a_header_can_carry() {
    assert_eq!(check_token("cfc_abc-123~!"), Ok(()));
    assert_eq!(check_token(""), Err(Unsendable::Empty));
    for (token, position) in [
        ("cfc abc", 4),
        ("cfc\n", 4),
        (" cfc_abc", 1),
        ("é", 1),
        ("aé", 2),
        ("a\u{7f}", 2),
        ("a\u{0}", 2),
        ("😀", 1),
    ] {
        let expected = Err(Unsendable::Character { position });
        assert_eq!(check_token(token), expected, "{token:?}");
    }
}

proptest! {
    /// The URLs of an accepted base URL have its host, and begin with its path.
    #[test]
    fn no_base_url_leads_elsewhere(text in "(https?://)?\\PC{0,30}") {
        let Some(Ok(base)) = platform::base_url(&text) else { return Ok(()) };
        let url = Url::parse(&list(1, 10).url(&base)).expect("a URL");
        prop_assert_eq!(url.origin().ascii_serialization(), base.origin());
        prop_assert!(url.path().ends_with("/v1/managed-runner"));
        prop_assert_eq!((url.username(), url.password()), ("", None));
        prop_assert_eq!((url.query(), url.fragment()), (Some("page=1&per_page=10"), None));
    }
}
