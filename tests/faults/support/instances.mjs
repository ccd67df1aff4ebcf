// Observes every instance of the module. Import it before the first call.

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

/** The exports of the newest instance. */
export const newest = () => latest.deref();

const alive = () => memories.map((memory) => memory.deref()).filter(Boolean);

/** How many instances are not garbage collected. */
export const instances = () => alive().length;

/** The WebAssembly memory of all instances, in bytes. */
export const wasmMemory = () => alive().reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
