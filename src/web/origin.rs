//! What all calls to one origin share: its rate limit.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::host;
use crate::ledger::Link;
use crate::limiter::Limiter;

#[wasm_bindgen(module = "/js/trap.js")]
extern "C" {
    /// Remembers a cooldown for the next instance, in case this one traps.
    #[wasm_bindgen(js_namespace = nextInstance, js_name = rememberCooldown)]
    fn remember_cooldown(until: f64);
}

/// What the calls to one origin share. The server limits each IP address, and each ledger stands for one address. So
/// clients with different ledgers have different limits.
#[derive(Debug)]
pub struct Origin {
    name: String,
    /// The caller's ledger, if other processes share the limit.
    pub ledger: Option<JsValue>,
    pub limiter: RefCell<Limiter>,
    /// The connection to the ledger.
    pub link: RefCell<Link>,
}

thread_local! {
    static ORIGINS: RefCell<Vec<Rc<Origin>>> = const { RefCell::new(Vec::new()) };
    /// When the previous instance trapped, and the end of a cooldown that it knew of.
    static LOSS: Cell<(f64, f64)> = const { Cell::new((f64::NEG_INFINITY, f64::NEG_INFINITY)) };
}

/// Sets what this instance needs to know of the one before it, which trapped.
pub fn continue_after_loss(lost_at: f64, cooldown_until: f64) {
    LOSS.set((lost_at, cooldown_until));
}

impl Origin {
    /// Finds what the calls to an origin share. An empty `name` means that only the caller's `fetch` knows the
    /// origin: then every client has its own.
    pub fn find(name: &str, ledger: Option<JsValue>) -> Rc<Self> {
        ORIGINS.with_borrow_mut(|origins| {
            let is_same = |origin: &&Rc<Self>| origin.name == name && origin.ledger == ledger;
            // One without a name is never stored, so it is never found.
            if let Some(origin) = origins.iter().find(is_same) {
                return origin.clone();
            }
            let (lost_at, cooldown_until) = LOSS.get();
            let mut limiter = Limiter::after_loss(lost_at);
            limiter.cool_down(cooldown_until, host::now());
            let origin = Rc::new(Self {
                name: name.to_owned(),
                ledger,
                limiter: RefCell::new(limiter),
                link: RefCell::default(),
            });
            // Drops those whose ledger no client uses any more.
            origins.retain(|origin| origin.ledger.is_none() || Rc::strong_count(origin) > 1);
            if !name.is_empty() {
                origins.push(origin.clone());
            }
            origin
        })
    }

    /// Scheme, host and port; empty if only the caller's `fetch` knows them.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Starts a cooldown for every call of this process to this origin.
    pub fn cool_down(&self, for_ms: f64) {
        let now = host::now();
        let until = now + for_ms;
        // `ORIGINS` does not have this one if its name is empty.
        self.limiter.borrow_mut().cool_down(until, now);
        ORIGINS.with_borrow(|origins| {
            for other in origins.iter().filter(|other| other.name == self.name) {
                other.limiter.borrow_mut().cool_down(until, now);
            }
        });
        remember_cooldown(until);
    }
}
