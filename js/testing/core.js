// The one instance of the emulator's WebAssembly module.

import { source } from "source";

/** What the module and its answers are made of. */
const NEEDED = ["WebAssembly", "TextDecoder", "TextEncoder", "Response", "Headers", "ReadableStream", "URL"];

/** The glue of the running instance. */
let running;
/** The pending promise of `ready`. */
let starting;

/**
 * The functions and classes of `testing/src/`, as wasm-bindgen exports them. Compiles on first use.
 *
 * @returns {object}
 */
export function core() {
  if (running) return running;
  const { glue, imports } = prepare();
  try {
    const given = source();
    // Not by `instanceof`, which fails for a module that another realm compiled.
    const isModule = Object.prototype.toString.call(given) === "[object WebAssembly.Module]";
    const module = isModule ? given : new WebAssembly.Module(given);
    return run(glue, new WebAssembly.Instance(module, imports));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw startError(cause);
    throw because(
      "this browser starts WebAssembly of more than 4 KB on a page's main thread only asynchronously: " +
        "await ready() first",
      cause,
    );
  }
}

/** @type {typeof import("./index.js").ready} */
export function ready() {
  starting ??= start().finally(() => (starting = undefined));
  return starting;
}

async function start() {
  if (running) return;
  const { glue, imports } = prepare();
  try {
    const started = await WebAssembly.instantiate(source(), imports);
    // Another call may have started it meanwhile. Of a compiled module, `instantiate` gives only the instance.
    if (!running) run(glue, started.instance ?? started);
  } catch (cause) {
    throw startError(cause);
  }
}

function prepare() {
  const missing = NEEDED.filter((name) => globalThis[name] === undefined);
  if (missing.length > 0) {
    throw new Error(
      `comfycontrol-runners/testing needs ${missing.join(", ")}, which this environment lacks` +
        (globalThis.document ? "; in Jest, the environment jest-fixed-jsdom has them" : ""),
    );
  }
  // `require`, because the bundler then runs the generated glue here and not at import.
  const glue = require("glue");
  return { glue, imports: { "./testing_bg.js": glue } };
}

function run(glue, { exports }) {
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  return (running = glue);
}

function startError(cause) {
  const isRefused = /Content.?Security.?Policy|unsafe-eval/i.test(String(cause?.message));
  const hint = isRefused
    ? ": the page's Content-Security-Policy forbids it; add 'wasm-unsafe-eval' to its script-src"
    : "";
  return because(`the WebAssembly module did not start${hint}`, cause);
}

function because(message, cause) {
  const error = new Error(`comfycontrol-runners/testing: ${message}`);
  error.cause = cause;
  return error;
}
