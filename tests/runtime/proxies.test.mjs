// A client in reactive state: its methods, getters and iterators work behind the proxies of Vue, MobX and others.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { reactive, readonly, ref, shallowRef } from "@vue/reactivity";
import { makeAutoObservable, observable } from "mobx";

import {
  ComfyControl,
  isComfyControlError,
  listManagedRunners,
  matchRunners,
} from "../package/support/package.mjs";
import { createEmulator, fakeRunners, ids } from "../package/support/testing.mjs";
import { noUnhandledRejections, thrown } from "../package/support/watch.mjs";

const closing = noUnhandledRejections();
const rows = fakeRunners(5);

/** A client over five runners. */
const make = (Client = ComfyControl) => new Client({ ...createEmulator({ runners: rows }).clientOptions });

/** A membrane: a proxy whose members are proxies, too. */
function membrane(target) {
  return new Proxy(target, {
    get(object, name, receiver) {
      const value = Reflect.get(object, name, receiver);
      return typeof value === "object" && value !== null && !(value instanceof Promise)
        ? membrane(value)
        : value;
    },
  });
}

class Store {
  constructor(client) {
    this.client = client;
    makeAutoObservable(this);
  }
}
class Mine extends ComfyControl {}

const WRAPPED = {
  "new Proxy(client, {})": (client) => new Proxy(client, {}),
  "a proxy of a proxy": (client) => new Proxy(new Proxy(client, {}), {}),
  "a membrane": membrane,
  "Vue's reactive": (client) => reactive({ client }).client,
  "Vue's ref": (client) => ref(client).value,
  "Vue's shallowRef": (client) => shallowRef(client).value,
  "Vue's readonly": (client) => readonly(client),
  "MobX' observable": (client) => observable({ client }).client,
  "MobX' observable of its own": (client) => observable(client),
  "a MobX store": (client) => new Store(client).client,
  "an object whose prototype it is": (client) => Object.create(client),
  "a frozen client": (client) => Object.freeze(client),
  "a subclass": () => make(Mine),
};

for (const [what, wrap] of Object.entries(WRAPPED)) {
  suite(what, () => {
    test("methods", async () => {
      const client = wrap(make());
      assert.equal((await client.listManagedRunners({ perPage: 5 })).runners.length, 5);
      assert.deepEqual(await client.getManagedRunner(rows[0].id), rows[0]);
      const { runners, report } = await client.collectManagedRunners();
      assert.deepEqual([runners.length, report.unique], [5, 5]);
    });

    test("the getter", async () => {
      const client = wrap(make());
      const { remaining } = client.rateLimit;
      await client.listManagedRunners();
      assert.equal(client.rateLimit.remaining, remaining - 1);
    });

    test("iterators", async () => {
      const client = wrap(make());
      const seen = [];
      for await (const runner of client.iterateManagedRunners({ perPage: 2 })) seen.push(runner.id);
      assert.deepEqual(seen, ids(rows));
      for await (const { runners } of client.watchManagedRunners()) {
        assert.equal(runners.length, 5);
        break;
      }
    });

    test("errors", async () => {
      const client = wrap(make());
      assert.equal((await thrown(client.listManagedRunners({ perPage: 0 }))).code, "invalid_options");
    });
  });
}

for (const [what, wrap] of Object.entries({
  "new Proxy": (it) => new Proxy(it, {}),
  "a membrane": membrane,
  "Vue's reactive": (it) => reactive({ it }).it,
  "MobX' observable": (it) => observable({ it }).it,
})) {
  test(`an iterator behind ${what}: next, for await, pages, report, checkpoint, return`, async () => {
    const iterator = wrap(make().iterateManagedRunners({ perPage: 2 }));
    assert.equal((await iterator.next()).value.id, rows[0].id);
    assert.equal(typeof iterator.checkpoint, "string");
    let met = 1;
    for await (const runner of iterator) met += runner.id ? 1 : 0;
    assert.deepEqual([met, iterator.report.unique], [5, 5]);

    const paged = wrap(make().iterateManagedRunners({ perPage: 2 }));
    const pages = wrap(paged.pages());
    assert.equal((await pages.next()).value.length, 2);
    for await (const runners of pages) assert.ok(runners.length <= 2);

    const left = wrap(make().iterateManagedRunners({ perPage: 2 }));
    await left.next();
    assert.deepEqual(await left.return(), { done: true, value: undefined });
  });

  test(`a watch behind ${what}: next and return`, async () => {
    const changes = wrap(make().watchManagedRunners({ interval: 60_000 }));
    assert.equal((await changes.next()).value.runners.length, 5);
    assert.equal((await changes.return()).done, true);
    for await (const { runners } of wrap(make().watchManagedRunners())) {
      assert.equal(runners.length, 5);
      break;
    }
  });
}

test("options, runners and tags may come out of reactive state", async () => {
  const api = createEmulator({ runners: [{ tags: ["gpu"] }, { tags: [] }, {}, {}, {}] });
  const options = reactive({ ...api.clientOptions, rateLimit: { requests: 5, windowMs: 1000 } });
  const page = await listManagedRunners({ ...options, ...reactive({ perPage: 2 }) });
  await new ComfyControl(options).listManagedRunners(reactive({ page: 2 }));
  assert.deepEqual(
    api.requests.map(({ page, perPage }) => [page, perPage]),
    [
      [1, 2],
      [2, 10],
    ],
  );
  const state = reactive({ page, tags: ["gpu"] });
  assert.equal(matchRunners(state.page.runners, state.tags).length, 2);
  assert.equal(matchRunners(observable(page.runners), observable(["gpu"])).length, 2);
});

test("an error is recognised out of reactive state", async () => {
  const api = createEmulator();
  api.failNext({ status: 404 });
  const error = await thrown(listManagedRunners(api.clientOptions));
  for (const kept of [reactive({ error }).error, new Proxy(error, {}), observable({ error }).error]) {
    assert.ok(isComfyControlError(kept, "not_found"));
    assert.deepEqual([kept.status, kept.retryable], [404, false]);
  }
});

closing();
