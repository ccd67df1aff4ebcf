//! Where requests go, and what may carry a token there.

use crate::text::{concat, number};

/// The documented address (`api/contract.md`, "Endpoints").
pub const DEFAULT_BASE_URL: &str = "https://api.comfycontrol.app";

const LIST_PATH: &str = "/v1/managed-runner";

/// A base URL as the platform's `URL` took it apart, so already normalized: scheme and host are in
/// lower case, a default port is left out, `127.1` is `127.0.0.1`.
#[derive(Clone, Debug, Default)]
pub struct UrlParts {
    /// `https:`
    pub protocol: String,
    /// Empty if there is none.
    pub username: String,
    /// Empty if there is none.
    pub password: String,
    /// With the port, where it is not the default one.
    pub host: String,
    /// Without the port; an IPv6 address stands in brackets.
    pub hostname: String,
    /// From the first slash on.
    pub pathname: String,
    /// With the `?`; empty if there is none.
    pub search: String,
    /// With the `#`; empty if there is none.
    pub hash: String,
}

/// Where the API is: an absolute `http(s)` URL without trailing slash, query or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    path: String,
    is_confidential: bool,
}

impl BaseUrl {
    /// Checks the parts of an absolute URL. The error is what was expected.
    pub fn new(parts: &UrlParts) -> Result<Self, &'static str> {
        let is_https = parts.protocol == "https:";
        if !is_https && parts.protocol != "http:" {
            return Err("an http(s) URL, or a path such as \"/api\"");
        }
        if !parts.username.is_empty() || !parts.password.is_empty() {
            return Err("a URL without user name and password");
        }
        if !parts.search.is_empty() || !parts.hash.is_empty() {
            return Err("a URL without query and fragment");
        }
        let mut path = parts.pathname.as_str();
        while let Some(shorter) = path.strip_suffix('/') {
            path = shorter;
        }
        Ok(Self {
            origin: concat(&[&parts.protocol, "//", &parts.host]),
            path: path.to_owned(),
            is_confidential: is_https || is_loopback(&parts.hostname),
        })
    }

    /// The same path on a server that only the caller's own `fetch` knows.
    #[must_use]
    pub fn without_origin(self) -> Self {
        Self {
            origin: String::new(),
            path: self.path,
            is_confidential: true,
        }
    }

    /// Scheme, host and port: what the rate limit is counted by. Empty where only the caller's own
    /// `fetch` knows it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The path of the list: `/v1/managed-runner` behind the base's own path.
    #[must_use]
    pub fn list_path(&self) -> String {
        concat(&[&self.path, LIST_PATH])
    }

    /// Whether a token may be sent there: over `https`, or to this machine itself.
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        self.is_confidential
    }
}

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A page of the list.
    List {
        /// Which page, from 1.
        page: u32,
        /// Runners a page, 1 to 100.
        per_page: u32,
    },
    /// One runner, by its id, which must be a UUID.
    Runner {
        /// A UUID.
        id: String,
    },
}

impl Endpoint {
    /// The path, without the query: what messages and events name.
    #[must_use]
    pub fn path(&self, base: &BaseUrl) -> String {
        match self {
            Self::List { .. } => base.list_path(),
            Self::Runner { id } => concat(&[&base.list_path(), "/", id]),
        }
    }

    /// The whole URL.
    #[must_use]
    pub fn url(&self, base: &BaseUrl) -> String {
        let (origin, path) = (base.origin(), self.path(base));
        match self {
            Self::List { page, per_page } => concat(&[
                origin,
                &path,
                "?page=",
                &number(*page),
                "&per_page=",
                &number(*per_page),
            ]),
            Self::Runner { .. } => concat(&[origin, &path]),
        }
    }
}

/// Whether a normalized host name is this machine's: RFC 6761 §6.3 (`localhost`), RFC 1122
/// §3.2.1.3 (127.0.0.0/8), RFC 4291 §2.5.3 (`::1`).
fn is_loopback(hostname: &str) -> bool {
    // A normalized name whose last label is a number is an IPv4 address (WHATWG URL, "ends in a
    // number checker"). `127..` has an empty last label: it is a domain name.
    let is_ipv4 = hostname.ends_with(|last: char| last.is_ascii_digit())
        && (hostname.bytes()).all(|byte| byte.is_ascii_digit() || byte == b'.');
    let name = hostname.strip_suffix('.').unwrap_or(hostname);
    (is_ipv4 && hostname.starts_with("127."))
        || hostname == "[::1]"
        || name == "localhost"
        || name.ends_with(".localhost")
}

/// Where a header cannot carry a token (RFC 9110 §5.5: visible ASCII).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsendable {
    /// The token is empty.
    Empty,
    /// The character at this position, counted from 1, is none that a header can carry.
    Character {
        /// Counted in characters.
        position: usize,
    },
}

/// Checks a token. Nothing of the token itself is told.
pub fn check_token(token: &str) -> Result<(), Unsendable> {
    if token.is_empty() {
        return Err(Unsendable::Empty);
    }
    // All before the first bad byte is ASCII: a byte is a character.
    match token.bytes().position(|byte| !byte.is_ascii_graphic()) {
        Some(index) => Err(Unsendable::Character {
            position: index + 1,
        }),
        None => Ok(()),
    }
}
