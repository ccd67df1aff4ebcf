//! The parameters of a list request.

use crate::request::Request;

/// The path of the list. A runner's own path is this, a slash and its id.
pub const RUNNERS: &str = "/v1/managed-runner";

/// The parameters of a list request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// From 1; 1 when not given.
    pub page: u64,
    /// From 1 to 100; 10 when not given.
    pub per_page: usize,
}

impl ListQuery {
    /// Reads the parameters, or returns the message of the 400 that answers them.
    pub fn of(request: &Request) -> Result<Self, String> {
        Ok(ListQuery {
            page: page(request)?,
            per_page: integer(request, "per_page", 10, 100)? as usize,
        })
    }
}

/// The page a list request asks for; `None` for any other request, and for a page that is no number.
pub fn page_of(request: &Request) -> Option<u64> {
    match request.path == RUNNERS {
        true => page(request).ok(),
        false => None,
    }
}

fn page(request: &Request) -> Result<u64, String> {
    integer(request, "page", 1, u64::MAX)
}

fn integer(request: &Request, name: &str, default: u64, max: u64) -> Result<u64, String> {
    let Some(text) = request.parameter(name) else {
        return Ok(default);
    };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // Digits that do not fit are a number past every bound.
    let value = text.parse().unwrap_or(u64::MAX);
    match digits && (1..=max).contains(&value) {
        true => Ok(value),
        false if max == u64::MAX => Err(format!("{name} must be an integer of at least 1")),
        false => Err(format!("{name} must be an integer from 1 to {max}")),
    }
}
