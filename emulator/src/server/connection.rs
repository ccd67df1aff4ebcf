//! One connection. It runs HTTP/1.1 on hyper itself, because a web framework cannot drop a connection
//! without an answer, as scripted faults do.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;

use super::shared::Shared;

/// Marks a response of which no byte is sent.
#[derive(Clone)]
pub struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a scripted fault drops the connection")
    }
}

impl std::fmt::Debug for Dropped {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, out)
    }
}

impl std::error::Error for Dropped {}

/// Counts the connection as open for as long as it lives.
struct OpenConnection(Arc<Shared>);

impl OpenConnection {
    fn new(shared: Arc<Shared>) -> Self {
        shared.emulator().log.connections += 1;
        OpenConnection(shared)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.emulator().log.connections -= 1;
    }
}

/// Serves one connection to its end.
pub async fn serve(stream: TcpStream, from: IpAddr, router: Router, shared: Arc<Shared>) {
    let _open = OpenConnection::new(shared);
    // A dripped byte must leave at once.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(from);
        let response = hyper::service::Service::call(&router, request);
        async { send_or_drop(response.await) }
    });
    // An error here is a client that went away, or a connection that a fault cut.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn send_or_drop(response: Result<Response, Infallible>) -> Result<Response, Dropped> {
    let Ok(response) = response;
    match response.extensions().get::<Dropped>() {
        Some(dropped) => Err(dropped.clone()),
        None => Ok(response),
    }
}
