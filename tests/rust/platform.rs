//! What the platform does for the crate in JavaScript, done by crates.

use std::time::UNIX_EPOCH;

use comfycontrol_runners::endpoint::UrlParts;
use url::{Url, quirks};

/// A URL as `URL` takes it apart; `None` where that refuses it.
pub fn url_parts(text: &str) -> Option<UrlParts> {
    let url = Url::parse(text).ok()?;
    Some(UrlParts {
        protocol: quirks::protocol(&url).to_owned(),
        username: quirks::username(&url).to_owned(),
        password: quirks::password(&url).to_owned(),
        host: quirks::host(&url).to_owned(),
        hostname: quirks::hostname(&url).to_owned(),
        pathname: quirks::pathname(&url).to_owned(),
        search: quirks::search(&url).to_owned(),
        hash: quirks::hash(&url).to_owned(),
    })
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
