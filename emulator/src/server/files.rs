//! The folders beside the API: the dashboard and the built package.

use std::path::PathBuf;

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use tower_http::services::ServeDir;

/// A page may run the WebAssembly of the package and call the API on any local port.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data:; \
    connect-src 'self' http://127.0.0.1:* http://localhost:*; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const LANDING_TEXT: &str = "The ComfyControl emulator: the API is at /v1/managed-runner, the \
    control interface at /__control/state. Start it with --www to serve a page here.\n";

/// Which folders are served; each is optional.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    /// Served at `/`.
    pub www: Option<PathBuf>,
    /// Served at `/pkg/`.
    pub pkg: Option<PathBuf>,
}

impl Folders {
    /// The routes of the folders.
    pub(super) fn router(&self) -> Router {
        let router = match &self.www {
            Some(www) => Router::new().fallback_service(ServeDir::new(www)),
            None => Router::new()
                .route("/", get(async || LANDING_TEXT))
                .fallback(async || StatusCode::NOT_FOUND),
        };
        let router = match &self.pkg {
            Some(pkg) => router.nest_service("/pkg", ServeDir::new(pkg)),
            None => router,
        };
        router.layer(map_response(with_security_headers))
    }
}

async fn with_security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(REFERRER_POLICY, "no-referrer");
    // The files are rebuilt often, so browsers must ask whether they changed.
    set(CACHE_CONTROL, "no-cache");
    if is_html(headers) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
    response
}

fn is_html(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}
