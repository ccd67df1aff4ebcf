// Tabs of one origin in real Chromium, each in a process of its own, with nothing on them but the package.

/** What each page has: `work`, which makes calls, and says how they ended. */
export function prepare() {
  window.events = [];
  /** Makes calls, so many at once. Gives how many succeeded, and the codes of the others. */
  window.work = async ({ calls, requests, windowMs, timeout = 2_000, maxRetries = 0, ledger = {} }) => {
    const [{ ComfyControl }, { tabsLedger }] = await Promise.all([
      import("/pkg/index.js"),
      import("/pkg/tabs.js"),
    ]);
    window.client ??= new ComfyControl({
      baseUrl: location.origin,
      token: "cfc_demo",
      maxRetries,
      timeout,
      rateLimit: { requests, windowMs, ledger: tabsLedger(ledger) },
      onEvent: (event) => window.events.push(event),
    });
    const ended = { succeeded: 0, codes: [] };
    // Pages of their own: Chromium makes one request after the other where the address is the same.
    const call = (_, index) =>
      window.client.listManagedRunners({ page: index + 1 }).then(
        () => (ended.succeeded += 1),
        (error) => ended.codes.push(error.code ?? String(error)),
      );
    await Promise.all(Array.from({ length: calls }, call));
    return ended;
  };
}

/** Time runs five times as fast in a page with this script: 500 ms of the server are 2,500 ms there. */
export function hurry() {
  const [{ now }, start] = [Date, performance.now.bind(performance)];
  const { setTimeout } = window;
  const began = now();
  performance.now = () => 5 * start();
  Date.now = () => began + 5 * (now() - began);
  window.setTimeout = (run, ms, ...rest) => setTimeout(run, ms / 5, ...rest);
}

/** Holds the storage up in a page: a transaction that goes on until `release`. */
export const hold = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        indexedDB.open("comfycontrol-runners/default").onsuccess = ({ target }) => {
          const store = target.result.transaction("ledgers", "readwrite").objectStore("ledgers");
          window.isHolding = true;
          const goOn = () => {
            resolve();
            if (window.isHolding) store.get("any").onsuccess = goOn;
          };
          goOn();
        };
      }),
  );
export const release = (page) => page.evaluate(() => void (window.isHolding = false));

/** Opens a tab. `script` runs in it before all others. */
export async function openTab(context, url, script) {
  const page = await context.newPage();
  await page.addInitScript(prepare);
  if (script) await page.addInitScript(script);
  // A file of the package: a page without any script.
  await page.goto(`${url}/pkg/tabs.js`);
  return page;
}

/** What the client of a page said of its ledger: `lost`, `back`. */
export const ledgerStates = (page) =>
  page.evaluate(() => window.events.filter(({ type }) => type === "ledger").map(({ state }) => state));
