// The package from outside: every instance of its module passes through here. To be imported before the first call.

const { Instance } = WebAssembly;
const memories = [];
let latest;

WebAssembly.Instance = class extends Instance {
  constructor(...given) {
    super(...given);
    latest = new WeakRef(this.exports);
    memories.push(new WeakRef(Object.values(this.exports).find((one) => one instanceof WebAssembly.Memory)));
  }
};

/** How many instances there have been. */
export const started = () => memories.length;

/** The exports of the one that was started last. */
export const newest = () => latest.deref();

const alive = () => memories.map((memory) => memory.deref()).filter(Boolean);

/** How many instances the collector has not taken yet. */
export const instances = () => alive().length;

/** Bytes of WebAssembly memory that all of them have together. */
export const wasmMemory = () => alive().reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
