export * from "comfycontrol-runners";

/** A `WebAssembly.Module`, whose type does not exist in Node's types alone. */
export type CompiledModule = object;

/**
 * Sets the WebAssembly module: the bytes of `comfycontrol-runners/core.wasm`, or the
 * `WebAssembly.Module` compiled from them. Call it before anything else of this entry. Bytes are
 * compiled on the first call. If it is called again, or if `comfycontrol-runners` was used before,
 * the first module stays in use. Throws `invalid_options` for anything else.
 *
 * ```js
 * import { initialize, listManagedRunners } from "comfycontrol-runners/slim";
 *
 * initialize(await WebAssembly.compileStreaming(fetch("/core.wasm")));
 * ```
 */
export function initialize(source: ArrayBuffer | ArrayBufferView | CompiledModule): void;
