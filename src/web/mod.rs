//! The exports for JavaScript. Every export is a few lines that call the modules below. No other
//! module of the crate knows JavaScript.
//!
//! An export reads its options before it returns, so that later changes to the object have no effect.
//! That is why these functions return a promise instead of being `async`.

mod call;
mod call_error;
mod cancellation;
mod client;
mod context;
mod error;
mod events;
mod exchange;
mod fetch;
mod flight;
mod given;
mod host;
mod ledger;
mod list_change;
mod matching;
mod options;
mod origin;
mod paging;
mod promise;
mod queue;
mod response_of;
mod rows;
mod schema;
mod token;
mod trap;
mod watch;

use std::rc::Rc;

use comfycontrol_decode::is_uuid_text;
use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::endpoint::Endpoint;
use client::Client;
use error::unexpected;
use options::{ClientOptions, IterateOptions, ListOptions, RequestOptions, WatchOptions};
use paging::Enumeration;
use promise::{BoxedCall, promise};
use watch::Watch;

/// A small allocator: it makes the package 2 kB smaller than the standard library's.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Lists one page of the managed runners available to the caller, newest first.
///
/// Takes the options of the call and of a client in one object. Rejects with a `ComfyControlError`,
/// or with `signal.reason` if the call was aborted.
///
/// ```js
/// const { runners, total, hasNextPage } = await listManagedRunners({ page: 1, perPage: 50 });
/// ```
#[wasm_bindgen(js_name = listManagedRunners, unchecked_return_type = "Promise<ManagedRunnerPage>")]
pub fn list_managed_runners(
    #[wasm_bindgen(unchecked_optional_param_type = "ListOptions & ClientOptions")]
    options: &JsValue,
) -> Promise {
    let options = ListOptions::read_with_client(options);
    promise(options.and_then(|(options, client)| Ok(list(Rc::new(Client::new(client)?), options))))
}

/// Gets one managed runner by its `id`, a UUID.
///
/// Takes the options of the call and of a client in one object. Rejects with a `ComfyControlError`
/// (`not_found` where the caller's tier has no such runner), or with `signal.reason` if the call was
/// aborted.
///
/// ```js
/// const runner = await getManagedRunner("018f9c3e-0000-7000-8000-00000000000a");
/// ```
#[wasm_bindgen(js_name = getManagedRunner, unchecked_return_type = "Promise<ManagedRunner>")]
pub fn get_managed_runner(
    #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions & ClientOptions")]
    options: &JsValue,
) -> Promise {
    let options = RequestOptions::read_with_client(options);
    promise(options.and_then(|(options, client)| get(Rc::new(Client::new(client)?), id, options)))
}

/// Returns the runners that can take a workflow which requires these tags, in the order of `runners`:
/// those that have all of the tags, and those that have no tags at all. Tags are case-sensitive.
/// Throws `invalid_options` for anything but an array of runners and an array of strings.
///
/// ```js
/// const suitable = matchRunners(runners, ["gpu:a100", "region:eu"]);
/// ```
#[wasm_bindgen(js_name = matchRunners, unchecked_return_type = "ManagedRunner[]")]
pub fn match_runners(
    #[wasm_bindgen(unchecked_param_type = "readonly ManagedRunner[]")] runners: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "readonly string[]", js_name = requiredTags)]
    required_tags: &JsValue,
) -> Result<Array, JsValue> {
    matching::matching(runners, required_tags)
}

/// A client with its own options. Make as many as you like, at any time: a client needs no disposal.
/// All clients of one origin share its rate limit.
///
/// ```js
/// const client = new ComfyControl({ token: process.env.COMFYCONTROL_TOKEN });
/// ```
#[wasm_bindgen]
pub struct ComfyControl {
    client: Rc<Client>,
    options: JsValue,
}

