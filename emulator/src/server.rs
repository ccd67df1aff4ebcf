//! The emulator over real HTTP, on loopback only.

mod connection;
mod delivery;
mod files;
mod shared;

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use tokio::net::TcpListener;

use crate::control;
use crate::emulator::Emulator;
use crate::request::Request;
use shared::Shared;

pub use files::Folders;
pub use shared::Clock;

/// The longest body of a control call: room for a scripted answer longer than a client accepts.
const MAX_BODY: usize = 64 << 20;

/// A listening server.
pub struct Server {
    listener: TcpListener,
    router: Router,
    shared: Arc<Shared>,
}

impl Server {
    /// Listens on 127.0.0.1. Port 0 takes a free one.
    pub async fn bind(
        port: u16,
        emulator: Emulator,
        clock: Clock,
        folders: &Folders,
    ) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let shared = Arc::new(Shared::new(emulator, clock));
        let router = Router::new()
            .route("/v1/{*path}", any(answer))
            .route("/proxy/{*path}", any(answer))
            .route("/__control/{*path}", any(answer))
            .with_state(shared.clone())
            .merge(folders.router());
        Ok(Server {
            listener,
            router,
            shared,
        })
    }

    /// The base URL, without a trailing slash.
    pub fn url(&self) -> io::Result<String> {
        Ok(format!("http://{}", self.listener.local_addr()?))
    }

    /// Serves until the future is dropped.
    pub async fn run(self) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let router = self.router.clone();
                    let shared = self.shared.clone();
                    tokio::spawn(connection::serve(stream, peer.ip(), router, shared));
                }
                // For example too many open files: wait until some are closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: http::Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_string(), value)
    };
    let from = parts.extensions.get::<IpAddr>().copied();
    let mut request = Request {
        method: parts.method.as_str().into(),
        path: parts.uri.path().into(),
        query: parts.uri.query().unwrap_or_default().into(),
        headers: parts.headers.iter().map(header).collect(),
        body: Vec::new(),
        from: from.unwrap_or(Ipv4Addr::LOCALHOST.into()),
    };
    if request.path.starts_with(control::PREFIX) {
        match to_bytes(body, MAX_BODY).await {
            Ok(bytes) => request.body = bytes.into(),
            Err(error) => {
                return (http::StatusCode::BAD_REQUEST, error.to_string()).into_response();
            }
        }
    }
    let mut reply = shared.handle(&request);
    if request.method == "HEAD" {
        reply.body.clear();
    }
    delivery::deliver(reply, shared).await
}
