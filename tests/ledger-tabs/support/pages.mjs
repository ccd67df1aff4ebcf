// Tabs of one origin in real Chromium. Each is a separate process, and loads only the package.

/** The script of each page: `work` makes calls, and returns how they ended. */
export function prepare() {
  window.events = [];
  /** Makes calls concurrently. Returns how many succeeded, and the error codes of the others. */
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
    // Different pages, because Chromium makes requests to the same URL one after the other.
    const call = (_, index) =>
      window.client.listManagedRunners({ page: index + 1 }).then(
        () => (ended.succeeded += 1),
        (error) => ended.codes.push(error.code ?? String(error)),
      );
    await Promise.all(Array.from({ length: calls }, call));
    return ended;
  };
}

/**
 * Makes time run five times as fast in a page: 500 ms of the server are 2,500 ms there. The clock does not depend on
 * when the page was opened: tabs have the same clock, and the ledger relies on that.
 */
export function hurry() {
  const [{ now }, start] = [Date, performance.now.bind(performance)];
  const { setTimeout } = window;
  performance.now = () => 5 * start();
  Date.now = () => 5 * now();
  window.setTimeout = (run, ms, ...rest) => setTimeout(run, ms / 5, ...rest);
}

/** Blocks the storage in a page with a transaction that lasts until `release`. */
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

/** Opens a tab. `script` runs in it before all other scripts. */
export async function openTab(context, url, script) {
  const page = await context.newPage();
  await page.addInitScript(prepare);
  if (script) await page.addInitScript(script);
  // A file of the package serves as a page without scripts.
  await page.goto(`${url}/pkg/tabs.js`);
  return page;
}

/** The states in the `ledger` events of a page's client: `lost`, `back`. */
export const ledgerStates = (page) =>
  page.evaluate(() => window.events.filter(({ type }) => type === "ledger").map(({ state }) => state));
