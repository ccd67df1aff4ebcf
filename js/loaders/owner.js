// Prevents a memory leak. If Rust held a function of the caller that refers to its own client, both would
// stay alive for ever, because no garbage collector sees into WebAssembly. So the client holds the
// functions, and Rust holds wrappers with weak references to them.

const NAMES = ["fetch", "token", "onEvent", "onInvalidRunner"];

/** The options with wrappers instead of the caller's functions, which `owner` keeps alive. */
export function detach(options) {
  // Without a prototype: a setter on `Object.prototype` would take what is assigned.
  const owner = Object.create(null);
  const detached = { ...options };
  if (typeof WeakRef !== "function") return { options, owner };
  const reference = new WeakRef(owner);
  for (const name of NAMES) {
    if (typeof options[name] !== "function") continue;
    owner[name] = options[name];
    detached[name] = (...args) => {
      const { [name]: run } = reference.deref() ?? {};
      return run?.(...args);
    };
  }
  return { options: detached, owner };
}
