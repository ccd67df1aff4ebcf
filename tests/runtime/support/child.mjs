// Child processes, for changes that cannot be undone: missing globals, flags, modules that load once.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";

import { folder } from "../../package/support/package.mjs";

/**
 * Runs a program beside the installed package. Returns the lines that it printed, each parsed as JSON.
 * `say(value)` prints a line; `failure(promise)` returns the members of the error that a promise rejects with.
 */
export async function child(source, { flags = [], type = "module" } = {}) {
  const { code, stdout, stderr } = await end(`${TOOLS}\n${source}`, { flags, type });
  // For an uncaught error, Node prints the whole source line before the message.
  assert.equal(code, 0, (stderr || stdout).replace(/^(.{300}).*$/gm, "$1…"));
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{") || line.startsWith("["))
    .map((line) => JSON.parse(line));
}

/** Runs a program beside the installed package to its end, however it ends. */
export function end(source, { flags = [], type = "module" } = {}) {
  const args = [...flags, "--no-warnings", `--input-type=${type}`, "-e", source];
  return new Promise((resolve) => {
    const finish = (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr });
    execFile(process.execPath, args, { cwd: folder, timeout: 60_000 }, finish);
  });
}

const TOOLS = `
  const { log } = console;
  const say = (value) => log(JSON.stringify(value));
  const failure = async (promise) => {
    try {
      await promise;
    } catch (error) {
      const { name, code, message, retryable, cause } = error ?? { name: String(error) };
      return { name, code, message, retryable, cause: cause && { name: cause.name, message: cause.message } };
    }
    return { code: "none" };
  };
  const requests = [];
  const empty = (url, init) => {
    requests.push({ url, init });
    return Promise.resolve(new Response('{"runners":[],"total":0}'));
  };
  const options = { fetch: empty, baseUrl: "https://x.example", rateLimit: false, maxRetries: 0 };
`;
