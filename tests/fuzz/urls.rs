//! Base URLs and tokens. Base URLs are taken apart as `fetch` does it: where a token may go, it must go to
//! the host that was judged.

use comfycontrol_runners::endpoint::{BaseUrl, Endpoint, Unsendable, check_token};
use url::{Host, Url};

use crate::bytes::{damage, pick};
use crate::platform::base_url;
use crate::random::Random;

pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    check_as_token(&text);
    if let Some(Ok(base)) = base_url(&text) {
        check_base(&base, &text);
    }
    let resolved = ["https://origin.invalid", text.as_ref()].concat();
    if let Some(Ok(base)) = base_url(&resolved) {
        let base = base.without_origin();
        assert_eq!(base.origin(), "");
        assert!(base.list_path().ends_with("/v1/managed-runner"));
    }
}

fn check_as_token(text: &str) {
    let index = text.chars().position(|char| !('!'..='~').contains(&char));
    let expected = match index {
        _ if text.is_empty() => Err(Unsendable::Empty),
        Some(index) => Err(Unsendable::Character {
            position: index + 1,
        }),
        None => Ok(()),
    };
    assert_eq!(check_token(text), expected);
}

fn check_base(base: &BaseUrl, text: &str) {
    let id = "0190a5b4-7c3e-7abc-8def-0123456789ab";
    let list = Endpoint::List {
        page: 7,
        per_page: 9,
    };
    let runner = Endpoint::Runner { id: id.to_owned() };
    let of_runner = ["/v1/managed-runner/", id].concat();
    for (endpoint, end, query) in [
        (list, "/v1/managed-runner", Some("page=7&per_page=9")),
        (runner, &of_runner, None),
    ] {
        let url = Url::parse(&endpoint.url(base)).expect("a URL");
        assert!(url.path().ends_with(end), "{url}");
        assert_eq!(url.path(), endpoint.path(base));
        assert_eq!((url.query(), url.fragment()), (query, None), "{url}");
        assert_eq!((url.username(), url.password()), ("", None), "{url}");
        // However it is spelled, one origin has one window.
        assert_eq!(url.origin().ascii_serialization(), base.origin());
        let is_secure = url.scheme() == "https";
        assert!(is_secure || url.scheme() == "http", "{url}");
        let may_have_token = is_secure || is_loopback(&url);
        assert_eq!(base.is_confidential(), may_have_token, "{text:?} is {url}");
    }
    let own_path = base.list_path();
    let own_path = own_path.strip_suffix("/v1/managed-runner");
    let own_url = [base.origin(), own_path.expect("the list's")].concat();
    let again = base_url(&own_url).expect("a URL");
    assert_eq!(again.as_ref(), Ok(base), "it reads as itself");
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}

pub fn mutated(random: &mut Random, base: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let schemes = [
        "https://",
        "http://",
        "HTTP://",
        "http:",
        "https:///",
        "//",
        "/",
        "ftp://",
        "",
    ];
    let hosts = [
        "api.example",
        "localhost",
        "LOCALHOST",
        "a.localhost",
        "localhost.example",
        "127.0.0.1",
        "127.0.0.01",
        "127.1",
        "127.0.0.1.example",
        "127.0.0.256",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::1].example",
        "0x7f.0.0.1",
        "2130706433",
        "127。0。0。1",
        "ⓛocalhost",
        "localhost.",
        "128.0.0.1",
        "xn--nxasmq6b",
        "127.0.0.1%00",
        "loc%61lhost",
        "127.0.0.1\u{ad}",
        "user@localhost",
        "127.0.0.1@evil.example",
    ];
    let ports = [
        "", "", ":", ":443", ":80", ":8787", ":0", ":00443", ":65535", ":65536", ":http", ":-1",
    ];
    let paths = [
        "",
        "/",
        "/api",
        "/api//",
        "/..",
        "/%2e%2e/x",
        "/a b",
        "/?x",
        "/#x",
        "/é",
        "/a\\b",
        "//",
    ];
    let mut text = base.to_vec();
    if random.percent(75) {
        let parts = [&schemes[..], &hosts, &ports, &paths].map(|list| pick(random, list));
        text = parts.concat().into_bytes();
    }
    if random.percent(40) {
        damage(random, &mut text, others);
    }
    text
}
