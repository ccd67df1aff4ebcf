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
}

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
export function initialize(source: ArrayBuffer | ArrayBufferView | WebAssembly.Module): void;
// end of slim
"#;
