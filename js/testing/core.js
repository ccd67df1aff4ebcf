// The one instance of the emulator's WebAssembly module.

import { source } from "source";

/** What the module and its answers are made of. */
const NEEDED = ["WebAssembly", "TextDecoder", "TextEncoder", "Response", "Headers", "ReadableStream", "URL"];

let running;

/**
 * The functions and classes of `testing/src/`, as wasm-bindgen exports them. Compiles on first use.
 *
 * @returns {object}
 */
export function core() {
  if (running) return running;
  const missing = NEEDED.filter((name) => globalThis[name] === undefined);
  if (missing.length > 0) {
    throw new Error(
      `comfycontrol-runners/testing needs ${missing.join(", ")}, which this environment lacks; ` +
        "in Jest, the environment jest-fixed-jsdom has them",
    );
  }
  // `require`, because the bundler then runs the generated glue here and not at import.
  const glue = require("glue");
  try {
    const given = source();
    // Not by `instanceof`, which fails for a module that another realm compiled.
    const isModule = Object.prototype.toString.call(given) === "[object WebAssembly.Module]";
    const module = isModule ? given : new WebAssembly.Module(given);
    const { exports } = new WebAssembly.Instance(module, { "./testing_bg.js": glue });
    glue.__wbg_set_wasm(exports);
    exports.__wbindgen_start();
  } catch (cause) {
    const error = new Error("comfycontrol-runners/testing: the WebAssembly module did not start");
    error.cause = cause;
    throw error;
  }
  return (running = glue);
}
