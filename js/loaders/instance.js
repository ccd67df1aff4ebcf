// The one running instance of the module: compiled in the first call, replaced after a trap.

import * as glue from "glue";

import { ComfyControlError } from "../error.js";
import { generation, hasTrapped, startOver } from "../trap.js";

/** Where the module comes from: a function that gives its bytes or a `WebAssembly.Module`. */
let moduleSource;
let compiled;
/** While the module is compiled asynchronously. */
let starting;

/** What calls use besides WebAssembly and `fetch`. Hermes and jsdom lack some. */
const NEEDED = ["TextDecoder", "TextEncoder", "AbortController", "performance"];

/** Names where the module comes from. The first source counts. */
export function provide(source) {
  moduleSource ??= source;
}

/** Makes sure that an instance runs. Gives a promise where the module must be compiled asynchronously. */
export function start() {
  if (generation > 0 && !hasTrapped()) return undefined;
  if (starting) return starting;
  if (!compiled) {
    const given = read();
    try {
      compiled = isModule(given) ? ofThisRealm(given) : new WebAssembly.Module(given);
    } catch (cause) {
      // Old browsers compile more than 4 KB on the main thread asynchronously only.
      if (!(cause instanceof RangeError)) throw startError(cause);
      compiled = given;
    }
  }
  try {
    run();
  } catch (cause) {
    // Old browsers start more than 4 KB on the main thread asynchronously only.
    if (cause instanceof RangeError && generation === 0) return (starting ??= startLater());
    throw startError(cause);
  }
  return undefined;
}

async function startLater() {
  try {
    await glue.default({ module_or_path: compiled });
    begin();
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

/** Not by `instanceof`, which denies a module that another realm compiled. */
function isModule(given) {
  return Object.prototype.toString.call(given) === "[object WebAssembly.Module]";
}

/**
 * The glue asks `instanceof`, and would compile a module of another realm anew. Vercel's edge runtime
 * has such modules, and compiles nothing.
 */
function ofThisRealm(module) {
  const { prototype } = WebAssembly.Module;
  return module instanceof WebAssembly.Module ? module : Object.setPrototypeOf(module, prototype);
}

function startError(cause) {
  const text = String(cause?.message);
  if (/disallowed by embedder|code generation/i.test(text)) {
    return unsupported(
      "this runtime compiles no WebAssembly: import the package where its bundler resolves the `workerd` or " +
        "`edge-light` condition (with OpenNext, list it in serverExternalPackages)",
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
