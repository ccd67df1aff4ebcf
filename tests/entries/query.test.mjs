// `comfycontrol-runners/query` with the core of TanStack Query, which all its adapters share.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { InfiniteQueryObserver, QueryClient, QueryObserver, dehydrate, hydrate } from "@tanstack/query-core";

import { poll } from "../package/support/watch.mjs";
import { ComfyControl, createEmulator, isComfyControlError, query } from "./support/package.mjs";

const { allRunnersQuery, runnerQuery, runnersInfiniteQuery, runnersKey, runnersQuery } = query;

/** An emulated API, a client, and a `QueryClient` whose timers do not keep the process alive. */
function setUp(options, clientOptions) {
  const api = createEmulator({ runners: 25, rateLimit: false, ...options });
  const client = new ComfyControl({ ...api.clientOptions, ...clientOptions });
  return { api, client, queries: new QueryClient({ defaultOptions: { queries: { gcTime: Infinity } } }) };
}
const ids = (runners) => runners.map(({ id }) => id);
const pagesOf = ({ requests }) => requests.map(({ page }) => page);

suite("keys", () => {
  test("contain the base URL, the account's label and the parameters, in one form per call", () => {
    const { api, client } = setUp();
    const scope = { baseUrl: api.baseUrl, account: "acme" };
    const account = "acme";
    assert.deepEqual(runnersKey(client, { account }), ["comfycontrol-runners", scope]);
    const keys = [
      [runnersQuery(client, { account }), "page", { page: 1, perPage: 10 }],
      [runnersQuery(client, { account, page: 3, perPage: 50 }), "page", { page: 3, perPage: 50 }],
      [runnerQuery(client, "x", { account }), "runner", { id: "x" }],
      [allRunnersQuery(client, { account }), "all", { consistency: "reconcile" }],
      [runnersInfiniteQuery(client, { account, perPage: 7 }), "infinite", { perPage: 7 }],
    ];
    const { queryKey } = allRunnersQuery(client, { account, limit: 5 });
    assert.deepEqual(queryKey, [
      "comfycontrol-runners",
      scope,
      "all",
      { consistency: "reconcile", limit: 5 },
    ]);
    for (const [{ queryKey }, ...rest] of keys)
      assert.deepEqual(queryKey, ["comfycontrol-runners", scope, ...rest]);
    // Options that do not change the result are not in the key.
    assert.deepEqual(
      runnersQuery(client, { page: 1, timeout: 5, maxRetries: 0 }).queryKey,
      runnersQuery(client).queryKey,
    );
  });

  test("never contain a token, wherever it comes from", () => {
    const secret = "cfc_very_secret";
    const { api } = setUp();
    for (const token of [secret, () => secret]) {
      const client = new ComfyControl({ ...api.clientOptions, token });
      const all = [
        runnersQuery(client),
        runnerQuery(client, "x"),
        allRunnersQuery(client),
        runnersInfiniteQuery(client),
      ];
      for (const { queryKey } of all) assert.ok(!JSON.stringify(queryKey).includes("secret"));
    }
    const client = new ComfyControl({ ...api.clientOptions });
    for (const name of ["account", "baseUrl"]) {
      for (const value of [secret, ` ${secret}`, `Bearer ${secret}`, `https://x.test/${secret}`]) {
        assert.throws(() => runnersQuery(client, { [name]: value }), {
          name: "TypeError",
          message: `${name}: expected a label of your own, not a token`,
        });
      }
    }
  });

  test("contain the base URL: the documented one, that of the environment, a path, and that of a client behind a Proxy", () => {
    const baseUrl = (client, options) => runnersKey(client, options)[1].baseUrl;
    const token = "cfc_x";
    assert.equal(baseUrl(new ComfyControl({ token })), "https://api.comfycontrol.app");
    process.env.COMFYCONTROL_BASE_URL = "https://elsewhere.test";
    try {
      assert.equal(baseUrl(new ComfyControl({ token })), "https://elsewhere.test");
    } finally {
      delete process.env.COMFYCONTROL_BASE_URL;
    }
    const client = new ComfyControl({ baseUrl: "/api", fetch: () => Promise.reject(new Error("none")) });
    assert.equal(baseUrl(client), "/api");
    assert.equal(baseUrl(new Proxy(client, {})), "/api");
    assert.equal(baseUrl(client, { baseUrl: "the API" }), "the API");
  });

  test("two clients whose base URLs are unknown have different keys", () => {
    const fake = () => ({ listManagedRunners: async () => ({}) });
    const [one, other] = [fake(), fake()];
    assert.deepEqual(runnersKey(one), runnersKey(one));
    assert.notDeepEqual(runnersKey(one), runnersKey(other));
    const real = setUp().client;
    assert.equal(
      real.rateLimit.remaining,
      40,
      "asking for it is no defect that the real client recovers from",
    );
    for (const client of [undefined, null, "client"]) assert.throws(() => runnersKey(client), TypeError);
    for (const account of ["", 7, null])
      assert.throws(() => runnersKey(one, { account }), /^TypeError: account: expected a string/);
  });
});

