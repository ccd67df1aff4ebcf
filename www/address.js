// The query of the page's address: `?page=3&perPage=50`, filters, sorting. Never a token, and never a
// base URL (a link could then send someone's token elsewhere).

import { initialState, PAGE_SIZES, SORTABLE } from "./state.js";

/** The part of the state that `search` (a query string) describes; the defaults for the rest. */
export function readAddress(search) {
  const query = new URLSearchParams(search);
  const { view, position } = initialState();
  const perPage = wholeNumber(query.get("perPage"), 100);
  const by = query.get("sort")?.replace(/^-/, "");
  return {
    sample: query.has("sample"),
    position: {
      page: wholeNumber(query.get("page"), 0xffff_ffff) ?? position.page,
      perPage: perPage ?? position.perPage,
    },
    view: {
      name: query.get("name") ?? view.name,
      runnerType: query.get("type") ?? view.runnerType,
      status: query.get("status") ?? view.status,
      tags: [...new Set(query.getAll("tag").filter(Boolean))],
      sort: SORTABLE.includes(by) ? { by, descending: query.get("sort").startsWith("-") } : view.sort,
    },
  };
}

/** The query string of a state, with defaults left out; empty where all are. */
export function writeAddress(state, position = state.position) {
  const usual = initialState();
  const { view } = state;
  const query = new URLSearchParams();
  if (state.session?.sample) query.set("sample", "");
  if (position.page !== 1) query.set("page", position.page);
  if (position.perPage !== usual.position.perPage) query.set("perPage", position.perPage);
  if (view.name) query.set("name", view.name);
  if (view.runnerType) query.set("type", view.runnerType);
  if (view.status) query.set("status", view.status);
  for (const tag of view.tags) query.append("tag", tag);
  const { by, descending } = view.sort;
  if (by !== usual.view.sort.by || descending !== usual.view.sort.descending) {
    query.set("sort", (descending ? "-" : "") + by);
  }
  const text = query.toString().replace("sample=", "sample");
  return text && `?${text}`;
}

/** The page sizes to choose from: the usual ones, and one that a link asked for. */
export function pageSizes(perPage) {
  return [...new Set([...PAGE_SIZES, perPage])].sort((a, b) => a - b);
}

function wholeNumber(text, max) {
  if (!/^[0-9]{1,10}$/.test(text ?? "")) return undefined;
  const number = Number(text);
  return number >= 1 && number <= max ? number : undefined;
}
