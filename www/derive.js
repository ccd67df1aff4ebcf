// Values that follow from the state: the rows to show, the choices of the filters, the numbers of the
// charts. Pure.

/** Tags that name a GPU: `gpu:a100`, or just `rtx4090`, `h100`, `l40s`, `mi300x`. */
const GPU = /^(?:gpu[:=/-](.+)|((?:rtx|gtx|rx|gb|gh|mi)[ -]?\d{2,4}[a-z]*|[abhlv]\d{2,3}[a-z]*|t4|l4))$/i;

/** The GPU that a tag names, if it names one. */
export function gpuOf(tag) {
  const match = GPU.exec(tag);
  return match ? (match[1] ?? match[2]) : undefined;
}

/**
 * The rows of the page, and counts for the pager: `{ rows, matched, matching, loaded, first, pageCount,
 * filtered }`. A row is `{ runner, mark }`. Runners that just left the list have rows, too.
 * `matchRunners` is the function of the package.
 */
export function visibleRows({ list, gone, marks, view, position }, matchRunners) {
  if (!list) {
    return {
      rows: [],
      matched: [],
      matching: 0,
      loaded: 0,
      first: 0,
      pageCount: 0,
      filtered: isFiltered(view),
    };
  }
  const removed = new Set(list.whole ? gone.map(({ runner }) => runner) : []);
  const filtered = isFiltered(view);
  const known = removed.size > 0 ? [...list.runners, ...removed] : list.runners;
  const kept = passed(inOrder(known, view.sort), view, matchRunners);
  const { page, perPage } = position;
  // The server has already paged a list of one page; a whole list is paged here.
  const from = list.whole ? (page - 1) * perPage : 0;
  const shown = list.whole ? kept.slice(from, from + perPage) : kept;
  const matched = removed.size > 0 ? kept.filter((runner) => !removed.has(runner)) : kept;
  return {
    rows: shown.map((runner) => ({
      runner,
      mark: removed.has(runner) ? { kind: "removed", fields: [] } : marks.get(runner.id),
    })),
    matched,
    matching: matched.length,
    loaded: list.runners.length,
    first: list.whole ? from : (list.page - 1) * list.perPage,
    pageCount: list.whole ? Math.ceil(kept.length / perPage) : list.pageCount,
    filtered,
  };
}

/** Whether any filter is set. */
export function isFiltered({ name, runnerType, status, tags }) {
  return name !== "" || runnerType !== "" || status !== "" || tags.length > 0;
}

function passed(runners, { name, runnerType, status, tags }, matchRunners) {
  const wanted = folded(name.trim());
  const suitable = tags.length > 0 ? matchRunners(runners, tags) : runners;
  if (!wanted && !runnerType && !status) return suitable;
  return suitable.filter(
    (runner) =>
      (!runnerType || runner.runnerType === runnerType) &&
      (!status || runner.status === status) &&
      (!wanted || folded(runner.name).includes(wanted)),
  );
}

/** Removes case and accents for a search: `zurich` finds `Zürich`. */
function folded(text) {
  // Almost all names are ASCII. Normalizing thousands of names at each key would be noticeable.
  const isAscii = /^[\x20-\x7e]*$/.test(text);
  return (isAscii ? text : text.normalize("NFD").replace(/\p{M}/gu, "")).toLowerCase();
}

const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

const KEYS = {
  name: (runner) => runner.name.slice(0, 200),
  tags: (runner) => runner.tags.join(" "),
  createdAt: (runner) => Date.parse(runner.createdAt),
  updatedAt: (runner) => Date.parse(runner.updatedAt),
};

const ordered = new WeakMap();

/** `sorted`, cached for each list: filters change at each key, but the order stays. */
function inOrder(runners, sort) {
  const before = ordered.get(runners);
  if (before?.by === sort.by && before.descending === sort.descending) return before.result;
  const result = sorted(runners, sort);
  ordered.set(runners, { ...sort, result });
  return result;
}

/** Sorted by one column. Equal rows stay in the server's order. */
export function sorted(runners, { by, descending }) {
  const key = KEYS[by] ?? ((runner) => runner[by]);
  const keyed = runners.map((runner) => ({ runner, key: key(runner) }));
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) =>
    typeof a.key === "number" ? sign * (a.key - b.key) : sign * words.compare(a.key, b.key),
  );
  return keyed.map(({ runner }) => runner);
}

/** The choices of the filters, with the number of runners for each: `{ types, statuses, tags }`. */
export function choices(runners) {
  return {
    types: tally(runners.map((runner) => runner.runnerType)),
    statuses: tally(runners.map((runner) => runner.status)),
    tags: tally(runners.flatMap((runner) => runner.tags)),
  };
}

/** `[{ label, count }]`, the most frequent first. */
function tally(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([label, count]) => ({ label, count }))
    .sort((a, b) => b.count - a.count || words.compare(a.label, b.label));
}

/** Runners by type. */
export const byType = (runners) => tally(runners.map((runner) => runner.runnerType));

/** Runners by GPU. Those without a GPU tag come last. */
export function byGpu(runners) {
  const named = runners.map((runner) => [...new Set(runner.tags.map(gpuOf).filter(Boolean))]);
  const none = named.filter((gpus) => gpus.length === 0).length;
  const bars = tally(named.flat());
  return none > 0 ? [...bars, { label: "no GPU tag", count: none, none: true }] : bars;
}

/** The longest bars. The last bar is the sum of all others. */
export function longest(bars, most) {
  if (bars.length <= most) return bars;
  const rest = bars.slice(most - 1);
  const count = rest.reduce((sum, bar) => sum + bar.count, 0);
  const other = { label: `${rest.length} others`, count, none: true, rest: rest.map(({ label }) => label) };
  return [...bars.slice(0, most - 1), other];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WIDTHS = [
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
  91 * DAY,
  364 * DAY,
];

/**
 * A histogram of creation times, with at most `most` columns of one round width in milliseconds:
 * `{ width, columns: [{ from, to, count }] }`.
 */
export function createdOverTime(runners, most = 24) {
  const times = runners.map((runner) => Date.parse(runner.createdAt)).filter(Number.isFinite);
  if (times.length === 0) return { width: DAY, columns: [] };
  let [earliest, latest] = [Infinity, -Infinity];
  for (const time of times) {
    earliest = Math.min(earliest, time);
    latest = Math.max(latest, time);
  }
  const slots = (width) => Math.floor(latest / width) - Math.floor(earliest / width) + 1;
  const width =
    WIDTHS.find((width) => slots(width) <= most) ??
    Math.ceil((latest - earliest) / (most - 1) / (364 * DAY)) * 364 * DAY;
  const start = Math.floor(earliest / width);
  const columns = Array.from({ length: slots(width) }, (_, index) => ({
    from: (start + index) * width,
    to: (start + index + 1) * width,
    count: 0,
  }));
  for (const time of times) columns[Math.floor(time / width) - start].count += 1;
  return { width, columns };
}

/** The number of `runners` in each of these columns. */
export function intoColumns(runners, { width, columns }) {
  const counts = columns.map(() => 0);
  for (const { createdAt } of runners) {
    const index = Math.floor(Date.parse(createdAt) / width) - columns[0].from / width;
    if (index in counts) counts[index] += 1;
  }
  return counts;
}
