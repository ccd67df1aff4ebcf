// The list that `comfycontrol-runners/store` saves for the next visit: when it is shown, and when it is removed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { suite, test } from "node:test";

import { virtualClock } from "../package/support/clock.mjs";
import { noUnhandledRejections } from "../package/support/watch.mjs";
import { OLD_BROWSER } from "../runtime/support/old-browser.mjs";
import { ComfyControl, createEmulator, folder, store as entry } from "./support/package.mjs";

const { runnersStore } = entry;
const closing = noUnhandledRejections();
const DAY = 86_400_000;

/** A storage like `localStorage`. With `wait`, its methods return promises. */
function memory(wait) {
  const texts = new Map();
  const answer = (value) => (wait ? wait().then(() => value()) : value());
  return {
    texts,
    writes: 0,
    getItem: (key) => answer(() => texts.get(key) ?? null),
    setItem(key, text) {
      this.writes += 1;
      return answer(() => void texts.set(key, text));
    },
    removeItem: (key) => answer(() => void texts.delete(key)),
    get text() {
      return [...texts.values()][0];
    },
    set text(text) {
      texts.set([...texts.keys()][0], text);
    },
  };
}

suite("the kept list", () => {
  const clock = virtualClock();
  const moment = () => clock.pass(1);

  /** An emulated API, and stores of its list that share a storage. */
  function setUp(storage = memory()) {
    const api = createEmulator({ runners: 5, rateLimit: false });
    const client = new ComfyControl({ ...api.clientOptions, maxRetries: 0 });
    const open = (options) => runnersStore(client, { storage, account: "acme", interval: 1000, ...options });
    return { api, client, storage, open };
  }
  /** Subscribes until the list was read once. */
  async function visit(store) {
    const leave = store.subscribe(() => {});
    await moment();
    leave();
    await moment();
    return store;
  }
  const shown = ({ value }) => [value.status, value.runners.length];

  test("is shown on the next visit before the first reading, with its age, and is then replaced", async () => {
    const { api, storage, open } = setUp();
    const { value } = await visit(open());
    await clock.pass(60_000);

    const store = open();
    assert.deepEqual(store.value.runners, api.runners);
    assert.deepEqual([store.value.status, store.value.updatedAt], ["stale", value.updatedAt]);
    assert.equal(store.getServerSnapshot().status, "loading", "a page hydrates what the server knew");
    assert.equal(api.requests.length, 1);
    api.add();
    await visit(store);
    assert.equal(JSON.parse(storage.text).runners.length, 6);
  });

  test("is shown without a network, together with the error", async () => {
    const { api, open } = setUp();
    await visit(open());
    api.failNext({ cut: "before-headers", times: Infinity });
    const store = open();
    const leave = store.subscribe(() => {});
    await clock.pass(20_000);
    assert.deepEqual([...shown(store), store.value.error.code], ["stale", 5, "connection_failed"]);
    leave();
  });

  test("does not replace `initialRunners`", async () => {
    const { api, open } = setUp();
    await visit(open());
    const initialRunners = api.runners.slice(2);
    assert.deepEqual(open({ initialRunners }).value.runners, initialRunners);
  });

  test("contains runners and a time, but no token", async () => {
    const { api, storage, open } = setUp();
    await visit(open());
    const [[key, text]] = storage.texts;
    assert.equal(key, `comfycontrol-runners/store ${JSON.stringify([api.baseUrl, "acme"])}`);
    assert.deepEqual(Object.keys(JSON.parse(text)), ["version", "savedAt", "runners"]);
    assert.ok(!`${key}${text}`.includes(api.token));
  });

  test("belongs to one account and one API", async () => {
    const { client, storage, open } = setUp();
    await visit(open());
    assert.deepEqual(shown(open({ account: "other" })), ["loading", 0]);
    assert.deepEqual(shown(open({ baseUrl: "https://elsewhere.test" })), ["loading", 0]);
    assert.deepEqual(shown(open()), ["stale", 5]);
    assert.throws(() => runnersStore(client, { storage }), /storage: needs `account`/);
  });

  test("expires", async () => {
    const { storage, open } = setUp();
    await visit(open());
    await clock.pass(DAY - 10);
    assert.deepEqual(shown(open()), ["stale", 5]);
    assert.deepEqual(shown(open({ maxAge: 60_000 })), ["loading", 0]);
    assert.equal(storage.texts.size, 0, "an expired list is removed");

    await visit(open());
    await clock.pass(DAY + 10);
    assert.deepEqual(shown(open()), ["loading", 0]);
    assert.equal(storage.texts.size, 0);
  });

  test("does not expire while the list stays the same, and is not written after every reading", async () => {
    const { storage, open } = setUp();
    const leave = open({ maxAge: 60_000 }).subscribe(() => {});
    await clock.pass(180_000);
    leave();
    await moment();
    assert.ok(storage.writes > 20 && storage.writes < 40, `${storage.writes} writes in some 180 readings`);
    assert.deepEqual(shown(open({ maxAge: 60_000 })), ["stale", 5]);
  });

  for (const status of [401, 403]) {
    test(`is no longer shown after a ${status}, and is removed`, async () => {
      const { api, storage, open } = setUp();
      await visit(open());
      api.failNext({ status });
      const store = open();
      const seen = [];
      const leave = store.subscribe(({ status, runners }) => seen.push([status, runners.length]));
      await moment();
      assert.deepEqual(seen, [
        ["stale", 5],
        ["error", 0],
      ]);
      assert.equal(storage.texts.size, 0);
      leave();
      await moment();
      assert.deepEqual(shown(store), ["error", 0], "nor when somebody comes back");
      assert.deepEqual(shown(open()), ["loading", 0]);
    });
  }

  test("is removed by `clear`", async () => {
    const { storage, open } = setUp();
    const store = await visit(open());
    store.clear();
    assert.equal(storage.texts.size, 0);
    assert.deepEqual(shown(store), ["loading", 0]);
    assert.deepEqual(shown(open()), ["loading", 0]);
  });

  suite("is checked", () => {
    const edit = (change) => (text) => {
      const list = JSON.parse(text);
      change(list, list.runners[1]);
      return JSON.stringify(list);
    };
    const cases = {
      "no JSON": (text) => text.slice(0, -5),
      "another value": () => "null",
      "an array": () => "[]",
      "another version": edit((list) => (list.version = 2)),
      "no time": edit((list) => delete list.savedAt),
      "a time that is text": edit((list) => (list.savedAt = String(list.savedAt))),
      "a time of the future": edit((list) => (list.savedAt += 60_000)),
      "no list": edit((list) => (list.runners = {})),
      "a runner that is null": edit((list) => (list.runners[1] = null)),
      "a runner that is an array": edit((list) => (list.runners[1] = [])),
      "a runner without a name": edit((list, runner) => delete runner.name),
      "an id that is no UUID": edit((list, runner) => (runner.id = "1")),
      "tags that are text": edit((list, runner) => (runner.tags = "gpu")),
      "a tag that is a number": edit((list, runner) => runner.tags.push(1)),
      "a status that is an object": edit((list, runner) => (runner.status = {})),
      "a time of creation without a zone": edit((list, runner) => (runner.createdAt = "2024-01-15T10:30:00")),
      "a day that is none": edit((list, runner) => (runner.updatedAt = "2024-13-45T10:30:00Z")),
      "a day that only some years have": edit((list, runner) => (runner.updatedAt = "2023-02-29T10:30:00Z")),
      "a runner twice": edit((list) => list.runners.push(list.runners[0])),
    };
    for (const [what, change] of Object.entries(cases)) {
      test(`${what}: is not shown, and is removed`, async () => {
        const { storage, open } = setUp();
        await visit(open());
        storage.text = change(storage.text);
        assert.deepEqual(shown(open()), ["loading", 0]);
        assert.equal(storage.texts.size, 0);
      });
    }

    test("a leap second, which the API may send, is valid", async () => {
      const { storage, open } = setUp();
      await visit(open());
      storage.text = edit((list, runner) => (runner.createdAt = "2016-12-31T23:59:60Z"))(storage.text);
      assert.deepEqual(shown(open()), ["stale", 5]);
    });

    test("unknown members of runners are left out", async () => {
      const { api, storage, open } = setUp();
      await visit(open());
      storage.text = storage.text.replace(/"name":/, '"__proto__":{"x":1},"extra":1,"name":');
      const { runners } = open().value;
      assert.deepEqual(runners, api.runners);
      assert.equal(runners[0].x, undefined);
    });
  });

  suite("a storage", () => {
    /** A promise's result as an object that has only `then`. */
    const onlyThen = (promise) => ({ then: (...given) => onlyThen(promise.then(...given)) });

    test("in a browser that starts WebAssembly only asynchronously: the list comes once it has started", () => {
      const source = `
        import { ComfyControl } from "comfycontrol-runners";
        import { runnersStore } from "comfycontrol-runners/store";
        import { createEmulator, ready } from "comfycontrol-runners/testing";
        await ready();
        const api = createEmulator({ runners: 5 });
        ${OLD_BROWSER}
        const client = new ComfyControl({ ...api.clientOptions });
        const kept = JSON.stringify({ version: 1, savedAt: Date.now(), runners: api.runners });
        const storage = { getItem: () => kept, setItem() {}, removeItem() {} };
        const store = runnersStore(client, { storage, account: "acme", baseUrl: api.baseUrl });
        const statuses = [store.value.status];
        await new Promise((resolve) => {
          const leave = store.subscribe(({ status, runners }) => {
            statuses.push(status + " " + runners.length);
            if (status === "ready") resolve(leave());
          });
        });
        console.log(JSON.stringify(statuses));
      `;
      const args = ["--input-type=module", "-e", source];
      const statuses = JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" }));
      assert.deepEqual(statuses, ["loading", "loading 0", "stale 5", "ready 5"]);
    });

    const fails = () => {
      throw new Error("turned off");
    };
    const rejects = () => Promise.reject(new Error("turned off"));
    for (const [what, storage] of [
      ["that throws", { getItem: fails, setItem: fails, removeItem: fails }],
      ["that rejects", { getItem: rejects, setItem: rejects, removeItem: rejects }],
      [
        "that rejects with objects that have only `then`",
        {
          getItem: () => onlyThen(rejects()),
          setItem: () => onlyThen(rejects()),
          removeItem: () => onlyThen(rejects()),
        },
      ],
      ["that is not there", () => undefined],
      ["that the browser forbids", fails],
      ["without methods", () => ({})],
    ]) {
      test(`${what}: the store works without it`, async () => {
        const { api, open } = setUp(storage);
        const store = await visit(open());
        assert.deepEqual(store.value.runners, api.runners);
        store.clear();
        assert.deepEqual(shown(store), ["loading", 0]);
        await moment();
      });
    }

    test("with objects that have only `then`: a 403 and `clear` remove the list", async () => {
      const storage = memory(() => onlyThen(Promise.resolve()));
      const { api, open } = setUp(storage);
      await visit(open());
      assert.equal(storage.texts.size, 1);

      api.failNext({ status: 403 });
      const store = open();
      const leave = store.subscribe(() => {});
      await moment();
      assert.deepEqual([...shown(store), storage.texts.size], ["error", 0, 0]);
      await clock.pass(3000);
      assert.deepEqual([...shown(store), storage.texts.size], ["ready", 5, 1]);
      store.clear();
      assert.deepEqual(shown(store), ["loading", 0]);
      leave();
      await moment();
      assert.equal(storage.texts.size, 0);
    });

    for (const [what, fail] of [
      ["throws", fails],
      ["rejects", rejects],
      ["rejects with an object that has only `then`", () => onlyThen(rejects())],
    ]) {
      test(`that ${what} once: the list is saved after the next reading, though it is the same`, async () => {
        const storage = memory();
        const { setItem } = storage;
        storage.setItem = () => {
          storage.setItem = setItem;
          return fail();
        };
        const { open } = setUp(storage);
        const leave = open().subscribe(() => {});
        await moment();
        assert.equal(storage.texts.size, 0);
        await clock.pass(5000);
        assert.deepEqual([storage.texts.size, storage.writes], [1, 1]);
        leave();
      });
    }

    test("may be a function that returns it", async () => {
      const storage = memory();
      const { open } = setUp(() => storage);
      await visit(open());
      assert.deepEqual(shown(open()), ["stale", 5]);
    });

    /** Resolves after `ms`. */
    const later = (ms) => () => new Promise((resolve) => setTimeout(resolve, ms));

    test("with promises: the list comes a moment later, and operations keep their order", async () => {
      const { api, storage, open } = setUp(memory(later(50)));
      await visit(open());
      await clock.pass(200);
      assert.equal(storage.texts.size, 1);

      api.failNext({ cut: "before-headers" });
      const store = open();
      assert.deepEqual(shown(store), ["loading", 0]);
      const leave = store.subscribe(() => {});
      await moment();
      assert.deepEqual(shown(store), ["error", 0]);
      await clock.pass(100);
      assert.deepEqual([...shown(store), store.value.error.code], ["stale", 5, "connection_failed"]);
      store.clear();
      await clock.pass(300);
      leave();
    });

    test("with promises: removing waits for a write that is under way", async () => {
      const storage = memory();
      const { setItem } = storage;
      storage.setItem = (...given) => later(500)().then(() => setItem.apply(storage, given));
      const { open } = setUp(storage);
      const store = await visit(open());
      store.clear();
      await clock.pass(2000);
      assert.deepEqual([storage.writes, storage.texts.size], [1, 0]);
    });

    test("with promises: a list that comes after a reading or a 401 is ignored", async () => {
      const { api, storage, open } = setUp(memory(later(500)));
      await visit(open());
      await clock.pass(2000);

      api.add();
      let store = open();
      let leave = store.subscribe(() => {});
      await clock.pass(600);
      assert.deepEqual(shown(store), ["ready", 6]);
      leave();

      api.failNext({ status: 401 });
      store = open();
      leave = store.subscribe(() => {});
      await clock.pass(800);
      assert.deepEqual(shown(store), ["error", 0]);
      leave();
      await clock.pass(3000);
      assert.equal(storage.texts.size, 0);
    });
  });
});

closing();
