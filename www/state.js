// The state of the page, and all its transitions. Pure: actions carry the time, and nothing here uses
// the network, the clock or the document.

export const PAGE_SIZES = [10, 25, 50, 100];
export const SORTABLE = ["name", "runnerType", "status", "tags", "createdAt", "updatedAt", "id"];

/** How long a row stays marked as added, changed or removed, in milliseconds. */
export const MARK_MS = 60_000;
/** The shortest time between two announcements, in milliseconds. Changes in between are added up. */
export const ANNOUNCE_MS = 10_000;
/** How many changes the log remembers. */
export const LOG_LENGTH = 100;

const NO_CHANGES = { added: 0, removed: 0, changed: 0 };

/** The state before anything happened. */
export function initialState() {
  return {
    now: 0,
    online: true,
    /** `{ baseUrl, host, sample, restored }`; the token is not part of the state. */
    session: null,
    /** The page that the user selected. */
    position: { page: 1, perPage: 50 },
    /** Filters and sorting. */
    view: {
      name: "",
      runnerType: "",
      status: "",
      tags: [],
      sort: { by: "createdAt", descending: true },
    },
    /**
     * The last list that was loaded: `{ runners, total, page, perPage, pageCount, at, whole }`. `whole`
     * is true if it holds all pages.
     */
    list: null,
    /** The kind of request under way: `connect`, `page` (another one), `refresh` (the same again), `watch`. */
    loading: null,
    /** Why the last request failed: `{ code, status, message, path, retryAt, at }`. */
    problem: null,
    /** Why the client waits, while it does: `{ reason, until }`. */
    waiting: null,
    /** The client's rate limit: `{ limit, remaining, resetAt, queued }`. */
    budget: null,
    /** Loading all pages: `{ status, delivered, total, requests, estimatedMs }`. */
    all: null,
    /** Whether the token dialog is open, and the id of the runner whose details are shown. */
    asking: false,
    opened: null,
    /** Whether the list is watched. */
    watching: false,
    /** Rows that changed recently: id → `{ kind, fields, at }`. */
    marks: new Map(),
    /** Runners that left the list recently: `{ runner, at }`. */
    gone: [],
    /** The latest changes, newest first: `{ at, kind, id, name, fields }`. */
    log: [],
    /** The text for screen readers: `{ text, at }`. */
    announcement: null,
    /** Changes that were not announced yet. */
    unannounced: NO_CHANGES,
  };
}

/** The state after `action`. */
export function reduce(state, action) {
  return transitions[action.type](state, action);
}

