// Bun's fetch, which has more members than a page's.
import { listManagedRunners, type ClientOptions } from "comfycontrol-runners";

export const fetches: ClientOptions[] = [
  { fetch },
  { fetch: Bun.fetch },
  { fetch: globalThis.fetch },
  { fetch: (url, init) => fetch(url, { ...init, verbose: true }) },
  { fetch: async (url, init) => Bun.fetch(url, init) },
];
void listManagedRunners({ fetch, signal: AbortSignal.timeout(1000), token: Bun.env.MY_TOKEN });
