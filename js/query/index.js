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
  const { consistency = "reconcile", limit } = call;
  return {
    queryKey: [
      ...runnersKey(client, scope),
      "all",
      limit === undefined ? { consistency } : { consistency, limit },
    ],
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
 * The page where the part of the list ends that was read without a gap. If runners were removed meanwhile, later ones
 * moved up, some of them to pages that were read before. Then this is one of those pages.
 */
function getNextPageParam(last, pages) {
  const first = (pages[0].page - 1) * pages[0].perPage;
  /** The parts of the list that were read, from one position to another, in order and with gaps between them. */
  let parts = [];
  let { total } = pages[0];
  for (const page of pages) {
    const removed = Math.max(0, total - page.total);
    total = page.total;
    const start = (page.page - 1) * page.perPage;
    parts = parts.map(([from, to]) => [from, to - removed]);
    parts = joined([...parts, [start, Math.min(start + page.perPage, total)]]);
  }
  const [, end] = parts.find(([from]) => from === first) ?? [first, first];
  return end < total ? Math.floor(end / last.perPage) + 1 : undefined;
}

/** Joins parts that touch or overlap. */
function joined(parts) {
  const result = [];
  for (const [from, to] of parts.sort(([from], [other]) => from - other)) {
    const before = result[result.length - 1];
    if (before && from <= before[1]) before[1] = Math.max(before[1], to);
    else if (from < to) result.push([from, to]);
  }
  return result;
}

/** Keeps each runner only on the first page that has it. */
function withoutRepeats({ pages, pageParams }) {
  const seen = new Set();
  const isNew = ({ id }) => !seen.has(id) && seen.add(id);
  const unique = pages.map((page) => ({ ...page, runners: page.runners.filter(isNew) }));
  return { pages: unique, pageParams, runners: unique.flatMap(({ runners }) => runners) };
}
