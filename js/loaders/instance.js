// The one running instance of the module: compiled on the first call, replaced once it has ended.

import * as glue from "glue";

import { ComfyControlError } from "../error.js";
import { prepareInstance } from "./globals.js";
import { generation, hasEnded, isInside, startOver } from "../trap.js";

/** A function that returns the module's bytes or a `WebAssembly.Module`. */
let moduleSource;
let compiled;
/** The pending promise of an asynchronous start. */
let starting;
/** The promise of a start that waits for the caller's function to return. */
let restart;

/** What calls use besides WebAssembly and `fetch`. Hermes and jsdom lack some. */
const NEEDED = ["TextDecoder", "TextEncoder", "URL", "AbortController", "performance", "setTimeout"];

/** Sets where the module comes from. The first source counts. */
export function provide(source) {
  moduleSource ??= source;
}

/** Makes sure that an instance runs. Gives a promise where the module must be compiled asynchronously. */
export function start() {
  if (generation > 0 && !hasEnded()) return undefined;
  if (starting) return starting;
  // The instance ended while it called a function of the caller, and that one calls us: its code ends first.
  if (isInside()) return (restart ??= Promise.resolve().then(startNow));
  if (!compiled) {
    const given = read();
    try {
      compiled = isModule(given) ? ofThisRealm(given) : new WebAssembly.Module(given);
    } catch (cause) {
      // Old browsers compile more than 4 KB on the main thread only asynchronously.
      if (!(cause instanceof RangeError)) throw startError(cause);
      compiled = given;
    }
  }
  try {
    run();
  } catch (cause) {
    // Old browsers start more than 4 KB on the main thread only asynchronously.
    if (cause instanceof RangeError) return (starting ??= startLater());
    throw startError(cause);
  }
  return undefined;
}

/** The error of a synchronous function that finds no instance yet. */
export function notStarted() {
  if (isInside()) {
    const message = "the client ended while it called this function: it starts again once this returned";
    return new ComfyControlError("internal", message, { retryable: true });
  }
  return unsupported(
    "this browser starts WebAssembly of more than 4 KB on the main thread only asynchronously: await an " +
      "asynchronous call first",
  );
}

function startNow() {
  restart = undefined;
  return start();
}

async function startLater() {
  try {
    if (generation > 0) {
      await prepareInstance();
      run();
    } else {
      await glue.default({ module_or_path: compiled });
      begin();
    }
  } catch (cause) {
    compiled = undefined;
    throw startError(cause);
  } finally {
    starting = undefined;
  }
}

function run() {
  if (generation > 0) glue.__wbg_reset_state();
  else glue.initSync({ module: compiled });
  begin();
}

function begin() {
  const { lostAt, cooldownUntil } = startOver();
  // Node 20 ends the process where memory grows for the first time in the middle of a compiled call.
  glue.continueAfterLoss(lostAt, cooldownUntil).grow(0);
}

function read() {
  if (typeof WebAssembly !== "object") {
    throw unsupported(
      "this runtime has no WebAssembly (Node with --jitless, iOS in Lockdown Mode, Hermes): allow it there, " +
        "or make the calls on a server",
    );
  }
  const missing = NEEDED.filter((name) => !globalThis[name]);
  if (missing.length > 0) {
    throw unsupported(`this runtime has no ${missing.join(", no ")}: load a polyfill before the first call`);
  }
  if (!moduleSource) {
    const message = "no WebAssembly yet: call `initialize` of comfycontrol-runners/slim first";
    throw new ComfyControlError("internal", message, { retryable: false });
  }
  return moduleSource();
}

/** Not by `instanceof`, which is false for a module that another realm compiled. */
function isModule(given) {
  return Object.prototype.toString.call(given) === "[object WebAssembly.Module]";
}

/**
 * Makes a module pass the glue's `instanceof`; otherwise the glue would compile it anew. In Vercel's edge
 * runtime modules come from another realm, and compiling is forbidden.
 */
function ofThisRealm(module) {
  const { prototype } = WebAssembly.Module;
  return module instanceof WebAssembly.Module ? module : Object.setPrototypeOf(module, prototype);
}

function startError(cause) {
  const text = String(cause?.message);
  if (/disallowed by embedder|code generation/i.test(text)) {
    return unsupported(
      "this runtime does not compile WebAssembly: have the bundler resolve the export condition `workerd` or " +
        "`edge-light` (with OpenNext, list the package in serverExternalPackages)",
      cause,
    );
  }
  // In an extension's content script the policy's reason is empty.
  const isRefusal = cause?.name === "CompileError" && /^(WebAssembly\.\w+\(\):)?\s*$/.test(text);
  if (isRefusal || /Content.?Security.?Policy|unsafe-eval|\bCSP\b/i.test(text)) {
    return unsupported(
      "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src",
      cause,
    );
  }
  const message = "the WebAssembly module did not start";
  return new ComfyControlError("internal", message, { retryable: false, cause });
}

function unsupported(message, cause) {
  const details = cause === undefined ? { retryable: false } : { retryable: false, cause };
  return new ComfyControlError("unsupported", message, details);
}
