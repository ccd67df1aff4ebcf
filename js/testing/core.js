// The one instance of the emulator's WebAssembly module.

import { source } from "source";

let running;

/** The functions and classes of `testing/src/`, as wasm-bindgen exports them. Compiles on first use. */
export function core() {
  if (running) return running;
  // `require`, because the bundler then runs the generated glue here and not at import.
  const glue = require("glue");
  try {
    glue.initSync({ module: source() });
  } catch (cause) {
    const error = new Error("comfycontrol-runners/testing: the WebAssembly module did not start");
    error.cause = cause;
    throw error;
  }
  return (running = glue);
}
