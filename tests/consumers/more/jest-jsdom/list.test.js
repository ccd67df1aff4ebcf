/** @jest-environment ./environment.js */
const { ComfyControl, listManagedRunners } = require("comfycontrol-runners");
const { load } = require("./runners.js");

test("lists runners with Node's fetch and jsdom's signals", async () => {
  const { runners } = await listManagedRunners();
  expect(runners).toHaveLength(10);
});

test("a component lists them", async () => {
  const ul = document.body.appendChild(document.createElement("ul"));
  await load(ul, { signal: new AbortController().signal });
  expect(ul.children).toHaveLength(10);
});

test("an aborted call rejects with the reason", async () => {
  const controller = new AbortController();
  const call = listManagedRunners({ signal: controller.signal });
  controller.abort();
  await expect(call).rejects.toMatchObject({ name: "AbortError" });
});

test("a mock of fetch, given once to every call", async () => {
  const fetch = jest.fn(async () => ({
    ok: true,
    status: 200,
    json: async () => ({ runners: [], total: 0 }),
  }));
  const client = new ComfyControl({ fetch, baseUrl: "https://x.example" });
  await client.listManagedRunners();
  expect(await client.listManagedRunners()).toMatchObject({ total: 0 });
  expect(fetch).toHaveBeenCalledTimes(2);
});

test("after an hour of fake timers, the next call is not delayed", async () => {
  jest.useFakeTimers();
  jest.advanceTimersByTime(3_600_000);
  const options = {
    fetch: async () => ({ ok: true, status: 200, json: async () => ({ runners: [], total: 0 }) }),
    baseUrl: "https://y.example",
    rateLimit: { requests: 1, windowMs: 10_000 },
  };
  await listManagedRunners(options);
  jest.useRealTimers();
  await listManagedRunners(options);
});
