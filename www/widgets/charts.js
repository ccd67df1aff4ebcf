// Charts: runners by type, by GPU, and by time of creation. They are SVG in percent of their own width, so
// that no code measures elements and text keeps its size. Each chart has a sentence that says what it
// shows, and a table with its numbers.

import { byGpu, byType, createdOverTime, intoColumns, longest } from "../derive.js";
import { h, part, setText, svg } from "../dom.js";
import { count, plural } from "../format.js";

const MOST_BARS = 6;
/** Always leaves room for two types, which exist today, so that the layout does not move. */
const LEAST_BARS = 2;
const BAR_ROW = 27;
const COLUMNS_HEIGHT = 138;
const DAY = 86_400_000;

export function charts(root) {
  const [first, total, noun, scope, figures] = ["first", "total", "noun", "scope", "figures"].map((name) =>
    part(root, name),
  );
  const types = figure("By type", "Type");
  const gpus = figure("By GPU tag", "GPU");
  const created = figure("Created", "From");
  gpus.element.classList.add("card");
  created.element.classList.add("card");
  first.append(types.element);
  figures.append(gpus.element, created.element);
  let runnersBefore;
  let matchedBefore;

  return ({ list }, { matched, filtered }) => {
    const part = filtered ? matched : undefined;
    setText(total, list ? count(list.total) : "–");
    setText(noun, !list ? "" : list.total === 1 ? "runner" : "runners");
    setText(scope, scopeOf(list, part));
    if (list?.runners === runnersBefore && part === matchedBefore) return;
    runnersBefore = list?.runners;
    matchedBefore = part;
    const runners = list?.runners ?? [];
    types.show(bars(byType(runners), part && byType(part)));
    gpus.show(bars(byGpu(runners), part && byGpu(part)));
    created.show(columns(createdOverTime(runners), part));
  };
}

function scopeOf(list, part) {
  if (!list) return "";
  if (part) return `${count(part.length)} match, in full colour.`;
  return list.whole
    ? "The charts show them all."
    : `The charts show this page's ${count(list.runners.length)}.`;
}

/** A chart's frame: caption, drawing, and the numbers as a table. */
function figure(title, heading) {
  const drawing = h("div", { class: "chart-drawing" });
  const body = h("tbody");
  const columnHeads = h("tr", {}, h("th", { scope: "col" }, heading), h("th", { scope: "col" }, "Runners"));
  const table = h(
    "table",
    {},
    h("caption", { class: "hidden" }, `Runners: ${title.toLowerCase()}`),
    h("thead", {}, columnHeads),
    body,
  );
  const numbers = h(
    "details",
    { class: "chart-numbers" },
    h("summary", {}, "Numbers", h("span", { class: "hidden" }, ` of the chart “${title}”`)),
    table,
  );
  const element = h("figure", { class: "chart" }, h("figcaption", {}, title), drawing, numbers);
  return {
    element,
    show({ picture, summary, rows }) {
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", `${title}. ${summary}`);
      drawing.replaceChildren(picture);
      body.replaceChildren(
        ...rows.map(([label, text]) =>
          h("tr", {}, h("th", { scope: "row" }, h("bdi", {}, label)), h("td", {}, text)),
        ),
      );
    },
  };
}

/** Horizontal bars, each below its label. With filters, only the matching part has the full colour. */
function bars(all, part) {
  const shown = longest(all, MOST_BARS);
  const most = Math.max(1, ...shown.map((bar) => bar.count));
  const inPart = part && new Map(part.map(({ label, count }) => [label, count]));
  const partOf = ({ label, count, rest }) =>
    inPart ? (rest ?? [label]).reduce((sum, each) => sum + (inPart.get(each) ?? 0), 0) : count;
  const numberOf = (bar) => (inPart ? `${count(partOf(bar))} of ${count(bar.count)}` : count(bar.count));
  const picture = svg("svg", {
    class: "bars",
    width: "100%",
    height: Math.max(LEAST_BARS, shown.length) * BAR_ROW,
  });
  shown.forEach((bar, index) => {
    const y = index * BAR_ROW;
    const width = (number) => `${(100 * number) / most}%`;
    picture.append(
      svg("text", { x: 0, y: y + 11, class: bar.none ? "label faint" : "label" }, clipped(bar.label)),
      svg("text", { x: "100%", y: y + 11, class: "number", "text-anchor": "end" }, numberOf(bar)),
      svg("rect", { x: 0, y: y + 16, width: "100%", height: 5, rx: 2.5, class: "rail" }),
      svg("rect", { x: 0, y: y + 16, width: width(bar.count), height: 5, rx: 2.5, class: "whole" }),
      svg("rect", {
        x: 0,
        y: y + 16,
        width: width(partOf(bar)),
        height: 5,
        rx: 2.5,
        class: bar.none ? "part none" : "part",
      }),
    );
  });
  const rows = shown.map((bar) => [bar.label, numberOf(bar)]);
  return { picture, rows, summary: sentence(rows) };
}

