// The table fits the terminal, whatever the names are.

import assert from "node:assert/strict";
import { test } from "node:test";

import { COLUMNS, fit } from "../../js/cli/output/columns.js";
import { records } from "../../js/cli/output/record.js";
import { table } from "../../js/cli/output/table.js";
import { widthOf } from "../../js/cli/width.js";
import { runner } from "./support/runner.mjs";

const RUNNERS = [
  runner({ name: "studio-eu-07", tags: ["gpu:a100", "region:eu", "model:flux"] }),
  runner({ name: "東京の工房 🚀", tags: [] }),
  runner({ name: "Zu\u0308rich", status: "draining", runnerType: "enterprise" }),
  runner({ name: "evil\x1b[2J\x9b31m\n\u202egnp", tags: ["a\tb"] }),
];
const lines = (columns, runners = RUNNERS) => table(runners, { columns, color: false }).trimEnd().split("\n");

test("no line is wider than the terminal, and columns start below their titles", () => {
  for (let columns = 1; columns <= 200; columns += 1) {
    const [header, ...rows] = lines(columns);
    assert.equal(rows.length, RUNNERS.length);
    for (const line of [header, ...rows])
      assert.ok(widthOf(line) <= columns, `${widthOf(line)} > ${columns}: ${line}`);
    const id = header.indexOf("ID");
    if (id < 0) continue;
    for (const [index, row] of rows.entries()) {
      assert.ok(RUNNERS[index].id.startsWith(inColumn(row, id).replace("…", "")), row);
    }
  }
});

// The text from a column of the terminal on.
function inColumn(row, column) {
  let before = "";
  for (const character of row) {
    if (widthOf(before + character) > column) break;
    before += character;
  }
  return row.slice(before.length);
}

test("in a wide terminal everything is whole", () => {
  const [header, first, second] = lines(200);
  assert.match(header, /^NAME +TYPE +STATUS +TAGS +CREATED +ID$/);
  assert.match(
    first,
    /^studio-eu-07 +pro +active +gpu:a100 region:eu model:flux +2024-01-15 +[0-9a-f-]{36}$/,
  );
  assert.match(second, /^東京の工房 🚀 +pro +active +2024-01-15 +[0-9a-f-]{36}$/);
});

test("tags give way first, then names, then columns; ids last, and then to their first eight digits", () => {
  const widths = { name: 13, runnerType: 4, status: 6, tags: 31, createdAt: 10, id: 36 };
  const fitted = (columns) => COLUMNS.map(({ field }) => fit(widths, columns)[field]);
  assert.deepEqual(fitted(110), [13, 4, 6, 31, 10, 36]);
  assert.deepEqual(fitted(100), [13, 4, 6, 21, 10, 36]);
  assert.deepEqual(fitted(87), [11, 4, 6, 10, 10, 36]);
  assert.deepEqual(fitted(80), [13, 4, 6, 13, undefined, 36]);
  assert.deepEqual(fitted(70), [13, 4, undefined, 11, undefined, 36]);
  assert.deepEqual(fitted(60), [10, undefined, undefined, 10, undefined, 36]);
  assert.deepEqual(fitted(46), [8, undefined, undefined, undefined, undefined, 36]);
  assert.deepEqual(fitted(40), [11, 4, undefined, 10, undefined, 9]);
  assert.deepEqual(fitted(10), [10, undefined, undefined, undefined, undefined, undefined]);
});

test("control characters and reversed text are shown as escapes", () => {
  const text = table(RUNNERS, { columns: 200, color: false });
  assert.ok(text.includes("evil\\x1b[2J\\x9b31m\\n\\u202egnp"), text);
  assert.ok(text.includes("a\\tb"), text);
  assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Bidi_Control}]/u);
});

test("colours change no width, and are there only where they are wanted", () => {
  const colored = table(RUNNERS, { columns: 60, color: true });
  assert.match(colored, /\x1b\[1mNAME\x1b\[22m/);
  assert.equal(colored.replaceAll(/\x1b\[\d+m/g, ""), table(RUNNERS, { columns: 60, color: false }));
});

test("no runners, no table", () => assert.equal(table([], { columns: 80, color: false }), ""));

test("ten thousand runners are a table in seconds", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => runner({ name: `東京-${index}` }));
  const start = performance.now();
  table(many, { columns: 80, color: true });
  assert.ok(performance.now() - start < 10_000);
});

test("a record has every field, a line each", () => {
  const text = records([RUNNERS[0], RUNNERS[3]], { color: false });
  assert.equal(
    text.split("\n\n")[0],
    [
      "name     studio-eu-07",
      "type     pro",
      "status   active",
      "tags     gpu:a100 region:eu model:flux",
      "created  2024-01-15T10:30:00Z",
      "updated  2024-01-15T10:31:00Z",
      `id       ${RUNNERS[0].id}`,
    ].join("\n"),
  );
  assert.ok(text.includes("name     evil\\x1b[2J\\x9b31m\\n\\u202egnp\n"));
});
