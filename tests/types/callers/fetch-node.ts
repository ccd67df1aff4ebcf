// Node's own fetch, undici's and node-fetch's, without the DOM's types.
import nodeFetch from "node-fetch";
import * as undici from "undici";
import { ComfyControl, listManagedRunners, type ClientOptions } from "comfycontrol-runners";

const agent = new undici.Agent();
export const fetches: ClientOptions[] = [
  { fetch: globalThis.fetch },
  { fetch: undici.fetch },
  { fetch: nodeFetch },
  { fetch: (url, init) => undici.fetch(url, { ...init, dispatcher: agent }) },
  { fetch: (url, init) => nodeFetch(url, init) },
  { fetch: async (url, init) => fetch(url, init) },
  { fetch: async () => new Response("{}") },
];
void new ComfyControl({ fetch: undici.fetch, token: async () => "cfc_", signal: undefined } as ClientOptions);
void listManagedRunners({ signal: AbortSignal.timeout(1000), fetch: nodeFetch });
void listManagedRunners({ signal: new AbortController().signal });
