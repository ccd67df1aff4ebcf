// Prints how many bytes a call leaves behind that only a full collection frees.

/* global gc */

import { pathToFileURL } from "node:url";

const { ComfyControl } = await import(pathToFileURL(process.argv[2]).href);
const bytes = new TextEncoder().encode('{"runners":[],"total":0}');
const headers = new Headers();
// Uses no `Response` and no signal: those of Node leave more behind than the client does.
const fetch = async () => ({ status: 200, headers, arrayBuffer: async () => bytes.slice().buffer });
const client = new ComfyControl({ fetch, token: "cfc_x", rateLimit: false });

async function calls(number) {
  for (let done = 0; done < number; done += 1) await client.listManagedRunners({ page: 1 });
  await new Promise((resolve) => setImmediate(resolve));
  // An object becomes old when it survives one of these.
  for (let times = 0; times < 3; times += 1) gc({ type: "minor" });
  return process.memoryUsage().heapUsed;
}

await calls(3_000);
gc();
const before = await calls(500);
console.log(Math.round(((await calls(2_500)) - before) / 2_500));
