// Parsing of arguments: settings, or one line that says what is wrong and what was probably meant.

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseArguments } from "../../js/cli/arguments.js";
import { FIELDS } from "../../js/cli/output/fields.js";
import { distance } from "../../js/cli/suggest.js";
import { UsageError } from "../../js/cli/usage-error.js";

const ID = "018f9c3e-5b1a-7c2d-8e4f-0123456789ab";
const words = (line) => line.split(" ").filter((word) => word !== "");

const RIGHT = [
  ["list", "list", {}],
  ["list --page 2 --per-page=50", "list", { page: 2, perPage: 50 }],
  ["--verbose list", "list", { verbose: true }],
  ["--json list", "list", { json: FIELDS }],
  ["list --page 1 --page 3", "list", { page: 3 }],
  ["list --json", "list", { json: FIELDS }],
  ["list --json id,name", "list", { json: ["id", "name"] }],
  ["list --json=tags", "list", { json: ["tags"] }],
  ["list --json --page 2", "list", { json: FIELDS, page: 2 }],
  ["all --ndjson name,id --limit 3", "all", { ndjson: ["name", "id"], limit: 3 }],
  ["all --csv --resume-from abc", "all", { csv: FIELDS, resumeFrom: "abc" }],
  ["watch --interval 90", "watch", { interval: 90_000 }],
  ["watch --interval 1.5m", "watch", { interval: 90_000 }],
  ["watch --interval 2h --ndjson", "watch", { interval: 7_200_000, ndjson: FIELDS }],
  ["match --tag gpu:a100 --tag region:eu", "match", { tag: ["gpu:a100", "region:eu"] }],
  [
    "list --token-file token --base-url http://127.0.0.1:8787",
    "list",
    { tokenFile: "token", baseUrl: "http://127.0.0.1:8787" },
  ],
  ["emulator --runners 0 --tier free --port 0", "emulator", { runners: 0, tier: "free", port: 0 }],
];

for (const [line, command, options] of RIGHT) {
  test(line, () =>
    assert.deepEqual(parseArguments(words(line)), { kind: "run", command, options, operands: [] }),
  );
}

test("an id after --json is an id, not a list of fields", () => {
  const { options, operands } = parseArguments(["get", "--json", ID]);
  assert.deepEqual([options.json, operands], [FIELDS, [ID]]);
});

test("after -- nothing is an option", () => {
  assert.throws(() => parseArguments(["get", "--", "--json"]), /takes ids of runners, not "--json"/);
});

test("help and version, wherever they stand", () => {
  const kinds = (line) => {
    const { kind, command } = parseArguments(words(line));
    return [kind, command];
  };
  assert.deepEqual(kinds(""), ["help", undefined]);
  assert.deepEqual(kinds("--help"), ["help", undefined]);
  assert.deepEqual(kinds("help"), ["help", undefined]);
  assert.deepEqual(kinds("help help"), ["help", undefined]);
  assert.deepEqual(kinds("help list"), ["help", "list"]);
  assert.deepEqual(kinds("list -h"), ["help", "list"]);
  assert.deepEqual(kinds("get --help"), ["help", "get"]);
  assert.deepEqual(kinds("--version"), ["version", undefined]);
});

