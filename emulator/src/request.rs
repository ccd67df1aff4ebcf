//! A request as it arrives.

use core::net::{IpAddr, Ipv4Addr};

/// The parts of a request that the emulator uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method, in upper case.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// What follows the `?`, still percent-encoded; empty when there is none.
    pub query: String,
    /// Header names in lower case, and their values.
    pub headers: Vec<(String, String)>,
    /// The body. Only the control interface reads it.
    pub body: Vec<u8>,
    /// The client's address. The rate limit counts by it.
    pub from: IpAddr,
}

impl Request {
    /// A request without headers or a body, from 127.0.0.1. `target` is a path and its query.
    pub fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Request {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: Vec::new(),
            body: Vec::new(),
            from: Ipv4Addr::LOCALHOST.into(),
        }
    }

    /// A `GET` request.
    pub fn get(target: &str) -> Self {
        Request::new("GET", target)
    }

    /// Adds a header; `name` in lower case.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The first value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The first value of a query parameter, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.into_owned())
    }
}
