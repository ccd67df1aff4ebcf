//! Base URLs and tokens, held against the URL parser that `fetch` uses: where a token may go, it must
//! go to the host that was judged.

use comfycontrol_runners::request::{BaseUrl, origin, unsendable};
use url::{Host, Url};

use crate::bytes::{damage, pick};
use crate::random::Random;

const PAGE: &str = "https://page.example:8443";

pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let place = text.chars().position(|char| !('!'..='~').contains(&char));
    let expected = if text.is_empty() {
        Some(0)
    } else {
        place.map(|place| place + 1)
    };
    assert_eq!(unsendable(&text), expected);
    for page in [None, Some(PAGE)] {
        if let Ok(base) = BaseUrl::parse(&text, page) {
            accepted(&base, &text);
        }
    }
}

fn accepted(base: &BaseUrl, text: &str) {
    assert_eq!(
        BaseUrl::parse(base.as_str(), None).as_ref(),
        Ok(base),
        "it reads as itself"
    );
    assert!(base.as_str().starts_with(base.origin()));
    assert!(!base.as_str().ends_with('/'));
    if text.starts_with('/') {
        assert_eq!(base.origin(), PAGE);
    }
    let id = "0190a5b4-7c3e-7abc-8def-0123456789ab";
    let ends = [
        (
            base.endpoint() + "?page=7&per_page=9",
            "/v1/managed-runner",
            Some("page=7&per_page=9"),
        ),
        (
            base.endpoint() + "/" + id,
            "/v1/managed-runner/0190a5b4-7c3e-7abc-8def-0123456789ab",
            None,
        ),
    ];
    for (url, end, query) in ends {
        assert_eq!(origin(&url), base.origin());
        // What the parser refuses is never sent.
        let Ok(url) = Url::parse(&url) else { continue };
        assert!(url.path().ends_with(end), "{url}");
        assert_eq!((url.query(), url.fragment()), (query, None), "{url}");
        assert_eq!((url.username(), url.password()), ("", None), "{url}");
        let secure = url.scheme() == "https";
        assert!(secure || url.scheme() == "http", "{url}");
        assert!(base.is_confidential() || !secure, "{url}");
        if base.is_confidential() && !secure {
            assert!(is_loopback(&url), "{text:?} sends a token to {url}");
        }
        same_window(base, &url);
    }
}

/// However the port is spelled, one origin has one window.
fn same_window(base: &BaseUrl, url: &Url) {
    let host = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    let port = base.origin().strip_prefix(&host);
    if port.is_some_and(|port| port.is_empty() || port.starts_with(':')) {
        assert_eq!(base.origin(), url.origin().ascii_serialization());
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
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
