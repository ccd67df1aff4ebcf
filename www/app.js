// Connects the parts: the state goes down to the widgets, and their requests come up.

import { matchRunners } from "./config.js";
import { readAddress, writeAddress } from "./address.js";
import { visibleRows } from "./derive.js";
import { Fleet } from "./fleet.js";
import { recall } from "./session.js";
import { Store } from "./store.js";
import { announcer } from "./widgets/announcer.js";
import { budget } from "./widgets/budget.js";
import { charts } from "./widgets/charts.js";
import { connect } from "./widgets/connect.js";
import { details, tokenDialog } from "./widgets/dialogs.js";
import { filters } from "./widgets/filters.js";
import { live } from "./widgets/live.js";
import { loadAll } from "./widgets/load-all.js";
import { log } from "./widgets/log.js";
import { masthead } from "./widgets/masthead.js";
import { pager } from "./widgets/pager.js";
import { runners } from "./widgets/runners.js";
import { status } from "./widgets/status.js";

const store = new Store();
const fleet = new Fleet(store);
const byId = (id) => document.getElementById(id);

// Down: a widget is a function that takes its element, and returns the function that updates the element
// from `(state, shown)`.
const updates = [
  masthead(byId("masthead")),
  budget(byId("budget")),
  live(byId("live")),
  connect(byId("connect")),
  status(byId("status")),
  charts(byId("charts")),
  log(byId("log")),
  filters(byId("filters")),
  loadAll(byId("load-all")),
  runners(byId("runners")),
  pager(byId("pager")),
  tokenDialog(byId("token-dialog")),
  details(byId("details")),
  announcer(byId("announcer")),
];

/** Handles the requests of widgets (`ask` in `dom.js`). Actions that are not listed only change the state. */
const answers = {
  connect: (detail) => fleet.connect(detail),
  connectToSample: () => fleet.connectToSample(),
  disconnect: () => fleet.disconnect(),
  reconnect: (detail) => fleet.reconnect(detail),
  reload: () => fleet.reload(),
  loadAll: () => fleet.loadAll(),
  stopLoadingAll: () => fleet.stopLoadingAll(),
  loadPage: () => fleet.loadPage(),
  watch: () => fleet.watch(),
  unwatch: () => fleet.unwatch(),
  goTo: (action) => move(action),
  resize: (action) => move(action),
};

document.addEventListener("ask", ({ detail }) => {
  const answer = answers[detail.type];
  if (answer) answer(detail);
  else store.dispatch(detail);
});

/** Another page adds an entry to the history. Everything else replaces the current entry. */
function move(action) {
  store.dispatch(action);
  const address = writeAddress(store.state);
  if (address !== location.search) history.pushState(null, "", address || location.pathname);
  fleet.show();
}

addEventListener("popstate", () => {
  const { position, view } = readAddress(location.search);
  store.dispatch({ type: "visit", position, view });
  fleet.show();
});

const start = readAddress(location.search);
store.dispatch({ type: "visit", ...start });
const kept = recall();
if (start.sample) fleet.connectToSample({ restored: true });
else if (kept) fleet.connect({ ...kept, restored: true });

let shown;
let shownFor;

store.subscribe((state) => {
  const { list, gone, marks, view, position } = state;
  const parts = [list, gone, marks, view, position];
  if (!shownFor || parts.some((value, index) => value !== shownFor[index])) {
    shown = visibleRows(state, matchRunners);
    shownFor = parts;
  }
  enter(isOutside(state) ? "connect" : "fleet");
  for (const update of updates) update(state, shown);
  const address = writeAddress(state);
  if (address !== location.search) history.replaceState(null, "", address || location.pathname);
});

/** Shows the form or the fleet. If the focused element is hidden now, moves the focus to the top. */
function enter(section) {
  if (!byId(section).hidden) return;
  for (const each of ["connect", "fleet"]) byId(each).hidden = each !== section;
  if (document.activeElement === document.body || !document.activeElement.checkVisibility()) {
    byId("content").focus();
  }
  scrollTo(0, 0);
}

/** Whether to show the form. It stays until a list is loaded, unless the connection was restored. */
function isOutside({ session, list }) {
  return !session || (!list && !session.restored);
}

addEventListener("online", () => {
  store.dispatch({ type: "online" });
  fleet.reload();
});
addEventListener("offline", () => store.dispatch({ type: "offline" }));
if (!navigator.onLine) store.dispatch({ type: "offline" });

fleet.tick();
setInterval(() => fleet.tick(), 1000);
addEventListener("visibilitychange", () => document.hidden || fleet.tick());
