//! The async contexts of callers.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/js/async-context.js")]
extern "C" {
    /// What `AsyncLocalStorage` returns where a call was made. The caller's functions run in it.
    #[derive(Clone, Debug)]
    pub type AsyncContext;
    /// The present context; `None` where the runtime has no contexts.
    #[wasm_bindgen(js_namespace = contexts, js_name = capture)]
    pub fn async_context() -> Option<AsyncContext>;
}