const transitions = {
  // Connection

  connect: (state, { session }) => ({
    ...forgotten(state),
    session,
    loading: "connect",
  }),

  disconnect: (state) => forgotten(state),

  /** Another token for the same server. The list on screen stays. */
  reconnect: (state) => ({ ...state, asking: false, problem: null, loading: "refresh" }),

  askToken: (state) => ({ ...state, asking: true }),
  keepToken: (state) => ({ ...state, asking: false }),

  online: (state) => ({ ...state, online: true }),
  offline: (state) => ({ ...state, online: false, waiting: null }),

  // One page

  ask: (state) => ({
    ...state,
    loading: !state.list ? "connect" : shows(state.list, state.position) ? "refresh" : "page",
  }),

  listed: (state, { page, now }) => ({
    ...state,
    now,
    list: { ...page, whole: false, at: now },
    loading: null,
    problem: null,
    waiting: null,
    all: null,
    marks: new Map(),
    gone: [],
    announcement: state.loading === "page" ? announced(pageWords(page), now) : state.announcement,
  }),

  failed: (state, { problem, now }) => ({
    ...state,
    now,
    loading: null,
    waiting: null,
    problem: { ...problem, at: now },
    // Open the token dialog only after a request of the user; during a watch nobody may be there.
    asking: state.asking || (problem.code === "unauthorized" && Boolean(state.list) && !state.watching),
  }),

  // Position, filters and sorting

  goTo: (state, { page, perPage = state.position.perPage }) => ({
    ...state,
    position: { page: Math.max(1, page), perPage },
  }),

  /** Another page size. The first row stays on the page. */
  resize: (state, { perPage }) => {
    const first = (state.position.page - 1) * state.position.perPage;
    return { ...state, position: { page: Math.floor(first / perPage) + 1, perPage } };
  },

  /** Filters apply to the loaded list. In a whole list, a new filter goes back to the first page. */
  look: (state, { view }) => ({
    ...state,
    view: { ...state.view, ...view },
    position: state.list?.whole ? { ...state.position, page: 1 } : state.position,
  }),

  requireTag: (state, { tag }) => {
    const known = state.view.tags.includes(tag) || tag === "";
    return known ? state : reduce(state, look({ tags: [...state.view.tags, tag] }));
  },

  dropTag: (state, { tag }) =>
    reduce(state, look({ tags: state.view.tags.filter((other) => other !== tag) })),

  clearFilters: (state) => reduce(state, look({ name: "", runnerType: "", status: "", tags: [] })),

  /** The same column again reverses the order. Times begin with the newest. */
  sort: (state, { by, descending }) => {
    const { sort } = state.view;
    const first = by === "createdAt" || by === "updatedAt";
    const next = descending ?? (sort.by === by ? !sort.descending : first);
    return reduce(state, look({ sort: { by, descending: next } }));
  },

  open: (state, { id }) => ({ ...state, opened: id }),
  close: (state) => ({ ...state, opened: null }),

  /** The address changed: back, forward, or a link. */
  visit: (state, { position, view }) => ({ ...state, position, view }),

  // All pages

  loadAll: (state) => ({
    ...state,
    problem: null,
    all: {
      delivered: 0,
      total: state.list?.total ?? 0,
      requests: 0,
      estimatedMs: null,
      ...state.all,
      status: "loading",
    },
  }),

  progress: (state, { progress }) =>
    state.all?.status === "loading" ? { ...state, all: { ...state.all, ...progress } } : state,

  loadedAll: (state, { runners, total, now }) => ({
    ...onWholeList(state, runners, now),
    all: null,
    announcement: announced(`All ${counted(total, "runner")} loaded.`, now),
  }),

  /** Stopped by the user or by a failure. Loading can continue later. */
  stoppedAll: (state) =>
    state.all ? { ...state, waiting: null, all: { ...state.all, status: "stopped" } } : state,

  // Watching

  watch: (state) => ({ ...state, watching: true, loading: "watch", problem: null, all: null }),

  unwatch: (state) => ({ ...state, watching: false, loading: null, waiting: null }),

  /** The first list of a watch, which has no changes. */
  watched: (state, { runners, now }) => onWholeList(state, runners, now),

  /** A reading without changes. */
  unchanged: (state, { now }) =>
    state.list?.whole
      ? { ...state, now, problem: null, waiting: null, list: { ...state.list, at: now } }
      : state,

  changed: (state, { added, removed, changed, runners, now }) => {
    const marks = new Map(state.marks);
    for (const { id } of removed) marks.delete(id);
    for (const { id } of added) marks.set(id, { kind: "added", fields: [], at: now });
    for (const { runner, fields } of changed) {
      const kind = marks.get(runner.id)?.kind === "added" ? "added" : "changed";
      marks.set(runner.id, { kind, fields, at: now });
    }
    const back = new Set(added.map(({ id }) => id));
    const news = [
      ...added.map((runner) => entry("added", runner, [], now)),
      ...removed.map((runner) => entry("removed", runner, [], now)),
      ...changed.map(({ runner, fields }) => entry("changed", runner, fields, now)),
    ];
    const { unannounced } = state;
    return announceChanges({
      ...onWholeList(state, runners, now),
      marks,
      gone: [
        ...removed.map((runner) => ({ runner, at: now })),
        ...state.gone.filter(({ runner }) => !back.has(runner.id)),
      ],
      log: [...news, ...state.log].slice(0, LOG_LENGTH),
      unannounced: {
        added: unannounced.added + added.length,
        removed: unannounced.removed + removed.length,
        changed: unannounced.changed + changed.length,
      },
    });
  },

  // The client and the clock

  say: (state, { text, now }) => ({ ...state, announcement: announced(text, now) }),
  waiting: (state, { reason, until }) => ({ ...state, waiting: { reason, until } }),
  going: (state) => (state.waiting ? { ...state, waiting: null } : state),
  budget: (state, { budget }) => (alike(state.budget, budget) ? state : { ...state, budget }),

  tick: (state, { now }) => {
    const fresh = ({ at }) => now - at < MARK_MS;
    const marks = [...state.marks].filter(([, mark]) => fresh(mark));
    const gone = state.gone.filter(fresh);
    return announceChanges({
      ...state,
      now,
      marks: marks.length === state.marks.size ? state.marks : new Map(marks),
      gone: gone.length === state.gone.length ? state.gone : gone,
    });
  },
};

const look = (view) => ({ type: "look", view });

/** The state without everything that belongs to a connection. Position, filters and sorting stay. */
function forgotten({ now, online, position, view }) {
  return { ...initialState(), now, online, position, view };
}

function onWholeList(state, runners, now) {
  const { page, perPage } = state.position;
  const total = runners.length;
  const pageCount = Math.ceil(total / perPage);
  return {
    ...state,
    now,
    list: { runners, total, page: 1, perPage: total, pageCount: 1, whole: true, at: now },
    position: { page: Math.min(page, Math.max(1, pageCount)), perPage },
    loading: null,
    problem: null,
    waiting: null,
  };
}

/** Whether `list` holds the page at `position`. */
export function shows(list, position) {
  return list.whole || (list.page === position.page && list.perPage === position.perPage);
}

function entry(kind, { id, name }, fields, at) {
  return { at, kind, id, name, fields };
}

function announceChanges(state) {
  const { unannounced, announcement, now } = state;
  const something = unannounced.added + unannounced.removed + unannounced.changed > 0;
  const tooSoon = announcement && now - announcement.at < ANNOUNCE_MS;
  if (!something || tooSoon) return state;
  return { ...state, unannounced: NO_CHANGES, announcement: announced(changeWords(unannounced), now) };
}

const announced = (text, at) => ({ text, at });

const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** `2 runners added, 1 removed.` */
function changeWords(changes) {
  const parts = Object.entries(changes).filter(([, number]) => number > 0);
  const words = parts.map(([kind, number], index) =>
    index === 0 ? `${counted(number, "runner")} ${kind}` : `${number} ${kind}`,
  );
  return `${words.join(", ")}.`;
}

function pageWords({ page, pageCount, runners }) {
  return `Page ${page} of ${Math.max(1, pageCount)}, ${counted(runners.length, "runner")}.`;
}

function alike(a, b) {
  if (!a || !b) return a === b;
  return ["limit", "remaining", "resetAt", "queued"].every((key) => a[key] === b[key]);
}