/** Vertical columns over time. */
function columns(overTime, part) {
  const { width, columns } = overTime;
  const most = Math.max(1, ...columns.map((column) => column.count));
  const picture = svg("svg", { class: "columns", width: "100%", height: COLUMNS_HEIGHT + 24 });
  const step = 100 / Math.max(1, columns.length);
  const inPart = part && intoColumns(part, overTime);
  const label = labelled(width);
  const numberOf = (index) =>
    inPart ? `${count(inPart[index])} of ${count(columns[index].count)}` : count(columns[index].count);
  for (const share of [0.5, 1]) {
    const y = COLUMNS_HEIGHT - share * (COLUMNS_HEIGHT - 18);
    picture.append(svg("line", { x1: 0, x2: "100%", y1: y, y2: y, class: "grid" }));
  }
  picture.append(svg("text", { x: 0, y: 12, class: "label faint" }, `${count(most)}${mostWords(width)}`));
  columns.forEach((column, index) => {
    const height = (number) => (number === 0 ? 0 : Math.max(2, (number / most) * (COLUMNS_HEIGHT - 18)));
    const at = { x: `${index * step + step * 0.1}%`, width: `${step * 0.8}%` };
    const rect = (number, name) =>
      svg("rect", {
        ...at,
        y: COLUMNS_HEIGHT - height(number),
        height: height(number),
        rx: 1.5,
        class: name,
      });
    picture.append(
      svg(
        "g",
        {},
        svg("title", {}, `${label(column.from)}: ${numberOf(index)}`),
        svg("rect", {
          x: `${index * step}%`,
          width: `${step}%`,
          y: 0,
          height: COLUMNS_HEIGHT,
          class: "catch",
        }),
        rect(column.count, "whole"),
        rect(inPart ? inPart[index] : column.count, "part"),
      ),
    );
  });
  picture.append(svg("line", { x1: 0, x2: "100%", y1: COLUMNS_HEIGHT, y2: COLUMNS_HEIGHT, class: "axis" }));
  if (columns.length > 0) {
    picture.append(
      svg("text", { x: 0, y: COLUMNS_HEIGHT + 17, class: "label faint" }, label(columns[0].from)),
      svg(
        "text",
        { x: "100%", y: COLUMNS_HEIGHT + 17, class: "label faint", "text-anchor": "end" },
        columns.length > 1 ? label(columns.at(-1).from) : "",
      ),
    );
  }
  const rows = columns.map((column, index) => [label(column.from), numberOf(index)]);
  return { picture, rows, summary: timeSentence(columns, label, most) };
}

function sentence(rows) {
  return rows.length > 0 ? `${rows.map(([label, text]) => `${label}: ${text}`).join(", ")}.` : "No runners.";
}

function timeSentence(columns, label, most) {
  if (columns.length === 0) return "No runners.";
  const fullest = columns.find((column) => column.count === most);
  return `From ${label(columns[0].from)} to ${label(columns.at(-1).from)}; most at ${label(fullest.from)}: ${plural(most, "runner")}.`;
}

function labelled(width) {
  const options =
    width < DAY
      ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }
      : { day: "numeric", month: "short", year: "2-digit" };
  const format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
  return (time) => format.format(time);
}

function mostWords(width) {
  if (width < DAY) return ` in ${width / 3_600_000} h`;
  return width === DAY ? " a day" : ` in ${width / DAY} days`;
}

const clipped = (label) => (label.length > 24 ? `${label.slice(0, 23)}…` : label);
