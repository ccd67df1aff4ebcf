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
        let (rest, secure) = match (
            lower.strip_prefix("https://"),
            lower.strip_prefix("http://"),
        ) {
            (Some(rest), _) => (rest, true),
            (_, Some(rest)) => (rest, false),
            _ => return Err("an http(s) URL, or a path such as \"/api\""),
        };
        if text
            .bytes()
            .any(|byte| byte <= b' ' || byte == b'\\' || byte == 0x7f)
        {
            return Err("a URL without spaces, backslashes or control characters");
        }
        if text.contains(['?', '#']) {
            return Err("a URL without query and fragment");
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.contains('@') {
            return Err("a URL without user name and password");
        }
        let host = host(authority).ok_or("a URL with a host")?;
        let path = text.len() - rest.len() + authority.len();
        Ok(Self {
            text: concat(&[&lower[..path], text[path..].trim_end_matches('/')]),
            path,
            confidential: secure || is_loopback(host),
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

fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.rfind(']') {
        Some(end) => authority.split_at(end + 1),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port_fits = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|port| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()));
    (!host.is_empty() && port_fits).then_some(host)
}

/// RFC 6761 §6.3 (`localhost`) and RFC 1122 §3.2.1.3 (127.0.0.0/8), RFC 4291 §2.5.3 (`::1`).
fn is_loopback(host: &str) -> bool {
    let mut bytes = host.split('.');
    let v4 = bytes.next() == Some("127")
        && bytes.clone().count() == 3
        && bytes
            .all(|byte| matches!(byte.len(), 1..=3) && byte.bytes().all(|b| b.is_ascii_digit()));
    v4 || host == "[::1]" || host == "localhost" || host.ends_with(".localhost")
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
    match token.chars().position(|c| !c.is_ascii_graphic()) {
        Some(place) => Err(place + 1),
        None => Ok(()),
    }
}
