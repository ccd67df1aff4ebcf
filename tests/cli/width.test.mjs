// How wide a text is in a terminal, and how it is shortened.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pad, shorten, widthOf } from "../../js/cli/width.js";

const WIDTHS = [
  ["", 0],
  ["studio-eu-07", 12],
  ["Zürich", 6],
  ["Zu\u0308rich", 6], // with a combining mark
  ["ก\u0e33", 2],
  ["東京", 4],
  ["サーバー", 8],
  ["ｻｰﾊﾞｰ", 5], // half width; the voicing mark is a letter of its own there
  ["ＡＢＣ", 6],
  ["「東」、", 8],
  ["서울", 4],
  ["\u1109\u1165", 2], // the first syllable in parts
  ["ㄅㄆ", 4],
  ["￥100", 5],
  ["🚀", 2],
  ["👩‍💻", 2],
  ["👍🏽", 2],
  ["🇪🇺", 2],
  ["❤\ufe0f", 2],
  ["❤", 1],
  ["1\ufe0f\u20e3", 2],
  ["♥→…", 3],
  ["שלום", 4],
  ["हिन्दी", 5], // vowel signs that are spacing marks count,
  ["a\u200bb", 2],
  ["soft\u00adhyphen", 11], // terminals show it
  ["\u0600\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}1", 10], // signs before a number
  ["☝🏽", 2],
  ["a🏽b", 4], // a skin tone after what has none
];

for (const [text, width] of WIDTHS) {
  test(`${JSON.stringify(text)} takes ${width} columns`, () => assert.equal(widthOf(text), width));
}

const SHORTENED = [
  ["studio-eu-07", 12, "studio-eu-07"],
  ["studio-eu-07", 8, "studio-…"],
  ["東京の工房", 6, "東京…"],
  ["東京の工房", 5, "東京…"],
  ["東京の工房", 4, "東…"],
  ["👩‍💻👩‍💻", 3, "👩‍💻…"],
  ["Zu\u0308rich", 3, "Zu\u0308…"],
  ["abc", 1, "…"],
  ["abc", 0, ""],
];

for (const [text, columns, short] of SHORTENED) {
  test(`${JSON.stringify(text)} in ${columns} columns is ${JSON.stringify(short)}`, () => {
    assert.equal(shorten(text, columns), short);
    assert.ok(widthOf(short) <= columns);
  });
}

test("padding counts columns, not characters", () => {
  assert.equal(pad("東京", 6), "東京  ");
  assert.equal(pad("東京", 3), "東京");
});
