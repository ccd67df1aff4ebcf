//! Checks the bearer token and the account's tier.

use crate::reply::Reply;
use crate::settings::Settings;
use crate::tier::Tier;

/// The 401 for a wrong token or the 403 for a tier without managed runners; `None` when the request
/// is allowed. `authorization` is the value of the `Authorization` header.
pub fn refusal(settings: &Settings, authorization: Option<&str>) -> Option<Reply> {
    if let Some(expected) = &settings.token {
        let token = authorization.and_then(bearer);
        if token.is_some() && token == settings.expired_token.as_deref() {
            return Some(Reply::error(401, "Token has expired"));
        }
        if token != Some(expected) {
            return Some(Reply::error(401, "Invalid token"));
        }
    }
    let message = "Managed runners require Pro or Plus tier";
    (settings.tier == Tier::Free).then(|| Reply::error(403, message))
}

/// The token of a `Bearer` header. The scheme is case-insensitive (RFC 9110 §11.1).
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}
