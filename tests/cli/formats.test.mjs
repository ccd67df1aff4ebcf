// JSON, NDJSON, CSV and tab-separated lines have the same values, whatever they contain.

import assert from "node:assert/strict";
import { test } from "node:test";

import { clean, cleanJson, mask, quote } from "../../js/cli/clean.js";
import { changeLine, changeRow, separate } from "../../js/cli/output/changes.js";
import { csv, csvHeader } from "../../js/cli/output/csv.js";
import { FIELDS } from "../../js/cli/output/fields.js";
import { json } from "../../js/cli/output/json.js";
import { line } from "../../js/cli/output/lines.js";
import { ndjson } from "../../js/cli/output/ndjson.js";
import { describeTerminal } from "../../js/cli/terminal.js";
import { parseCsv } from "./support/csv.mjs";
import { runner } from "./support/runner.mjs";

const ODD = [
  "plain",
  "",
  'a "quoted", name',
  "line\r\nbreak",
  "tab\there",
  "\x1b[31m\x9bred\x7f",
  "\u202e\u2028",
  "東京 🚀",
  "=1+1",
];
const RUNNERS = ODD.map((name) => runner({ name, tags: [name, "gpu:a100"] }));
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

test("a JSON array has the values as they are, and no control character as such", () => {
  const text = json(RUNNERS, FIELDS);
  assert.deepEqual(JSON.parse(text), RUNNERS);
  assert.doesNotMatch(text.replaceAll("\n", ""), UNSAFE);
  assert.equal(json([], FIELDS), "[]\n");
});

test("fields come in the order they were asked for", () => {
  assert.equal(ndjson(RUNNERS[0], ["tags", "id"]), `{"tags":["plain","gpu:a100"],"id":"${RUNNERS[0].id}"}\n`);
  assert.equal(csv(RUNNERS[0], ["name", "id"]), `plain,${RUNNERS[0].id}\r\n`);
});

test("a line of JSON is one line", () => {
  for (const one of RUNNERS) {
    const text = ndjson(one, FIELDS);
    assert.equal(text.indexOf("\n"), text.length - 1);
    assert.deepEqual(JSON.parse(text), one);
    assert.doesNotMatch(text.slice(0, -1), UNSAFE);
  }
});

test("CSV comes back as it was from a strict reader of RFC 4180", () => {
  const text = csvHeader(FIELDS) + RUNNERS.map((one) => csv(one, FIELDS)).join("");
  const [header, ...rows] = parseCsv(text);
  assert.deepEqual(header, FIELDS);
  assert.deepEqual(
    rows,
    RUNNERS.map((one) => FIELDS.map((field) => [one[field]].flat().join(","))),
  );
});

test("CSV with one field has no empty line, which readers would skip", () => {
  assert.equal(csv(runner({ name: "" }), ["name"]), '""\r\n');
  assert.equal(csv(runner({ tags: [] }), ["tags"]), '""\r\n');
  assert.equal(csv(runner({ name: "", tags: [] }), ["name", "tags"]), ",\r\n");
});

test("a tab-separated line has six values, whatever is in them", () => {
  for (const one of RUNNERS) {
    const text = line(one, { color: false });
    assert.equal(text.split("\t").length, 6);
    assert.doesNotMatch(text.replaceAll("\t", "").slice(0, -1), UNSAFE);
  }
});

test("lines of changes are one line, and say what was and what is", () => {
  const [previous, now] = [
    runner({ name: "a\nb", tags: [] }),
    runner({ name: "a\nb", tags: ["x\x1b[2J"], updatedAt: "2025-01-01T00:00:00Z" }),
  ];
  const [change] = separate({
    added: [],
    removed: [],
    changed: [{ runner: now, previous, fields: ["tags", "updatedAt"] }],
  });
  const settings = { columns: 200, color: false, time: "10:30:00" };
  assert.equal(changeLine(change, settings), `10:30:00  ~  a\\nb  tags: none → x\\x1b[2J  ${now.id}\n`);
  assert.equal(changeLine(change, { ...settings, columns: 20 }), "10:30:00  ~  a\\nb  …\n");
  assert.equal(changeRow(change, "T"), `T\tchanged\t${now.id}\ta\\nb\ttags: none → x\\x1b[2J\n`);
  const touched = { type: "changed", runner: now, previous, fields: ["updatedAt"] };
  assert.match(changeLine(touched, settings), /updatedAt: 2024-01-15T10:31:00Z → 2025-01-01T00:00:00Z/);
});

test("cleaning escapes what a terminal may obey, and nothing else", () => {
  assert.equal(
    clean("a\x00\x1b\x7f\x85\x9b\n\r\t\u2028\u202e\u2066\ud800b\\n"),
    "a\\x00\\x1b\\x7f\\x85\\x9b\\n\\r\\t\\u2028\\u202e\\u2066\\ud800b\\n",
  );
  assert.equal(clean("Zu\u0308rich 東京 👩‍💻 🇪🇺"), "Zu\u0308rich 東京 👩‍💻 🇪🇺");
  assert.equal(cleanJson('"\x9b\u202e"'), '"\\u009b\\u202e"');
  assert.equal(quote("cfc_secret"), '"cfc_…"');
});

test("masking hides everything that may belong to a token, and nothing else", () => {
  assert.equal(mask("GET /cfc_a/v1/x: 200 after 3 ms"), "GET /cfc_…: 200 after 3 ms");
  assert.equal(
    mask('got "https://cfc_a.test"; is https://cfc_a there?'),
    'got "https://cfc_…"; is https://cfc_… there?',
  );
  assert.equal(mask("begins with cfc_, as in cfc_..."), "begins with cfc_, as in cfc_...");
});

test("colours: FORCE_COLOR, then NO_COLOR, then whether it is a terminal", () => {
  const color = (isTTY, env) => describeTerminal({ isTTY, columns: 100 }, env).color;
  assert.equal(color(true, {}), true);
  assert.equal(color(false, {}), false);
  assert.equal(color(true, { NO_COLOR: "1" }), false);
  assert.equal(color(true, { NO_COLOR: "" }), true);
  assert.equal(color(true, { TERM: "dumb" }), false);
  assert.equal(color(false, { FORCE_COLOR: "1" }), true);
  assert.equal(color(false, { FORCE_COLOR: "1", NO_COLOR: "1" }), true);
  assert.equal(color(true, { FORCE_COLOR: "0" }), false);
  assert.equal(color(false, { FORCE_COLOR: "" }), false);
});

test("a terminal that does not know its width has 80 columns", () => {
  assert.equal(describeTerminal({ isTTY: true, columns: 0 }, {}).columns, 80);
  assert.equal(describeTerminal({}, {}).columns, 80);
  assert.equal(describeTerminal({ isTTY: true, columns: 40 }, {}).columns, 40);
});
