// Why the tabs' state is in IndexedDB: five tabs, each a separate process, add 1 to a shared number 400 times each.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startChromium, startEmulator } from "../www/harness.js";
import { openTab } from "./support/pages.mjs";

const TABS = 5;
const TIMES = 400;

let emulator, browser, pages;
before(async () => {
  [emulator, browser] = await Promise.all([startEmulator(), startChromium()]);
  const context = await browser.newContext();
  pages = await Promise.all(Array.from({ length: TABS }, () => openTab(context, emulator.url)));
});
after(() => Promise.all([emulator?.stop(), browser?.close()]));

test("IndexedDB loses no change: it runs the transactions of all processes one after the other", async () => {
  await Promise.all(
    pages.map((page) =>
      page.evaluate(async (times) => {
        const database = await new Promise((resolve, reject) => {
          const request = indexedDB.open("count", 1);
          request.onupgradeneeded = () => request.result.createObjectStore("numbers");
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
        for (let time = 0; time < times; time += 1) {
          await new Promise((resolve, reject) => {
            const transaction = database.transaction("numbers", "readwrite", { durability: "relaxed" });
            const store = transaction.objectStore("numbers");
            const reading = store.get("count");
            reading.onsuccess = () => store.put((reading.result ?? 0) + 1, "count");
            transaction.oncomplete = resolve;
            transaction.onabort = () => reject(transaction.error);
          });
        }
      }, TIMES),
    ),
  );
  const count = await pages[0].evaluate(
    () =>
      new Promise((resolve) => {
        indexedDB.open("count").onsuccess = ({ target }) => {
          const reading = target.result.transaction("numbers").objectStore("numbers").get("count");
          reading.onsuccess = () => resolve(reading.result);
        };
      }),
  );
  assert.equal(count, TABS * TIMES);
});

test("localStorage under a Web Lock may lose changes; prints how many", async (t) => {
  const counts = await Promise.all(
    pages.map((page) =>
      page.evaluate(async (times) => {
        for (let time = 0; time < times; time += 1) {
          await navigator.locks.request("count", () => {
            localStorage.setItem("count", Number(localStorage.getItem("count")) + 1);
          });
        }
        return Number(localStorage.getItem("count"));
      }, TIMES),
    ),
  );
  // A later browser version may lose none. Then localStorage becomes an option again.
  t.diagnostic(`${Math.max(...counts)} of ${TABS * TIMES} are left`);
  assert.ok(Math.max(...counts) <= TABS * TIMES);
});
