// `comfycontrol-runners/query`: the client's calls as options for TanStack Query v5.

import { scopeOf } from "./scope.js";

/** @type {typeof import("./index.js").runnersKey} */
export function runnersKey(client, options = {}) {
  return ["comfycontrol-runners", scopeOf(client, options)];
}

/** @type {typeof import("./index.js").runnersQuery} */
export function runnersQuery(client, options = {}) {
  const { scope, call } = split(options);
  const { page = 1, perPage = 10 } = call;
  return {
    queryKey: [...runnersKey(client, scope), "page", { page, perPage }],
    queryFn: ({ signal }) => client.listManagedRunners({ ...call, page, perPage, signal }),
    // The client retries.
    retry: false,
  };
}

/** @type {typeof import("./index.js").runnerQuery} */
export function runnerQuery(client, id, options = {}) {
  const { scope, call } = split(options);
  return {
    queryKey: [...runnersKey(client, scope), "runner", { id }],
    queryFn: ({ signal }) => client.getManagedRunner(id, { ...call, signal }),
    retry: false,
  };
}

/** @type {typeof import("./index.js").allRunnersQuery} */
export function allRunnersQuery(client, options = {}) {
  const { scope, call } = split(options);
  const { consistency = "reconcile" } = call;
  return {
    queryKey: [...runnersKey(client, scope), "all", { consistency }],
    queryFn: ({ signal }) => client.collectManagedRunners({ ...call, signal }),
    retry: false,
  };
}

/** @type {typeof import("./index.js").runnersInfiniteQuery} */
export function runnersInfiniteQuery(client, options = {}) {
  const { scope, call } = split(options);
  const { perPage = 10 } = call;
  return {
    queryKey: [...runnersKey(client, scope), "infinite", { perPage }],
    queryFn: ({ signal, pageParam }) =>
      client.listManagedRunners({ ...call, page: pageParam, perPage, signal }),
    initialPageParam: 1,
    getNextPageParam,
    select: withoutRepeats,
    retry: false,
  };
}

/** Separates the options of the key from those of the call. */
function split({ baseUrl, account, ...call }) {
  return { scope: { baseUrl, account }, call };
}

/**
 * The page after the last one. If runners were removed since the page before, later ones have moved up, some of
 * them to pages that were already read. Then it goes back by that many pages.
 */
function getNextPageParam(last, pages) {
  const before = pages[pages.length - 2];
  const removed = before ? before.total - last.total : 0;
  if (removed > 0 && last.page > 1) return Math.max(1, last.page - Math.ceil(removed / last.perPage));
  return last.hasNextPage ? last.page + 1 : undefined;
}

/** Keeps each runner only on the first page that has it. */
function withoutRepeats({ pages, pageParams }) {
  const seen = new Set();
  const isNew = ({ id }) => !seen.has(id) && seen.add(id);
  const unique = pages.map((page) => ({ ...page, runners: page.runners.filter(isNew) }));
  return { pages: unique, pageParams, runners: unique.flatMap(({ runners }) => runners) };
}
