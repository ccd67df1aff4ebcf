//! The emulator over real HTTP, on loopback only.

mod connection;
mod delivery;
mod files;

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use tokio::net::TcpListener;

use crate::{Emulator, Reply, Request, control};
pub use files::Folders;

/// The longest body the control interface takes: room for a scripted answer that is too long.
const MAX_BODY: usize = 64 << 20;

/// A listening server.
pub struct Server {
    listener: TcpListener,
    router: Router,
    shared: Arc<Shared>,
}

/// The emulator and its clock, shared by all connections.
struct Shared {
    emulator: Mutex<Emulator>,
    started: Instant,
}

impl Server {
    /// Listens on 127.0.0.1; port 0 takes a free one.
    pub async fn bind(port: u16, emulator: Emulator, folders: &Folders) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let shared = Arc::new(Shared {
            emulator: Mutex::new(emulator),
            started: Instant::now(),
        });
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

    /// The base URL, without a slash at its end.
    pub fn url(&self) -> io::Result<String> {
        Ok(format!("http://{}", self.listener.local_addr()?))
    }

    /// Serves until it is dropped.
    pub async fn run(self) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let router = self.router.clone();
                    let shared = self.shared.clone();
                    tokio::spawn(connection::serve(stream, peer.ip(), router, shared));
                }
                // Too many open files, say: others may close theirs.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }
}

impl Shared {
    fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.emulator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers with the time read under the lock, so that it never goes back.
    fn handle(&self, request: &Request) -> Reply {
        let mut emulator = self.emulator();
        emulator.handle(request, self.started.elapsed())
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
