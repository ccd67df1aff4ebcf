// If a runtime lacks something, the error says what and what helps, and is never `internal`.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { child } from "./support/child.mjs";

const LOAD = 'const client = await import("comfycontrol-runners");';
/** Code for a child process: everything that compiles WebAssembly fails with this message. */
const refuses = (message) => `
  const refusal = () => new WebAssembly.CompileError(${JSON.stringify(message)});
  WebAssembly.Module = class { constructor() { throw refusal(); } };
  for (const name of ["compile", "instantiate", "compileStreaming", "instantiateStreaming"]) {
    WebAssembly[name] = async () => { throw refusal(); };
  }
`;

/** What is missing → code that removes it, and patterns of the message: the missing thing, and the help. */
const MISSING = {
  "WebAssembly altogether": {
    prepare: "delete globalThis.WebAssembly;",
    names: [/WebAssembly/, /Lockdown Mode|--jitless|Hermes|React Native/],
  },
  "WebAssembly under --jitless": {
    flags: ["--jitless"],
    names: [/WebAssembly/, /--jitless|Lockdown Mode|Hermes/],
  },
  "WebAssembly by a page's policy": {
    prepare: refuses(
      "WebAssembly.Module(): Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not an allowed source of script",
    ),
    names: [/Content-Security-Policy/, /'wasm-unsafe-eval'/],
    cause: "CompileError",
  },
  "WebAssembly by a policy whose reason is empty, as in an extension's content scripts": {
    prepare: refuses("WebAssembly.Module(): "),
    names: [/Content-Security-Policy|policy/i, /'wasm-unsafe-eval'/],
    cause: "CompileError",
  },
  "WebAssembly by a policy that says nothing at all": {
    prepare: refuses(""),
    names: [/policy/i, /'wasm-unsafe-eval'/],
    cause: "CompileError",
  },
  "WebAssembly by the embedder, as in workers that were bundled for Node": {
    prepare: refuses("WebAssembly.Module(): Wasm code generation disallowed by embedder"),
    names: [/WebAssembly/, /workerd|serverExternalPackages|\.\/slim|comfycontrol-runners\/slim/],
    cause: "CompileError",
  },
  TextDecoder: {
    prepare: "delete globalThis.TextDecoder;",
    names: [/TextDecoder/, /polyfill|node:util|globalThis/i],
  },
  TextEncoder: { prepare: "delete globalThis.TextEncoder;", names: [/no TextEncoder/, /polyfill/] },
  AbortController: {
    prepare: "delete globalThis.AbortController;",
    names: [/no AbortController/, /polyfill/],
  },
  performance: { prepare: "delete globalThis.performance;", names: [/no performance/, /polyfill/] },
  URL: { prepare: "delete globalThis.URL;", names: [/no URL/, /polyfill/] },
  setTimeout: { prepare: "delete globalThis.setTimeout;", names: [/no setTimeout/, /polyfill/] },
  fetch: {
    prepare: "delete globalThis.fetch;",
    options: "{ ...options, fetch: undefined }",
    names: [/fetch/, /`?fetch`? option|option `?fetch`?|pass/i],
  },
};

for (const [what, { prepare = "", flags, options = "options", names, cause }] of Object.entries(MISSING)) {
  suite(`without ${what}`, () => {
    test("a call rejects with `unsupported`, which names it and what helps", async () => {
      const [error, asked] = await child(
        `${LOAD} ${prepare} say(await failure(client.listManagedRunners(${options}))); say([requests.length]);`,
        { flags },
      );
      assert.deepEqual(
        [error.name, error.code, error.retryable],
        ["ComfyControlError", "unsupported", false],
        error.message,
      );
      for (const name of names) assert.match(error.message, name);
      assert.doesNotMatch(error.message, /defect|did not start/);
      assert.ok(error.message.length < 400, error.message);
      assert.equal(error.cause?.name, cause);
      if (what === "fetch") assert.deepEqual(asked, [0]);
    });

    test("so does everything else, and the guard knows the code", async () => {
      const outcomes = await child(
        `${LOAD} ${prepare}
        // The constructor may throw, or the first call may reject.
        const using = (run) => failure((async () => run(new client.ComfyControl(${options})))());
        say(await failure(client.getManagedRunner("018f9c3e-0000-7000-8000-00000000000a", ${options})));
        say(await using((it) => it.listManagedRunners()));
        say(await using((it) => it.collectManagedRunners()));
        say(await using((it) => it.iterateManagedRunners().next()));
        const error = await client.listManagedRunners(${options}).catch((error) => error);
        say([client.isComfyControlError(error, "unsupported"), client.isComfyControlError(error, "internal")]);`,
        { flags },
      );
      const guarded = outcomes.pop();
      assert.deepEqual(
        outcomes.map(({ code }) => code),
        outcomes.map(() => "unsupported"),
      );
      assert.deepEqual(guarded, [true, false]);
    });
  });
}

test("all that is missing is named at once, as in jsdom", async () => {
  const [error] = await child(`
    ${LOAD}
    for (const name of ["TextDecoder", "TextEncoder"]) delete globalThis[name];
    say(await failure(client.listManagedRunners(options)));
  `);
  assert.match(error.message, /no TextDecoder, no TextEncoder: load a polyfill/);
});

test("a call works again once the thing is there", async () => {
  const lines = await child(`${LOAD}
    const kept = {};
    for (const name of ["WebAssembly", "TextDecoder"]) {
      kept[name] = globalThis[name];
      delete globalThis[name];
      say(await failure(client.listManagedRunners(options)));
      globalThis[name] = kept[name];
    }
    say(await client.listManagedRunners(options));
  `);
  assert.deepEqual(
    lines.map(({ code, total }) => code ?? total),
    ["unsupported", "unsupported", 0],
  );
});

test("matchRunners, which gives no promise, throws `unsupported`", async () => {
  const [error] = await child(
    `${LOAD} delete globalThis.WebAssembly; say(await failure((async () => client.matchRunners([], []))()));`,
  );
  assert.deepEqual([error.code, error.retryable], ["unsupported", false]);
});
