//! Types that no Rust item stands for: the JavaScript classes of `pkg/`. All others are generated
//! from the structs and functions themselves.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const CLASSES: &str = r#"
/**
 * A client with options of its own. Make as many as you like, at any moment: they need no
 * disposal, and share the rate limit of their origin. Throws `invalid_options`.
 */
export class ComfyControl {
    constructor(options?: ClientOptions);
    /**
     * Lists one page of the managed runners available to the caller, newest first.
     *
     * Rejects with a `ComfyControlError`, or with `signal.reason` if the call was aborted.
     */
    listManagedRunners(options?: ListOptions): Promise<ManagedRunnerPage>;
    /**
     * Gets one managed runner by its `id`, a UUID.
     *
     * Rejects with a `ComfyControlError` (`not_found` where the caller's tier has no such runner),
     * or with `signal.reason` if the call was aborted.
     */
    getManagedRunner(id: string, options?: RequestOptions): Promise<ManagedRunner>;
    /**
     * Iterates over all runners, with further pages fetched ahead: `for await (const runner of
     * client.iterateManagedRunners())`. Nothing is requested before the first `next`. `break`, an
     * error in the loop or an abort cancels what is under way. Throws `invalid_options`.
     *
     * With `consistency: "reconcile"`, the default, every runner that is in the list during the whole
     * enumeration is handed over exactly once, whenever changes of the list are visible in what the
     * server tells: in `total`, in repeats, or in the order of `created_at`. A removal and an
     * addition between two reads can cancel out without a trace; `report.complete` is therefore
     * `"unknown"` for a list of several pages, and never `true` without proof. `"detect"` removes
     * repeats and reads nothing again; a change that was seen makes `report.complete` false.
     * `"none"` hands over the rows as they come, repeats included.
     *
     * While nothing changes, rows come newest first, and n full pages cost n requests. A list that
     * does not hold still ends in `list_changed` after at most 2n + 16 + 4 × `concurrency` requests.
     */
    iterateManagedRunners(options?: IterateOptions): ManagedRunnerIterator;
    /**
     * All runners in one array, enumerated as `iterateManagedRunners` does. A `ComfyControlError`
     * carries the runners found so far in `runners`.
     */
    collectManagedRunners(options?: IterateOptions): Promise<ManagedRunnerCollection>;
    /**
     * Watches the list: yields it once it was read, and then whenever it has changed. An unchanged
     * runner is the same object as before. A failed reading is an item too (`error`), and the next
     * ones come more slowly. One reading at a time; none while the page is hidden. Ends on `break`
     * and on abort. Throws `invalid_options`.
     */
    watchManagedRunners(options?: WatchOptions): AsyncIterableIterator<ManagedRunnerChange>;
    /** The rate limit as it stands at this moment for this client's origin. */
    readonly rateLimit: RateLimit;
}

/**
 * Every failure of this package. Tell failures apart by `code`, and use `isComfyControlError`
 * rather than `instanceof`, which fails across copies and realms. An aborted call rejects with
 * `signal.reason` instead.
 */
export class ComfyControlError extends Error {
    private constructor();
    readonly name: "ComfyControlError";
    /** What went wrong. */
    readonly code: ErrorCode;
    /** The HTTP status, where there was an answer. */
    readonly status?: number;
    /** Whether the same call may succeed later. */
    readonly retryable: boolean;
    /** When to try again at the earliest, in milliseconds since 1970, where the server said so. */
    readonly retryAt?: number;
    /** Where the answer is not what the contract says: `runners[17].created_at`. */
    readonly path?: string;
    /** Everything in the answer that is not what the contract says. */
    readonly issues?: ValidationIssue[];
    /** What the host threw, where it did. */
    readonly cause?: unknown;
    /** Of an enumeration: what was found so far. */
    readonly report?: Report;
    /** Of an enumeration: where to go on from, with `resumeFrom`. */
    readonly checkpoint?: string;
    /** Of `collectManagedRunners`: the runners found so far. */
    readonly runners?: ManagedRunner[];
}

/** Iterates over all runners, once: one by one, or by page. */
export interface ManagedRunnerIterator extends AsyncIterableIterator<ManagedRunner> {
    /** The same enumeration by page: arrays of runners, none of them empty. */
    pages(): AsyncIterableIterator<ManagedRunner[]>;
    /** What was found so far; `complete` is final at the end. */
    readonly report: Report;
    /**
     * Where the consumer stands, as text for `resumeFrom`: the runners handed over are done, all
     * others are not. Usually 102 characters.
     */
    readonly checkpoint: string;
}

/** What `collectManagedRunners` gives. */
export interface ManagedRunnerCollection {
    /** All runners, in the order in which they were found. */
    runners: ManagedRunner[];
    /** What can be said about them. */
    report: Report;
}

/** An item of `watchManagedRunners`: a list, or an error. */
export type ManagedRunnerChange =
    | {
          /** The list as it is now. The first item has all of it, and nothing added. */
          runners: ManagedRunner[];
          /** Runners that were not in the list before. */
          added: ManagedRunner[];
          /** Runners that are in the list no more. */
          removed: ManagedRunner[];
          /** Runners with other values in some fields, by the names of these. */
          changed: { runner: ManagedRunner; previous: ManagedRunner; fields: (keyof ManagedRunner)[] }[];
          error?: undefined;
      }
    | {
          /** Why the list could not be read. */
          error: unknown;
          /** The last good list; empty if there was none. */
          runners: ManagedRunner[];
          added?: undefined;
          removed?: undefined;
          changed?: undefined;
      };

/**
 * Whether `value` is an error of this package, and has `code` if one is given. Also true for
 * errors of another copy or realm, and for structured clones.
 */
export function isComfyControlError<C extends ErrorCode = ErrorCode>(
    value: unknown,
    code?: C,
): value is ComfyControlError & { readonly code: C };
"#;

// `xtask/bundle/bundle.mjs` moves what stands between the marks to the types of `./slim`.
#[wasm_bindgen(typescript_custom_section)]
const SLIM: &str = r#"
// begin of slim
/** A `WebAssembly.Module`. It has no members, and the types of Node alone have no name for it. */
export type CompiledModule = object;

/**
 * Says where the WebAssembly is: the bytes of `comfycontrol-runners/core.wasm`, or the
 * `WebAssembly.Module` compiled from them. Call it before anything else of this entry. The first
 * source counts, here and in `comfycontrol-runners`, which share everything. Bytes are compiled at
 * the first call of the client. Throws `invalid_options` for anything else.
 *
 * ```js
 * import { initialize, listManagedRunners } from "comfycontrol-runners/slim";
 *
 * initialize(await WebAssembly.compileStreaming(fetch("/core.wasm")));
 * ```
 */
export function initialize(source: ArrayBuffer | ArrayBufferView | CompiledModule): void;
// end of slim
"#;