#[wasm_bindgen]
impl ComfyControl {
    /// Checks the options, and sends nothing. Throws `invalid_options`.
    ///
    /// ```js
    /// const client = new ComfyControl({ baseUrl: "/api", timeout: 5_000 });
    /// ```
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "ClientOptions")] options: &JsValue,
    ) -> Result<Self, JsValue> {
        let (settled, options) = ClientOptions::read(options)?;
        Ok(Self {
            client: Rc::new(Client::new(settled)?),
            options,
        })
    }

    /// The options as they were read. `js/loaders/client.js` makes the client anew from them.
    #[wasm_bindgen(skip_typescript)]
    pub fn options(&self) -> JsValue {
        self.options.clone()
    }

    /// Where the API is.
    #[wasm_bindgen(getter, js_name = baseUrl, skip_typescript)]
    pub fn base_url(&self) -> String {
        self.client.base.url()
    }

    /// Lists one page of the managed runners available to the caller, newest first.
    ///
    /// Rejects with a `ComfyControlError`, or with `signal.reason` if the call was aborted.
    ///
    /// ```js
    /// const { runners, total } = await client.listManagedRunners({ perPage: 100 });
    /// ```
    #[wasm_bindgen(js_name = listManagedRunners, unchecked_return_type = "Promise<ManagedRunnerPage>")]
    pub fn list_managed_runners(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "ListOptions")] options: &JsValue,
    ) -> Promise {
        promise(ListOptions::read(options).map(|options| list(self.client.clone(), options)))
    }

    /// Gets one managed runner by its `id`, a UUID.
    ///
    /// Rejects with a `ComfyControlError` (`not_found` where the caller's tier has no such runner),
    /// or with `signal.reason` if the call was aborted.
    ///
    /// ```js
    /// const runner = await client.getManagedRunner("018f9c3e-0000-7000-8000-00000000000a");
    /// ```
    #[wasm_bindgen(js_name = getManagedRunner, unchecked_return_type = "Promise<ManagedRunner>")]
    pub fn get_managed_runner(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: &JsValue,
    ) -> Promise {
        let options = RequestOptions::read(options);
        promise(options.and_then(|options| get(self.client.clone(), id, options)))
    }

    /// Iterates over all runners, and fetches further pages ahead. The first request starts with the
    /// first `next`. `break`, an error in the loop or an abort cancels the requests under way.
    ///
    /// Throws `invalid_options`. The iterator rejects with a `ComfyControlError` that has `report` and
    /// `checkpoint`, or with `signal.reason`.
    ///
    /// ```js
    /// for await (const runner of client.iterateManagedRunners()) console.log(runner.name);
    /// ```
    ///
    /// With `consistency: "reconcile"`, the default, a runner that is in the list during the whole
    /// enumeration is handed over exactly once, if the server's answers show how the list changed: in
    /// `total`, in repeats, or in the order of `created_at`. A removal and an addition between two
    /// reads can cancel out without a trace. Therefore `report.complete` is `"unknown"` for a list of
    /// several pages, and never `true` without proof. `"detect"` removes repeats but reads no page
    /// again; if it saw a change, `report.complete` is `false`. `"none"` hands over the rows as they
    /// come, repeats included.
    ///
    /// While nothing changes, runners come newest first, and n pages cost n requests. If the list
    /// keeps changing, the iteration ends in `list_changed` after at most 2n + 16 + 4 × `concurrency`
    /// requests.
    #[wasm_bindgen(js_name = iterateManagedRunners, unchecked_return_type = "ManagedRunnerIterator")]
    pub fn iterate_managed_runners(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "IterateOptions")] options: &JsValue,
    ) -> Result<JsValue, JsValue> {
        let options = IterateOptions::read(options, &self.client.list_url())?;
        let signal = options.request.signal.clone();
        let enumeration = Enumeration::new(self.client.clone(), options);
        Ok(iterate_runners(enumeration, signal.as_ref()))
    }

    /// Reads all runners into one array, in the same way as `iterateManagedRunners`.
    ///
    /// Rejects with a `ComfyControlError` that has the runners found so far in `runners`, and `report`
    /// and `checkpoint`; or with `signal.reason` if the call was aborted.
    ///
    /// ```js
    /// const { runners, report } = await client.collectManagedRunners();
    /// ```
    #[wasm_bindgen(
        js_name = collectManagedRunners,
        unchecked_return_type = "Promise<ManagedRunnerCollection>"
    )]
    pub fn collect_managed_runners(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "IterateOptions")] options: &JsValue,
    ) -> Promise {
        match self.iterate_managed_runners(options) {
            Ok(iterator) => collect_runners(&iterator),
            Err(error) => promise(Err(error)),
        }
    }

    /// Watches the list. The first item is the whole list; a further one comes whenever the list has
    /// changed. An unchanged runner is the same object as before. If a reading fails, its item has
    /// `error`, and the pauses between readings grow. The watch makes one request at a time, and none
    /// while the page is hidden. `break` and an abort end it. Throws `invalid_options`.
    ///
    /// ```js
    /// for await (const change of client.watchManagedRunners({ signal })) {
    ///   if (change.error) console.warn(change.error);
    ///   else render(change.runners);
    /// }
    /// ```
    #[wasm_bindgen(
        js_name = watchManagedRunners,
        unchecked_return_type = "ManagedRunnerWatch"
    )]
    pub fn watch_managed_runners(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "WatchOptions")] options: &JsValue,
    ) -> Result<JsValue, JsValue> {
        let options = WatchOptions::read(options)?;
        Ok(watch_runners(Watch::new(self.client.clone(), options)))
    }

    /// The current state of the rate limit of this client's origin.
    ///
    /// ```js
    /// const { remaining, queued } = client.rateLimit;
    /// ```
    #[wasm_bindgen(getter, js_name = rateLimit, unchecked_return_type = "RateLimit")]
    pub fn rate_limit(&self) -> JsValue {
        let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
        serde::Serialize::serialize(&self.client.rate_limit(), &serializer).unwrap_or_default()
    }
}