const WRONG = [
  ["lst", 'unknown command "lst"; did you mean "list"?'],
  ["ls", 'unknown command "ls"; did you mean "list"?'],
  ["wacth", 'unknown command "wacth"; did you mean "watch"?'],
  [
    "frobnicate",
    'unknown command "frobnicate"; there are list, all, get, watch, match, emulator and completion',
  ],
  ["--json", "which command? There are list, all, get, watch, match, emulator and completion"],
  ["list --per_page 3", "unknown option --per_page; did you mean --per-page?"],
  ["list --perPage=3", "unknown option --perPage; did you mean --per-page?"],
  ["all --jsn", "unknown option --jsn; did you mean --json?"],
  ["list -p 3", "unknown option -p; did you mean --page?"],
  ["list -v", "unknown option -v; did you mean --verbose?"],
  ["-v", "unknown option -v; did you mean --version?"],
  ["completion -v", "unknown option -v; did you mean --version?"],
  ["list -x", 'unknown option -x; see "comfycontrol-runners list --help"'],
  ["helo", 'unknown command "helo"; did you mean "help"?'],
  ["list --limit 3", "list has no --limit; it is an option of all and match"],
  ["watch --json", "watch has no --json; did you mean --ndjson?"],
  ["list --page", "--page needs a value: --page N"],
  ["list --page --json", "--page needs a value: --page N"],
  ["list --page two", '--page takes a whole number from 1 to 4294967295, not "two"'],
  ["list --page -1", '--page takes a whole number from 1 to 4294967295, not "-1"'],
  [
    "list --page 99999999999999999999",
    '--page takes a whole number from 1 to 4294967295, not "99999999999999999999"',
  ],
  ["list --page 0", '--page takes a whole number from 1 to 4294967295, not "0"'],
  ["list --page 1.5", '--page takes a whole number from 1 to 4294967295, not "1.5"'],
  ["list --per-page 101", '--per-page takes a whole number from 1 to 100, not "101"'],
  ["list 3", 'list takes no argument, but got "3"; did you mean --page 3?'],
  ["list --json id name", 'list takes no argument, but got "name"; did you mean --json id,name?'],
  ["all everything", 'all takes no argument, but got "everything"'],
  ["list --verbose=yes", "--verbose takes no value"],
  ["list --json nme", '--json knows no field "nme"; did you mean name?'],
  ["list --json created_at", '--json knows no field "created_at"; did you mean createdAt?'],
  [
    "list --json x",
    '--json knows no field "x"; there are id, name, runnerType, status, tags, createdAt and updatedAt',
  ],
  [
    "list --json id,",
    '--json knows no field ""; there are id, name, runnerType, status, tags, createdAt and updatedAt',
  ],
  ["all --json --csv", "--json and --csv exclude each other"],
  ["watch --interval 3x", '--interval takes a time such as 30s or 5m, from 1s to 24h, not "3x"'],
  ["watch --interval 10ms", '--interval takes a time such as 30s or 5m, from 1s to 24h, not "10ms"'],
  ["match", "which tags? For example: comfycontrol-runners match --tag gpu:a100"],
  [
    "match gpu:a100 region:eu",
    "which tags? For example: comfycontrol-runners match --tag gpu:a100 --tag region:eu",
  ],
  ["get", "which id? comfycontrol-runners get ID..."],
  [
    "get studio",
    'get takes ids of runners, not "studio"; an id looks like 018f9c3e-5b1a-7c2d-8e4f-0123456789ab, and list shows them',
  ],
  ["emulator --tier por", '--tier takes free, plus, pro or enterprise, not "por"; did you mean pro?'],
  ["completion", "which shell? comfycontrol-runners completion bash|zsh|fish"],
  ["completion bsh", 'completion takes bash, zsh or fish, not "bsh"; did you mean bash?'],
  ["completion bash zsh", 'completion takes one argument, not also "zsh"'],
  [
    "list --base-url api.example.com",
    '--base-url takes a URL such as http://127.0.0.1:8787, not "api.example.com"; did you mean https://api.example.com?',
  ],
  [
    "list --base-url localhost:8787",
    '--base-url takes a URL such as http://127.0.0.1:8787, not "localhost:8787"; did you mean http://localhost:8787?',
  ],
  ["list --base-url cfc_demo", '--base-url takes a URL such as http://127.0.0.1:8787, not "cfc_…"'],
  ["list --base-url /api", '--base-url takes a URL such as http://127.0.0.1:8787, not "/api"'],
  ["all --resume-from=", "--resume-from needs the checkpoint that an earlier call printed"],
];

for (const [line, message] of WRONG) {
  test(`${line || "no argument"}: ${message}`, () => {
    assert.throws(
      () => parseArguments(words(line)),
      (error) =>
        (error instanceof UsageError && error.message === message) || assert.equal(error.message, message),
    );
  });
}

const SECRET = "cfc_DoNotShowThis";
for (const line of [
  `list --token ${SECRET}`,
  `--token=${SECRET} list`,
  `--token ${SECRET}`,
  `all --tokn ${SECRET}`,
  SECRET,
  `list ${SECRET}`,
  `get ${SECRET}`,
  `list --page ${SECRET}`,
  `list --base-url ${SECRET}`,
  `list --${SECRET}`,
]) {
  test(`a token is refused and never shown: ${line.replace(SECRET, "cfc_…")}`, () => {
    assert.throws(
      () => parseArguments(words(line)),
      ({ message }) => {
        assert.ok(!message.includes("DoNotShowThis"), message);
        if (/--token\b/.test(line))
          assert.match(message, /not accepted as an argument.*COMFYCONTROL_TOKEN.*--token-file/);
        return true;
      },
    );
  });
}

test("what is wrong is one short line, whatever is in it", () => {
  for (const word of ["a\nb\x1b[31m", "x".repeat(100_000), "\u202egnp.exe", "\ud800"]) {
    for (const args of [
      [word],
      ["list", word],
      ["list", `--${word}`],
      ["list", "--page", word],
      ["get", word],
      ["all", "--json", word],
    ]) {
      assert.throws(
        () => parseArguments(args),
        ({ message }) => {
          assert.match(message, /^[^\p{Cc}\p{Bidi_Control}\p{Cs}]{1,300}$/u);
          return true;
        },
      );
    }
  }
});

test("names of Object.prototype are no commands and no options", () => {
  assert.throws(() => parseArguments(["constructor"]), /unknown command "constructor"; there are list,/);
  assert.throws(() => parseArguments(["list", "--constructor"]), /unknown option --constructor/);
  assert.throws(() => parseArguments(["list", "--__proto__"]), /unknown option --__proto__/);
});

test("the distance counts a swap of neighbours as one step", () => {
  assert.equal(distance("wacth", "watch"), 1);
  assert.equal(distance("", "abc"), 3);
  assert.equal(distance("list", "list"), 0);
});
