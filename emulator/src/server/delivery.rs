//! Sends an answer as its [`Delivery`] says, and reports the end to the log.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::connection::Dropped;
use super::shared::Shared;
use crate::log::{Outcome, RequestId};
use crate::reply::{Delivery, End, Position, Reply};

/// Waits for the latency, and makes the response.
pub async fn deliver(reply: Reply, shared: Arc<Shared>) -> Response {
    let mut running = RunningRequest {
        request: reply.request,
        shared,
        outcome: Outcome::Aborted,
    };
    if !reply.delivery.latency.is_zero() {
        sleep(reply.delivery.latency).await;
    }
    match reply.delivery.end {
        End::Stall(Position::BeforeHeaders) => pending().await,
        End::Cut(Position::BeforeHeaders) => {
            running.outcome = Outcome::Cut;
            let mut response = Response::new(Body::empty());
            response.extensions_mut().insert(Dropped);
            response
        }
        _ => response_of(reply, running),
    }
}

fn response_of(reply: Reply, mut running: RunningRequest) -> Response {
    let status = StatusCode::from_u16(reply.status).expect("statuses are checked when scripted");
    // These have no body (RFC 9110 §15), and so no position to stop at.
    let bodiless = matches!(reply.status, 204 | 205 | 304);
    let body = if bodiless || (reply.body.is_empty() && reply.delivery.end == End::Complete) {
        running.outcome = Outcome::Sent;
        Body::empty()
    } else {
        Body::new(PacedBody {
            bytes: reply.body.into(),
            sent: 0,
            delivery: reply.delivery,
            pause: None,
            flushed: false,
            running,
        })
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (name.parse(), HeaderValue::from_str(&value)) {
            response
                .headers_mut()
                .append::<hyper::header::HeaderName>(name, value);
        }
    }
    response
}

/// A request whose answer is being sent. Dropping it reports the outcome to the log: `aborted`, unless
/// another one was set before.
struct RunningRequest {
    request: Option<RequestId>,
    shared: Arc<Shared>,
    outcome: Outcome,
}

impl Drop for RunningRequest {
    fn drop(&mut self) {
        if let Some(request) = self.request {
            self.shared.emulator().log.finished(request, self.outcome);
        }
    }
}

/// A body that may be sent slowly, and may stop half-way.
struct PacedBody {
    bytes: Bytes,
    sent: usize,
    delivery: Delivery,
    pause: Option<Pin<Box<Sleep>>>,
    flushed: bool,
    running: RunningRequest,
}

impl PacedBody {
    fn stop(&self) -> usize {
        match self.delivery.end {
            End::Stall(Position::Body(at)) | End::Cut(Position::Body(at)) => at,
            _ => self.bytes.len(),
        }
    }

    fn send(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        let mut until = self.stop();
        if let Some(length) = self.delivery.drip {
            let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(length)));
            ready!(pause.as_mut().poll(context));
            self.pause = None;
            until = self.sent + 1;
        }
        let piece = self.bytes.slice(self.sent..until);
        self.sent = until;
        if self.is_end_stream() {
            self.running.outcome = Outcome::Sent;
        }
        Poll::Ready(piece)
    }
}

impl HttpBody for PacedBody {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if self.sent < self.stop() {
            let piece = ready!(self.send(context));
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.delivery.end {
            End::Complete => Poll::Ready(None),
            End::Stall(_) => Poll::Pending,
            // An error discards what is still in hyper's buffer, so let the connection write it first.
            End::Cut(_) if !self.flushed => {
                self.flushed = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Cut(_) => {
                self.running.outcome = Outcome::Cut;
                Poll::Ready(Some(Err(Dropped)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.delivery.end == End::Complete && self.sent == self.bytes.len()
    }

    /// The declared length is that of the whole body, even if not all of it is sent. An empty body that
    /// is cut declares none, or it would count as complete.
    fn size_hint(&self) -> SizeHint {
        match self.bytes.len() - self.sent {
            0 if !self.is_end_stream() => SizeHint::default(),
            left => SizeHint::with_exact(left as u64),
        }
    }
}
