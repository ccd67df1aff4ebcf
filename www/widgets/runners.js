// The table of runners. Rows are kept by id, so that focus, selection and hover survive updates.

import { ask, h, part, setAttribute, setText } from "../dom.js";
import { count, exactTime, plural, relativeTime } from "../format.js";
import { icon } from "../icons.js";

export const COLUMNS = [
  { by: "name", label: "Name" },
  { by: "runnerType", label: "Type" },
  { by: "status", label: "Status" },
  { by: "tags", label: "Tags" },
  { by: "createdAt", label: "Created", descendingFirst: true },
  { by: "updatedAt", label: "Updated", descendingFirst: true },
  { by: "id", label: "Id" },
];

/** How often relative times are updated, in milliseconds. */
const TIMES_EVERY = 20_000;
/** The longest name in the table: more than any screen shows. The details show all of it. */
const LONGEST_NAME = 400;

const MARKS = { added: "new", changed: "changed", removed: "removed" };

export function runners(root) {
  const [head, body, empty, emptyText, emptyAction] = [
    "head",
    "body",
    "empty",
    "empty-text",
    "empty-action",
  ].map((name) => part(root, name));
  const summary = document.getElementById("rows-summary");
  const headers = COLUMNS.map((column) => makeHeader(root, column));
  head.append(...headers.map(({ cell }) => cell));
  /** id → row */
  const rows = new Map();
  let skeleton = 0;
  let shownBefore;
  let timesAt = -Infinity;
  let emptyType;
  emptyAction.addEventListener("click", () => ask(root, emptyType, { page: 1 }));

  return (state, shown) => {
    const { list, loading, view, now, position } = state;
    for (const { by, cell } of headers) {
      const order = by === view.sort.by ? (view.sort.descending ? "descending" : "ascending") : null;
      setAttribute(cell, "aria-sort", order);
    }
    setAttribute(body, "aria-busy", Boolean(loading));
    root.dataset.loading = loading ?? "";
    const waits = !list && loading;
    showSkeleton(waits ? position.perPage : 0);
    if (shown !== shownBefore) {
      place(shown.rows, now);
      shownBefore = shown;
      timesAt = now;
    } else if (now - timesAt >= TIMES_EVERY) {
      for (const row of rows.values()) row.tellTime(now);
      timesAt = now;
    }
    setText(summary, summaryOf(state, shown));
    const nothing = emptiness(state, shown);
    empty.hidden = !nothing;
    if (nothing) {
      setText(emptyText, nothing.text);
      emptyType = nothing.type;
      emptyAction.hidden = !nothing.type;
      setText(emptyAction, nothing.label ?? "");
    }
  };

  function place(wanted, now) {
    const focused = body.contains(document.activeElement) ? document.activeElement : undefined;
    const focusedRow = focused?.closest("tr");
    const position = focusedRow ? [...body.children].indexOf(focusedRow) : -1;
    const keep = new Set(wanted.map(({ runner }) => runner.id));
    for (const [id, row] of rows) {
      if (keep.has(id)) continue;
      row.element.remove();
      rows.delete(id);
    }
    let at = body.firstElementChild;
    for (const { runner, mark } of wanted) {
      let row = rows.get(runner.id);
      if (!row) rows.set(runner.id, (row = makeRow(root, runner.id)));
      row.show(runner, mark, now);
      if (row.element === at) at = at.nextElementSibling;
      else body.insertBefore(row.element, at);
    }
    if (!focused || focused === document.activeElement) return;
    // The focused row moved or is gone: then the row at its index gets the focus.
    const heir = focused.isConnected
      ? focused
      : body.children[Math.min(position, body.children.length - 1)]?.querySelector("button");
    heir?.focus({ preventScroll: true });
  }

  /** Rows of the same height as real ones, so that nothing moves when those arrive. */
  function showSkeleton(wanted) {
    if (skeleton === wanted) return;
    skeleton = wanted;
    body.querySelectorAll(".skeleton").forEach((row) => row.remove());
    for (let index = 0; index < wanted; index += 1) {
      const cells = COLUMNS.map(({ by }) => h("td", { class: `cell-${by}` }, h("span", { class: "bone" })));
      body.append(h("tr", { class: "skeleton", "aria-hidden": "true" }, ...cells));
    }
  }
}

function makeHeader(root, { by, label }) {
  const button = h("button", { type: "button", onclick: () => ask(root, "sort", { by }) }, label, icon("up"));
  // Cards show no headings, but their cells still belong to a column.
  const name = h("span", { class: "column-name" }, label);
  return { by, cell: h("th", { role: "columnheader", scope: "col", class: `cell-${by}` }, button, name) };
}

