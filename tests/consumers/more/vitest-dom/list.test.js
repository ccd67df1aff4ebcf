import { ComfyControl, isComfyControlError, listManagedRunners, matchRunners } from "comfycontrol-runners";
import { expect, test, vi } from "vitest";

// A page's fetch would ask its own origin; what is tested are the globals that jsdom and happy-dom put in the
// place of Node's.
const options = { baseUrl: process.env.COMFYCONTROL_BASE_URL, token: process.env.COMFYCONTROL_TOKEN };

test("lists runners", async () => {
  const { runners } = await listManagedRunners(options);
  expect(runners).toHaveLength(10);
  expect(matchRunners(runners, [])).toHaveLength(10);
});

test("reads all pages, and is aborted by a signal of the environment's", async () => {
  const client = new ComfyControl(options);
  expect((await client.collectManagedRunners()).runners).toHaveLength(250);
  const controller = new AbortController();
  const call = client.listManagedRunners({ signal: controller.signal });
  controller.abort();
  await expect(call).rejects.toMatchObject({ name: "AbortError" });
});

test("errors have their code", async () => {
  const error = await listManagedRunners({ ...options, perPage: 0 }).catch((error) => error);
  expect(isComfyControlError(error, "invalid_options")).toBe(true);
});

test("a mock of fetch", async () => {
  const fetch = vi.fn(async () => ({ ok: true, status: 200, json: async () => ({ runners: [], total: 0 }) }));
  expect(await listManagedRunners({ fetch, baseUrl: "https://x.example" })).toMatchObject({ total: 0 });
  expect(fetch).toHaveBeenCalledTimes(1);
});

test("after an hour of fake timers, the next call is not delayed", async () => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(3_600_000);
  const limited = {
    fetch: async () => new Response('{"runners":[],"total":0}'),
    baseUrl: "https://y.example",
    rateLimit: { requests: 1, windowMs: 10_000 },
  };
  await listManagedRunners(limited);
  vi.useRealTimers();
  await listManagedRunners(limited);
});
