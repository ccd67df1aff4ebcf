//! What the platform does for the crate in JavaScript, done by crates.

use std::time::UNIX_EPOCH;

use comfycontrol_runners::endpoint::{BaseUrl, UrlParts};
use url::Url;

/// Reads a base URL as `src/web/client.rs` does with `new URL(text)`; `None` where that refuses the text.
pub fn base_url(text: &str) -> Option<Result<BaseUrl, &'static str>> {
    let url = Url::parse(text).ok()?;
    Some(BaseUrl::new(UrlParts {
        href: url.as_str(),
        origin: &url.origin().ascii_serialization(),
        hostname: url.host_str().unwrap_or_default(),
        pathname: url.path(),
    }))
}

/// `Date.parse`, as far as HTTP dates go.
pub fn parse_date(text: &str) -> f64 {
    // Of the oldest form, `httpdate` wants to see no time zone.
    let bare = text.strip_suffix(" GMT").unwrap_or(text);
    let date = httpdate::parse_http_date(text).or_else(|_| httpdate::parse_http_date(bare));
    let Ok(date) = date else { return f64::NAN };
    let since_1970 = date.duration_since(UNIX_EPOCH).expect("not before 1970");
    since_1970.as_secs_f64() * 1_000.0
}