suite("calls", () => {
  test("one page, by its number and size", async () => {
    const { api, client, queries } = setUp();
    const data = await queries.fetchQuery(runnersQuery(client, { page: 2, perPage: 10 }));
    assert.deepEqual(ids(data.runners), ids(api.runners.slice(10, 20)));
    assert.deepEqual([data.total, data.page, data.pageCount], [25, 2, 3]);
    assert.equal(api.requests.length, 1);
  });

  test("one runner", async () => {
    const { api, client, queries } = setUp();
    const [, runner] = api.runners;
    assert.deepEqual(await queries.fetchQuery(runnerQuery(client, runner.id)), runner);
  });

  test("the whole list, each runner once, even if the list changes meanwhile", async () => {
    const { api, client, queries } = setUp({ runners: 60 });
    const stayed = ids(api.runners.slice(20));
    api.changeWhile({ every: 2, times: 4 }, (list) => {
      list.remove(list.runners[0].id);
      list.add();
      list.add();
    });
    const { runners, report } = await queries.fetchQuery(allRunnersQuery(client, { perPage: 10 }));
    assert.equal(new Set(ids(runners)).size, runners.length);
    for (const id of stayed) assert.ok(ids(runners).includes(id), id);
    assert.ok(report.duplicates > 0);
  });

  test("two observers of one query make one request", async () => {
    const { api, client, queries } = setUp();
    const observers = [1, 2].map(() => new QueryObserver(queries, runnersQuery(client)));
    const leave = observers.map((observer) => observer.subscribe(() => {}));
    await poll(() => observers.every((observer) => observer.getCurrentResult().isSuccess));
    assert.equal(api.requests.length, 1);
    for (const end of leave) end();
  });

  test("the page does not read again what the server has read, even if both use different addresses of the API", async () => {
    const { api, client, queries } = setUp();
    const options = { account: "acme", baseUrl: "the API" };
    await queries.prefetchQuery(runnersQuery(client, options));
    const sent = JSON.parse(JSON.stringify(dehydrate(queries)));

    const page = new ComfyControl({ baseUrl: "/api", fetch: api.fetch });
    const queriesOfPage = new QueryClient();
    hydrate(queriesOfPage, sent);
    const data = await queriesOfPage.fetchQuery({ ...runnersQuery(page, options), staleTime: Infinity });
    assert.deepEqual(ids(data.runners), ids(api.runners.slice(0, 10)));
    assert.equal(api.requests.length, 1);
    queriesOfPage.clear();
  });

  test("runnersKey invalidates all queries of its account, and none of another", async () => {
    const { client, queries } = setUp();
    for (const account of ["one", "two"]) {
      await queries.prefetchQuery(runnersQuery(client, { account }));
      await queries.prefetchQuery(allRunnersQuery(client, { account }));
    }
    await queries.invalidateQueries({ queryKey: runnersKey(client, { account: "one" }) });
    const invalidated = queries
      .getQueryCache()
      .findAll()
      .filter(({ state }) => state.isInvalidated)
      .map(({ queryKey }) => queryKey[1].account);
    assert.deepEqual(invalidated, ["one", "one"]);
  });
});

suite("failures", () => {
  test("are retried only by the client", async () => {
    const { api, client, queries } = setUp({}, { maxRetries: 1 });
    // TanStack Query would retry three times.
    const observer = new QueryObserver(queries, runnersQuery(client));
    api.failNext({ status: 503, times: Infinity });
    const end = observer.subscribe(() => {});
    await poll(() => observer.getCurrentResult().isError);
    assert.equal(api.requests.length, 2);
    const { error, failureCount } = observer.getCurrentResult();
    assert.ok(isComfyControlError(error, "server_error"));
    assert.equal(failureCount, 1);
    end();
  });

  for (const [what, options] of [
    ["a page", (client) => runnersQuery(client)],
    ["one runner", (client) => runnerQuery(client, "018f9c3e-0000-7000-8000-00000000000a")],
    ["the whole list", (client) => allRunnersQuery(client)],
    ["an infinite query", (client) => runnersInfiniteQuery(client)],
  ]) {
    test(`${what}: the query has no observer any more, and the request is cancelled`, async () => {
      const { api, client, queries } = setUp();
      api.failNext({ stall: "before-headers" });
      const given = options(client);
      const Observer = given.initialPageParam ? InfiniteQueryObserver : QueryObserver;
      const observer = new Observer(queries, given);
      const end = observer.subscribe(() => {});
      await poll(() => api.requests.length === 1);
      end();
      await poll(() => api.requests[0].outcome === "aborted", JSON.stringify(api.requests));
      assert.equal(api.requests.length, 1);
    });
  }

  test("an observer that leaves and comes back at once, as in StrictMode, makes one request", async () => {
    const { api, client, queries } = setUp();
    const observer = new QueryObserver(queries, runnersQuery(client));
    observer.subscribe(() => {})();
    const end = observer.subscribe(() => {});
    await poll(() => observer.getCurrentResult().isSuccess);
    assert.equal(api.requests.length, 1);
    end();
  });
});

