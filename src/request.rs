//! From checked options to what is sent: method (always GET), URL, and the rule for tokens.

use crate::error::{concat, decimal};

/// The documented address (`api/contract.md`, "Endpoints").
pub const DEFAULT_BASE_URL: &str = "https://api.comfycontrol.app";

/// Where the API is: an absolute `http(s)` URL without trailing slash, query or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    /// Where the path begins.
    path: usize,
    /// Whether a token may be sent there.
    confidential: bool,
}

impl BaseUrl {
    /// Reads an absolute URL, or a path (`/api`) on `origin`, the page's own. The error is what
    /// was expected.
    pub fn parse(text: &str, origin: Option<&str>) -> Result<Self, &'static str> {
        if text.starts_with('/') && !text.starts_with("//") {
            let Some(origin) = origin else {
                return Err(
                    "an absolute URL (a path needs a page to belong to, and there is none here)",
                );
            };
            return Self::parse(&concat(&[origin, text]), None);
        }
        let lower = text.to_ascii_lowercase();
        let scheme = if lower.starts_with("https://") {
            8
        } else if lower.starts_with("http://") {
            7
        } else {
            return Err("an http(s) URL, or a path such as \"/api\"");
        };
        let mut path = text.len();
        let (mut blank, mut query, mut user) = (false, false, false);
        for (at, byte) in lower.bytes().enumerate().skip(scheme) {
            match byte {
                ..=b' ' | b'\\' | 0x7f => blank = true,
                b'?' | b'#' => query = true,
                b'@' if at < path => user = true,
                b'/' => path = path.min(at),
                _ => {}
            }
        }
        if blank {
            return Err("a URL without spaces, backslashes or control characters");
        }
        if query {
            return Err("a URL without query and fragment");
        }
        if user {
            return Err("a URL without user name and password");
        }
        let (host, port) = host(&lower.as_bytes()[scheme..path]).ok_or("a URL with a host")?;
        let mut end = text.len();
        while end > path && text.as_bytes()[end - 1] == b'/' {
            end -= 1;
        }
        // One origin has one spelling, because requests are counted by it.
        let usual = if scheme == 8 { 443 } else { 80 };
        let port = port
            .filter(|port| *port != usual)
            .map(|port| concat(&[":", &decimal(port)]));
        let named = &lower[..scheme + host.len()];
        let origin = concat(&[named, port.as_deref().unwrap_or_default()]);
        Ok(Self {
            text: concat(&[&origin, &text[path..end]]),
            path: origin.len(),
            confidential: scheme == 8 || is_loopback(host),
        })
    }

    /// Scheme, host and port: what the rate limit is counted by.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.text[..self.path]
    }

    /// The whole of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a token may be sent there: over `https`, or to this machine itself.
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        self.confidential
    }

    fn path(&self) -> &str {
        &self.text[self.path..]
    }
}

fn host(authority: &[u8]) -> Option<(&[u8], Option<u64>)> {
    let colon = || authority.iter().position(|byte| *byte == b':');
    let end = match authority.iter().rposition(|byte| *byte == b']') {
        Some(bracket) => bracket + 1,
        None => colon().unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(end);
    let port = match port {
        [] | [b':'] => None,
        [b':', digits @ ..] if digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit) => {
            Some((digits.iter()).fold(0, |port, digit| port * 10 + u64::from(digit - b'0')))
        }
        _ => return None,
    };
    let fits = !host.is_empty() && port.is_none_or(|port| port <= 65_535);
    fits.then_some((host, port))
}

/// RFC 6761 §6.3 (`localhost`) and RFC 1122 §3.2.1.3 (127.0.0.0/8), RFC 4291 §2.5.3 (`::1`).
fn is_loopback(host: &[u8]) -> bool {
    let mut parts = 0;
    let v4 = host.starts_with(b"127.")
        && host.split(|byte| *byte == b'.').all(|part| {
            parts += 1;
            matches!(part.len(), 1..=3) && part.iter().all(u8::is_ascii_digit)
        })
        && parts == 4;
    v4 || host == b"[::1]" || host == b"localhost" || host.ends_with(b".localhost")
}

/// What to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    List { page: u32, per_page: u32 },
    Get { id: String },
}

/// One request, ready to be sent any number of times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub url: String,
    /// The URL's path: what messages may name.
    pub path: String,
}

impl Request {
    #[must_use]
    pub fn new(base: &BaseUrl, endpoint: &Endpoint) -> Self {
        let mut path = concat(&[base.path(), "/v1/managed-runner"]);
        let mut query = String::new();
        match endpoint {
            Endpoint::List { page, per_page } => {
                query = concat(&[
                    "?page=",
                    &decimal((*page).into()),
                    "&per_page=",
                    &decimal((*per_page).into()),
                ]);
            }
            Endpoint::Get { id } => {
                path.push('/');
                path.push_str(id);
            }
        }
        Self {
            url: concat(&[base.origin(), &path, &query]),
            path,
        }
    }
}

/// Whether a header can carry the token (RFC 9110 §5.5: visible ASCII), else where it cannot: a
/// place counted from 1. Nothing of the token itself is told.
pub fn check_token(token: &str) -> Result<(), usize> {
    for (place, char) in token.chars().enumerate() {
        if !char.is_ascii_graphic() {
            return Err(place + 1);
        }
    }
    Ok(())
}
