export * from "./index.js";

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