suite("infinite queries", () => {
  /** Loads all pages, and calls `between` after each. */
  async function scroll(options, change = () => {}, perPage = 10) {
    const { api, client, queries } = setUp(options);
    const observer = new InfiniteQueryObserver(queries, runnersInfiniteQuery(client, { perPage }));
    const end = observer.subscribe(() => {});
    await poll(() => observer.getCurrentResult().isSuccess);
    let turns = 0;
    while (observer.getCurrentResult().hasNextPage) {
      change(api, (turns += 1));
      await observer.fetchNextPage();
      assert.ok(turns < 50, "it ends");
    }
    end();
    return { api, observer, ...observer.getCurrentResult().data };
  }

  test("if the list does not change, each page is read exactly once", async () => {
    const { api, runners, pages, pageParams } = await scroll();
    assert.deepEqual(ids(runners), ids(api.runners));
    assert.deepEqual(pageParams, [1, 2, 3]);
    assert.deepEqual(
      pages.map(({ runners }) => runners.length),
      [10, 10, 5],
    );
    assert.equal(api.requests.length, 3);
    assert.equal((await scroll({ runners: 20 })).api.requests.length, 2, "pages that are all full");
    assert.equal((await scroll({ runners: 0 })).api.requests.length, 1, "no runner");
  });

  test("if runners are added meanwhile, no runner is repeated", async () => {
    const { runners, pages, api } = await scroll({ runners: 40 }, (list) => {
      list.add();
      list.add();
    });
    assert.equal(new Set(ids(runners)).size, runners.length);
    assert.deepEqual(ids(runners), ids(pages.flatMap(({ runners }) => runners)));
    const added = api.runners.length - 40;
    assert.deepEqual(
      ids(runners),
      ids(api.runners.slice(added)),
      "all that was there at the start, in order",
    );
  });

  for (const [what, perPage, removed] of [
    ["one", 10, 1],
    ["a page of them", 10, 10],
    ["more than a page of them", 5, 12],
  ]) {
    test(`if runners are removed meanwhile, ${what}, no remaining runner is lost`, async () => {
      const { runners, api } = await scroll(
        { runners: 60 },
        (list, turn) => {
          if (turn === 4) for (let i = 0; i < removed; i += 1) list.remove(list.runners[0].id);
        },
        perPage,
      );
      const found = new Set(ids(runners));
      assert.equal(found.size, runners.length);
      for (const { id } of api.runners) assert.ok(found.has(id), id);
    });
  }

  test("if one runner is removed before each page, it still goes on, and loses none", async () => {
    const { api, runners } = await scroll({ runners: 100 }, (list) => list.remove(list.runners[0].id));
    const found = new Set(ids(runners));
    for (const { id } of api.runners) assert.ok(found.has(id), id);
    assert.ok(api.requests.length <= 30, pagesOf(api).join());
  });

  test("after a removal, only the pages are read again that later runners moved up to", async () => {
    const { api } = await scroll(
      { runners: 60 },
      (list, turn) => turn === 4 && list.remove(list.runners[0].id),
    );
    assert.deepEqual(pagesOf(api), [1, 2, 3, 4, 5, 4, 6]);
  });

  test("a refetch requests the same pages, and shows the current runners", async () => {
    const { api, observer } = await scroll();
    const before = pagesOf(api);
    const added = api.add();
    const { data } = await observer.refetch();
    assert.deepEqual(pagesOf(api).slice(before.length), [1, 2, 3]);
    assert.deepEqual(ids(data.runners), ids(api.runners));
    assert.equal(data.runners[0].id, added.id);
  });

  test("a `select` of your own can call that of the entry", async () => {
    const { client, queries } = setUp();
    const options = runnersInfiniteQuery(client);
    const observer = new InfiniteQueryObserver(queries, {
      ...options,
      select: (data) => options.select(data).runners.length,
    });
    const end = observer.subscribe(() => {});
    await poll(() => observer.getCurrentResult().isSuccess);
    assert.equal(observer.getCurrentResult().data, 10);
    end();
  });
});