function makeRow(root, id) {
  const name = h("bdi", { class: "name", dir: "auto" });
  const badge = h("span", { class: "badge", hidden: true });
  const open = h(
    "button",
    { type: "button", class: "name-button", onclick: () => ask(root, "open", { id }) },
    name,
  );
  const type = h("span", { class: "type" });
  const status = h("span", { class: "runner-status" });
  const tags = h("ul", { class: "tags", role: "list" });
  const created = h("time");
  const updated = h("time");
  const copy = h(
    "button",
    { type: "button", class: "copy", "aria-label": `Copy id ${id}`, title: "Copy id" },
    icon("copy"),
  );
  copy.addEventListener("click", () => copyId(copy, idText));
  const idText = h("code", { title: id }, id);
  const cells = {
    name: h(
      "th",
      { role: "rowheader", scope: "row", class: "cell-name" },
      h("div", { class: "name-line" }, open, badge),
    ),
    runnerType: cell("runnerType", type),
    status: cell("status", status),
    tags: cell("tags", tags),
    createdAt: cell("createdAt", h("span", { class: "cell-label" }, "Created "), created),
    updatedAt: cell("updatedAt", h("span", { class: "cell-label" }, "Updated "), updated),
    id: cell("id", h("div", { class: "id-line" }, idText, copy)),
  };
  const element = h("tr", { role: "row" }, ...Object.values(cells));
  let shown;

  function tellTime(now) {
    for (const time of [created, updated]) setText(time, relativeTime(Date.parse(time.dateTime), now));
  }

  return {
    element,
    tellTime,
    show(runner, mark, now) {
      if (runner !== shown) {
        setText(name, shortened(runner.name));
        setText(type, runner.runnerType);
        setAttribute(type, "title", runner.runnerType.length > 8 && runner.runnerType);
        setAttribute(type, "data-type", runner.runnerType);
        setText(status, runner.status);
        setAttribute(status, "data-status", runner.status);
        tags.replaceChildren(...runner.tags.map((tag) => h("li", {}, tagButton(root, tag))));
        for (const [time, value] of [
          [created, runner.createdAt],
          [updated, runner.updatedAt],
        ]) {
          time.dateTime = value;
          time.title = exactTime(Date.parse(value));
        }
        shown = runner;
      }
      setAttribute(element, "data-mark", mark?.kind);
      badge.hidden = !mark;
      setText(badge, mark ? MARKS[mark.kind] : "");
      for (const [field, each] of Object.entries(cells)) {
        setAttribute(each, "data-changed", mark?.kind === "changed" && mark.fields.includes(field));
      }
      tellTime(now);
    },
  };
}

function cell(by, ...children) {
  return h("td", { role: "cell", class: `cell-${by}` }, ...children);
}

/** A pointer's short cut; by keyboard the filter's own field does the same in fewer steps. */
function tagButton(root, tag) {
  const attributes = {
    type: "button",
    class: "tag",
    tabindex: "-1",
    title: "Which runners could take a workflow that requires this tag?",
    onclick: () => ask(root, "requireTag", { tag }),
  };
  return h("button", attributes, h("bdi", {}, tag));
}

function shortened(name) {
  if (name === "") return "(no name)";
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

async function copyId(button, code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.replaceChildren(icon("done"));
    setTimeout(() => button.replaceChildren(icon("copy")), 2000);
    ask(button, "say", { text: "Id copied.", now: Date.now() });
  } catch {
    // The clipboard is not allowed here: select the id, so that the usual keys copy it.
    getSelection().selectAllChildren(code);
    ask(button, "say", { text: "Id selected: copy it with your keyboard.", now: Date.now() });
  }
}

function summaryOf({ list, loading }, { rows, matching, loaded, first, filtered }) {
  if (!list) return loading ? "Loading…" : "";
  const within = list.whole ? `all ${count(loaded)}` : `the ${count(loaded)} on this page`;
  if (filtered) return `${count(matching)} of ${within} match`;
  if (rows.length === 0) return `0 of ${plural(list.total, "runner")}`;
  return `${count(first + 1)}–${count(first + rows.length)} of ${plural(list.total, "runner")}`;
}

function emptiness({ list, loading, problem }, { rows, filtered }) {
  if (rows.length > 0 || (!list && loading)) return undefined;
  if (!list) return problem ? { text: "There is no list yet." } : undefined;
  if (list.total === 0) return { text: "This account has no active runners." };
  if (filtered) {
    const where = list.whole ? "No runner" : "No runner on this page";
    return { text: `${where} matches these filters.`, label: "Clear the filters", type: "clearFilters" };
  }
  return { text: "This page is past the end of the list.", label: "Go to the first page", type: "goTo" };
}
