//! Tells the listeners of a call: the option `onEvent`, and the subscribers of `node:diagnostics_channel`.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::context::AsyncContext;
use super::error::to_js;
use super::host;
use crate::event::ClientEvent;

#[wasm_bindgen(module = "/js/notify.js")]
extern "C" {
    /// Calls a listener. If it throws, its first error is reported, and the call goes on.
    #[wasm_bindgen(js_namespace = listeners)]
    pub fn notify(listener: &Function, value: &JsValue);
    /// Calls a listener in a context.
    #[wasm_bindgen(js_namespace = listeners, js_name = notifyIn)]
    pub fn notify_in(context: Option<&AsyncContext>, listener: &Function, value: &JsValue);
}

#[wasm_bindgen(module = "/js/diagnostics.js")]
extern "C" {
    /// Whether one of the package's channels of `node:diagnostics_channel` has a subscriber.
    #[wasm_bindgen(js_namespace = diagnostics, js_name = isDiagnosed)]
    fn is_diagnosed() -> bool;
    /// Publishes an event on the channel of its type, in a context.
    #[wasm_bindgen(js_namespace = diagnostics)]
    fn diagnose(context: Option<&AsyncContext>, event: &JsValue);
}

/// Who listens to a call.
pub struct Listeners {
    /// The option `onEvent`.
    on_event: Option<Function>,
    /// Somebody listens on `node:diagnostics_channel`.
    is_diagnosed: bool,
    context: Option<AsyncContext>,
}

impl Listeners {
    pub fn new(on_event: Option<Function>, context: Option<AsyncContext>) -> Self {
        Self {
            on_event,
            is_diagnosed: is_diagnosed(),
            context,
        }
    }

    /// The context in which they run.
    pub fn context(&self) -> Option<&AsyncContext> {
        self.context.as_ref()
    }

    /// Reports an event. `event` makes it of its time, and is not called if nobody listens.
    pub fn emit(&self, event: impl FnOnce(f64) -> ClientEvent) {
        if self.on_event.is_some() || self.is_diagnosed {
            self.report(&event(host::epoch()));
        }
    }

    #[inline(never)]
    fn report(&self, event: &ClientEvent) {
        let context = self.context();
        // Each has an object of its own, because the listener may change its one.
        if let Some(listener) = &self.on_event {
            notify_in(context, listener, &to_js(event));
        }
        if self.is_diagnosed {
            diagnose(context, &to_js(event));
        }
    }
}
