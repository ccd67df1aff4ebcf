// The caller's functions, held by the caller's client alone. Rust holds a function that finds them
// again: held by Rust itself, a function that refers to its client would keep both for ever, since no
// garbage collector sees through WebAssembly.

const NAMES = ["fetch", "token", "onEvent", "onInvalidRunner"];

/** The options with other functions in the place of the caller's, which `owner` keeps alive. */
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
