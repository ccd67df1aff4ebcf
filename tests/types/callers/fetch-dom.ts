// Functions that fit as `fetch`: a page's fetch, arrow functions, wrappers and mocks.
import { ComfyControl, listManagedRunners, type ClientOptions } from "comfycontrol-runners";

const runner = { id: "018f9c3e-0000-7000-8000-00000000000a" };
declare const wrapper: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;
declare const axiosLike: (
  url: string,
  init: { headers: Record<string, string>; signal?: AbortSignal | undefined },
) => Promise<{
  status: number;
  headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}>;

export const fetches: ClientOptions[] = [
  { fetch: globalThis.fetch },
  { fetch: window.fetch.bind(window) },
  { fetch: wrapper },
  { fetch: axiosLike },
  { fetch: (url, init) => fetch(url, init) },
  {
    fetch: async (url, init) => fetch(new URL(url, "https://x.example"), { ...init, credentials: "include" }),
  },
  { fetch: (...args) => fetch(...args) },
  { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) },
  { fetch: async (input: string) => fetch(input) },
  { fetch: async (input: string | URL | Request) => fetch(input) },
  { fetch: async () => new Response("{}") },
  { fetch: async () => ({ ok: true, status: 200, json: async () => ({ runners: [runner], total: 1 }) }) },
  { fetch: async () => ({ ok: true, status: 200, text: async () => "{}" }) },
  {
    fetch: async (url, init) => {
      const headers = new Headers(init.headers);
      headers.set("x-trace", "1");
      return fetch(url, { ...init, headers, signal: init.signal ?? null });
    },
  },
  {
    fetch: (url, init) => ((init.headers = { ...init.headers, "x-trace": "1" }), fetch(url.toString(), init)),
  },
];
void new ComfyControl({ fetch: wrapper });
void listManagedRunners({ fetch: async (url) => fetch(url) });

export const wrong: ClientOptions[] = [
  // @ts-expect-error a text is no Response
  { fetch: async () => "text" },
  // @ts-expect-error nothing is no Response
  { fetch: async () => {} },
  // @ts-expect-error the address is a text
  { fetch: async (url: number) => new Response(String(url)) },
  // @ts-expect-error a function
  { fetch: "fetch" },
];
