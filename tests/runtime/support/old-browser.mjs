// Chromium before 115 refuses to compile or start a module of more than 4 kB synchronously on a page's main thread.

/** Code that refuses what those browsers refuse, with their messages, and counts compilations. */
export const OLD_BROWSER = `
  const counts = { refused: 0, awaited: 0 };
  const { Module, Instance, compile, instantiate } = WebAssembly;
  const refuse = (what) => {
    counts.refused += 1;
    throw new RangeError(
      "WebAssembly." + what + " is disallowed on the main thread, if the buffer size is larger than 4KB. " +
        "Use WebAssembly." + what.toLowerCase() + ", or compile on a worker thread.",
    );
  };
  const construct = (target, args) =>
    args[0].byteLength > 4096 ? refuse("Compile") : Reflect.construct(target, args);
  WebAssembly.Module = new Proxy(Module, { construct });
  WebAssembly.Instance = new Proxy(Instance, { construct: () => refuse("Instantiate") });
  for (const [name, run] of Object.entries({ compile, instantiate })) {
    WebAssembly[name] = (...args) => {
      // Node compiles a module of its own for its fetch.
      if (new Error().stack.includes("comfycontrol-runners")) counts.awaited += 1;
      return run.apply(WebAssembly, args);
    };
  }
`;
