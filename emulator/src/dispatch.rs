//! Passes a request to the API, or to the control interface.

use std::time::Duration;

use crate::emulator::Emulator;
use crate::reply::Reply;
use crate::request::Request;
use crate::{api, control};

impl Emulator {
    /// Answers a request that arrives when this much time has `elapsed` since the start.
    pub fn handle(&mut self, request: &Request, elapsed: Duration) -> Reply {
        if request.path.starts_with(control::PREFIX) {
            control::handle(self, request, elapsed)
        } else {
            api::handle(self, request, elapsed)
        }
    }
}
