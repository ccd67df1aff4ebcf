//! Where requests go (each is a GET), and the rule for tokens.

use crate::text::{cut, text};

/// The documented address (`api/contract.md`, "Endpoints").
pub const DEFAULT_BASE_URL: &str = "https://api.comfycontrol.app";

const PATH: &str = "/v1/managed-runner";

/// Where the API is: an absolute `http(s)` URL without trailing slash, query or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    /// Whether a token may be sent there.
    confidential: bool,
}

impl BaseUrl {
    /// Reads an absolute URL, or a path (`/api`) on `origin`, the page's own. The error is what
    /// was expected.
    pub fn parse(text: &str, origin: Option<&str>) -> Result<Self, &'static str> {
        let absolute;
        let mut text = text;
        if text.starts_with('/') && !text.starts_with("//") {
            let origin = origin.ok_or(
                "an absolute URL (a path needs a page to belong to, and there is none here)",
            )?;
            absolute = text![origin, text];
            text = &absolute;
        }
        let lower = text.to_ascii_lowercase();
        let secure = lower.starts_with("https://");
        if !secure && !lower.starts_with("http://") {
            return Err("an http(s) URL, or a path such as \"/api\"");
        }
        let start = 7 + usize::from(secure);
        let (mut path, mut end) = (text.len(), start);
        for at in start..text.len() {
            match text.as_bytes()[at] {
                ..=b' ' | b'\\' | 0x7f => {
                    return Err("a URL without spaces, backslashes or control characters");
                }
                b'?' | b'#' => return Err("a URL without query and fragment"),
                b'@' if at < path => return Err("a URL without user name and password"),
                b'/' => path = path.min(at),
                _ => end = at + 1,
            }
        }
        let host = host(&lower.as_bytes()[start..path]).ok_or("a URL with a host")?;
        let confidential = secure || is_loopback(host);
        // One origin has one spelling, because requests are counted by it.
        let named = start + host.len();
        let mut port = named;
        while matches!(lower.as_bytes()[..path].get(port), Some(b':' | b'0')) {
            port += 1;
        }
        let mut port = cut(&lower, port, path);
        if port.is_empty() && path > named + 1 {
            return Err("a URL with a port from 1 to 65535");
        }
        if port == if secure { "443" } else { "80" } {
            port = "";
        }
        let colon = if port.is_empty() { "" } else { ":" };
        Ok(Self {
            text: text![cut(&lower, 0, named), colon, port, cut(text, path, end)],
            confidential,
        })
    }

    /// Scheme, host and port: what the rate limit is counted by.
    #[must_use]
    pub fn origin(&self) -> &str {
        origin(&self.text)
    }

    /// The whole of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL of the list. A page of it is asked for with the query `page=1&per_page=10`, a runner below it, by its id.
    #[must_use]
    pub fn endpoint(&self) -> String {
        text![&self.text, PATH]
    }

    /// Whether a token may be sent there: over `https`, or to this machine itself.
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        self.confidential
    }
}

/// Without the port.
fn host(authority: &[u8]) -> Option<&[u8]> {
    let mut host = authority;
    let last = authority.iter().rposition(|byte| !byte.is_ascii_digit());
    if let Some(colon) = last
        && authority[colon] == b':'
        && authority.len() - colon <= 6
    {
        host = &authority[..colon];
    }
    let bare = |byte: &u8| !matches!(byte, b':' | b']');
    (!host.is_empty() && (host.ends_with(b"]") || host.iter().all(bare))).then_some(host)
}

/// RFC 6761 §6.3 (`localhost`) and RFC 1122 §3.2.1.3 (127.0.0.0/8), RFC 4291 §2.5.3 (`::1`).
fn is_loopback(host: &[u8]) -> bool {
    let mut dots = 0;
    let v4 = host.starts_with(b"127.")
        && host.iter().all(|byte| {
            dots += u32::from(*byte == b'.');
            matches!(byte, b'.' | b'0'..=b'9')
        })
        && dots == 3;
    v4 || host == b"[::1]" || host == b"localhost" || host.ends_with(b".localhost")
}

/// Scheme, host and port of a URL that was checked.
#[must_use]
pub fn origin(url: &str) -> &str {
    let mut slashes = 0;
    for (place, byte) in url.bytes().enumerate() {
        slashes += u32::from(byte == b'/');
        if slashes == 3 {
            return cut(url, 0, place);
        }
    }
    url
}

/// Where a header cannot carry the token (RFC 9110 §5.5: visible ASCII): a place counted from 1, or
/// 0 for an empty one. Nothing of the token itself is told.
#[must_use]
pub fn unsendable(token: &str) -> Option<usize> {
    if token.is_empty() {
        return Some(0);
    }
    for (place, byte) in token.bytes().enumerate() {
        if !byte.is_ascii_graphic() {
            // All before it is ASCII: a byte is a character.
            return Some(place + 1);
        }
    }
    None
}
