// Loads `harness/` (see there) and makes of it the function that the tests beside this file take:
// `decode(bytes, { single, collect })` → `{ runners, total, invalid }`, or throws an error with `kind`,
// `path`, `found` and `offset`.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { buildRunners } from "../../js/build-page.js";

const KINDS = ["truncated", "malformed", "utf8", "schema", "too long"];
const root = fileURLToPath(new URL("./harness/", import.meta.url));

/** Builds the harness, unless HARNESS_WASM names one, and returns its bytes. */
export function build() {
  if (process.env.HARNESS_WASM) return readFileSync(process.env.HARNESS_WASM);
  const target = process.env.CARGO_TARGET_DIR ?? `${root}target`;
  execFileSync("cargo", ["build", "--quiet", "--release", "--target", "wasm32-unknown-unknown"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, CARGO_TARGET_DIR: target, RUSTFLAGS: "-C target-feature=+simd128,+bulk-memory" },
  });
  return readFileSync(`${target}/wasm32-unknown-unknown/release/decode_harness.wasm`);
}

/** @param {BufferSource} wasm */
export function load(wasm) {
  // As wasm-bindgen passes a `&str`.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
  const decodeText = (at, length) => decoder.decode(new Uint8Array(exports.memory.buffer, at, length));
  const host = { number: (at, length) => Number(decodeText(at, length)) };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { host });

  function fill(bytes) {
    const at = exports.body(bytes.length);
    new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
  }

  const text = (length) => decodeText(exports.text(), length);

  function problem() {
    const [path, found] = text(exports.problem_text()).split("\0");
    return { kind: KINDS[exports.problem_kind()], path, found, offset: exports.problem_offset() };
  }

  function decode(bytes, { single = false, collect = false, keys = false } = {}) {
    fill(bytes);
    if (!exports.read(Number(collect) | (Number(single) << 1) | (Number(keys) << 2))) {
      const failure = problem();
      throw Object.assign(new Error(`${failure.kind} at ${failure.path || "the root"}`), failure);
    }
    const columns = new Int32Array(exports.memory.buffer, exports.columns(), exports.columns_len());
    const ascii = decodeText(exports.ascii(), exports.ascii_len());
    const wide = decodeText(exports.wide(), exports.wide_len());
    const runners = buildRunners(columns, ascii, wide);
    const page = { runners, total: exports.total() };
    if (collect) {
      page.invalid = [];
      const count = exports.invalid(0);
      for (let i = 0; i < count; i++) {
        exports.invalid(i);
        page.invalid.push(problem());
      }
    }
    return page;
  }

  function message(bytes) {
    fill(bytes);
    const length = exports.message();
    return length < 0 ? undefined : text(length);
  }

  return { decode, message, exports, fill };
}