#[wasm_bindgen(module = "/js/async-iterator.js")]
extern "C" {
    /// A `ManagedRunnerIterator`.
    #[wasm_bindgen(js_name = iterateRunners)]
    fn iterate_runners(enumeration: Enumeration, signal: Option<&AbortSignal>) -> JsValue;
    /// A `ManagedRunnerCollection` of what a `ManagedRunnerIterator` gives.
    #[wasm_bindgen(js_namespace = iterators, js_name = collectRunners)]
    fn collect_runners(iterator: &JsValue) -> Promise;
    /// An async iterator over the changes of the list.
    #[wasm_bindgen(js_name = watchRunners)]
    fn watch_runners(watch: Watch) -> JsValue;
}

#[wasm_bindgen(module = "/js/lifetime.js")]
extern "C" {
    // Named so that wasm-pack ships the file: `js/async-iterator.js` imports it.
    type Lifetime;
}

#[wasm_bindgen(typescript_custom_section)]
const ITERATORS: &str = r#"
/** The member that `await using` needs, if the TypeScript version knows it. */
type AsyncDisposal = SymbolConstructor extends { readonly asyncDispose: infer Dispose }
    ? Dispose extends symbol
        ? { [Key in Dispose]: () => PromiseLike<void> }
        : {}
    : {};

/** Iterates once over all runners: one by one, or page by page. */
export interface ManagedRunnerIterator extends AsyncIterableIterator<ManagedRunner>, AsyncDisposal {
    /**
     * The same iteration page by page. Yields arrays of runners, never an empty one.
     *
     * ```js
     * for await (const runners of client.iterateManagedRunners().pages()) save(runners);
     * ```
     */
    pages(): ManagedRunnerPages;
    /** What was found so far. `complete` is final once the iteration is over. */
    readonly report: Report;
    /**
     * Pass it as `resumeFrom` to continue after the last runner that was handed over. Usually about
     * 100 characters.
     */
    readonly checkpoint: string;
}

/** Iterates once over all runners, page by page. */
export interface ManagedRunnerPages extends AsyncIterableIterator<ManagedRunner[]>, AsyncDisposal {}

/** Iterates over the changes of a watched list. */
export interface ManagedRunnerWatch extends AsyncIterableIterator<ManagedRunnerChange>, AsyncDisposal {
    /** Reads the list now instead of at the end of the interval, or once more if it is just being read. */
    refresh(): void;
    /**
     * Milliseconds between two readings, 1000 to 86400000. Set it at any time: it holds from the next
     * wait on; `refresh` ends the present one. Throws `invalid_options`. Has no effect after the end.
     */
    interval: number;
}

/** The result of `collectManagedRunners`. */
export interface ManagedRunnerCollection {
    /** All runners, in the order in which they were found. */
    runners: ManagedRunner[];
    /** Whether the list is complete, and how it was read. */
    report: Report;
}
"#;

/// Continues after an instance that trapped at `lost_at`, and knew of a cooldown until
/// `cooldown_until`. Both are times of `performance.now()`, or -∞. Returns this instance's memory.
#[wasm_bindgen(js_name = continueAfterLoss, skip_typescript)]
pub fn continue_after_loss(lost_at: f64, cooldown_until: f64) -> JsValue {
    origin::continue_after_loss(lost_at, cooldown_until);
    wasm_bindgen::memory()
}

fn list(client: Rc<Client>, options: ListOptions) -> BoxedCall {
    let ListOptions {
        request,
        page,
        per_page,
    } = options;
    let endpoint = Endpoint::List { page, per_page };
    Box::pin(flight::call(client, endpoint, request))
}

fn get(client: Rc<Client>, id: &JsValue, options: RequestOptions) -> Result<BoxedCall, JsValue> {
    let id_text = id.as_string().filter(|id| is_uuid_text(id.as_bytes()));
    let id = id_text.ok_or_else(|| unexpected("id", "a UUID", id))?;
    let endpoint = Endpoint::Runner { id };
    Ok(Box::pin(flight::call(client, endpoint, options)))
}
