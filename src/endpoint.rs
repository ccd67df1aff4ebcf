//! Where requests go, and whether a token may be sent there.

use crate::text::{concat, number};

/// The documented address (`api/contract.md`, "Endpoints").
pub const DEFAULT_BASE_URL: &str = "https://api.comfycontrol.app";

const LIST_PATH: &str = "/v1/managed-runner";

/// What the platform's `URL` says about an absolute URL, under the names of its members. It is normalized: scheme and
/// host are in lower case, a default port is left out, `127.1` is `127.0.0.1`.
#[derive(Clone, Copy, Debug)]
pub struct UrlParts<'a> {
    /// The whole URL.
    pub href: &'a str,
    /// Scheme, host and port.
    pub origin: &'a str,
    /// The host without the port. An IPv6 address is in brackets.
    pub hostname: &'a str,
    /// The path, with its first slash.
    pub pathname: &'a str,
}

/// Where the API is: an absolute `http(s)` URL without trailing slash, query or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    path: String,
    is_confidential: bool,
}

impl BaseUrl {
    /// Checks a URL. The error says what was expected.
    pub fn new(url: UrlParts) -> Result<Self, &'static str> {
        let is_https = url.href.starts_with("https://");
        if !is_https && !url.href.starts_with("http://") {
            return Err("an http(s) URL, or a path such as \"/api\"");
        }
        // User name and password stand before the host; query and fragment follow the path.
        let after_origin = url.href.strip_prefix(url.origin);
        let after_path = after_origin.and_then(|rest| rest.strip_prefix(url.pathname));
        match after_path {
            None => return Err("a URL without user name and password"),
            Some("") => {}
            Some(_) => return Err("a URL without query and fragment"),
        }
        let mut path = url.pathname;
        while let Some(shorter) = path.strip_suffix('/') {
            path = shorter;
        }
        Ok(Self {
            origin: url.origin.to_owned(),
            path: path.to_owned(),
            is_confidential: is_https || is_loopback(url.hostname),
        })
    }

    /// Keeps only the path, for a caller's own `fetch` that knows the server.
    #[must_use]
    pub fn without_origin(self) -> Self {
        Self {
            origin: String::new(),
            path: self.path,
            is_confidential: true,
        }
    }

    /// Scheme, host and port; each origin has its own rate limit. Empty if only the caller's own `fetch`
    /// knows the origin.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The URL itself.
    #[must_use]
    pub fn url(&self) -> String {
        concat(&[&self.origin, &self.path])
    }

    /// The path of the list: the base's own path, then `/v1/managed-runner`.
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

/// What a call reads.
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
    /// The path without the query, which messages and events show.
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

/// Whether a normalized host without its port means this machine: RFC 6761 §6.3 (`localhost`), RFC 1122
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

/// Why a header cannot carry a token (RFC 9110 §5.5: visible ASCII).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsendable {
    /// The token is empty.
    Empty,
    /// The token has a character that is not visible ASCII.
    Character {
        /// In characters, from 1.
        position: usize,
    },
}

/// Checks that a header can carry the token. The error shows no part of the token.
pub fn check_token(token: &str) -> Result<(), Unsendable> {
    if token.is_empty() {
        return Err(Unsendable::Empty);
    }
    // Everything before the first bad byte is ASCII, so its index counts characters.
    match token.bytes().position(|byte| !byte.is_ascii_graphic()) {
        Some(index) => Err(Unsendable::Character {
            position: index + 1,
        }),
        None => Ok(()),
    }
}
