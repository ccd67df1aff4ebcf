// `all`: every runner once, as a stream that stops when its reader exits, and can continue from a checkpoint.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startEmulator } from "../package/support/emulator.mjs";
import { CTRL_C, plain, run, shell, start, startTerminal, until } from "./support/command.mjs";

const emulator = await startEmulator("--runners", "250");
const env = { COMFYCONTROL_BASE_URL: emulator.url };
const ids = (stdout) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).id);
const rows = (text) => text.split("\n").length - 1;
const checkpointIn = (text) => /all --resume-from (\S+)/.exec(text)?.[1];
const reset = async (runners) => {
  await emulator.fresh();
  await emulator.change({ reset: runners });
};

/** Makes a page stall for as long as the client tries. */
const stallPage = (page, where) => emulator.faults({ page, stall: where, times: 3 });

/** The rest of a list, from the checkpoint that an earlier call printed. */
async function goOn(printed, ...format) {
  await emulator.fresh();
  return run(["all", ...format, "--resume-from", checkpointIn(printed)], env);
}

/** The number of requests, once it was the same in 100 checks in a row. */
async function requestsAtRest() {
  let unchanged = 0;
  let before = 0;
  await until(async () => {
    const { requests, inFlight } = await emulator.stats();
    unchanged = requests === before && requests > 0 && inFlight === 0 ? unchanged + 1 : 0;
    before = requests;
    return unchanged === 100;
  }, "the requests come to rest");
  return before;
}

test("every runner once, in every format, in three requests of 100", async () => {
  const listed = await emulator.listed();
  await emulator.fresh();
  const { code, stdout, stderr } = await run(["all", "--ndjson"], env);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(ids(stdout), listed);
  assert.equal((await emulator.stats()).requests, 3);
  const others = [["--json"], ["--csv"], []].map((format) => run(["all", ...format], env));
  const [json, csv, lines] = await Promise.all(others);
  assert.deepEqual(
    JSON.parse(json.stdout).map(({ id }) => id),
    listed,
  );
  assert.deepEqual(
    csv.stdout
      .trimEnd()
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(",")[0]),
    listed,
  );
  assert.deepEqual(
    lines.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t").at(-1)),
    listed,
  );
});

test("--limit asks for no more pages than it needs, and says how to go on", async () => {
  await emulator.fresh();
  const listed = await emulator.listed();
  const first = await run(["all", "--limit", "30", "--ndjson", "--verbose"], env);
  assert.equal(first.code, 0);
  assert.deepEqual(ids(first.stdout), listed.slice(0, 30));
  assert.equal((await emulator.stats()).requests, 1);
  const rest = await goOn(first.stderr, "--ndjson");
  assert.deepEqual(ids(rest.stdout), listed.slice(30));
});

test("--limit takes no page too many where it ends behind a page's first runner", async () => {
  await emulator.fresh();
  const listed = await emulator.listed();
  const { stdout } = await run(["all", "--limit", "101", "--ndjson"], env);
  assert.deepEqual(ids(stdout), listed.slice(0, 101));
  assert.equal((await emulator.stats()).requests, Math.min(2, Math.ceil(listed.length / 100)));
});

test("head takes three lines: the requests stop, and nothing is said", async () => {
  await reset(3800);
  const listed = await emulator.listed();
  await emulator.fresh();
  const { code, stdout, stderr } = await shell(
    "comfycontrol-runners all --ndjson | head -n 3; printf '%s ' ${PIPESTATUS[@]}",
    env,
  );
  assert.deepEqual([code, stderr], [0, ""]);
  const [status, ...lines] = stdout.split("\n").reverse();
  assert.equal(status, "0 0 ");
  assert.deepEqual(
    lines.reverse().map((line) => JSON.parse(line).id),
    listed.slice(0, 3),
  );
  const { requests } = await emulator.stats();
  assert.ok(requests <= 13, `${requests} of 38 requests`);
});

test("a reader that pauses holds the requests back, and loses nothing", async () => {
  await reset(3800);
  const listed = await emulator.listed();
  await emulator.fresh();
  const { child, seen, done } = start(["all", "--ndjson"], env);
  child.stdout.pause();
  const requests = await requestsAtRest();
  assert.ok(requests <= 20, `${requests} of 38 requests, with a reader that read nothing`);
  child.stdout.resume();
  assert.equal((await done).code, 0);
  assert.deepEqual(ids(seen.stdout), listed);
});

for (const [format, args] of [
  ["lines", []],
  ["lines of JSON", ["--ndjson"]],
  ["CSV", ["--csv"]],
]) {
  test(`Ctrl-C while ${format} stream: 130, a checkpoint, and the rest from there`, async () => {
    await reset(250);
    const listed = await emulator.listed();
    await stallPage(3, "before-headers");
    const { child, seen, done } = start(["all", ...args], env);
    await until(() => rows(seen.stdout) >= 200);
    child.kill("SIGINT");
    const { code, signal, stdout, stderr } = await done;
    assert.deepEqual([code, signal], [130, null]);
    assert.match(
      stderr,
      /^comfycontrol-runners: interrupted\n200 runners printed; go on with\n  comfycontrol-runners all --resume-from \S+\n$/,
    );
    await until(async () => (await emulator.stats()).inFlight === 0, "nothing under way");
    const rest = await goOn(stderr, ...args);
    assert.equal(rest.code, 0);
    const seenIds = (stdout + rest.stdout).match(/[0-9a-f]{8}-[0-9a-f-]{27}/g);
    assert.deepEqual(seenIds, listed);
  });
}

for (const args of [[], ["--json"]]) {
  test(`Ctrl-C before the end of all ${args.join(" ")} in a terminal prints what was found`, async () => {
    await reset(250);
    const listed = await emulator.listed();
    await stallPage(3, "before-headers");
    const { seen, done, type } = startTerminal(`comfycontrol-runners all ${args.join(" ")}`, env, {
      columns: 120,
    });
    await until(() => seen.stdout.includes("200 of 250 runners"));
    type(CTRL_C);
    const { code, stdout } = await done;
    assert.equal(code, 130);
    assert.deepEqual(stdout.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g), listed.slice(0, 200));
    assert.match(plain(stdout), /\r\x1b\[K(?:NAME |\[\n)/, "the progress is gone before the data begin");
    const rest = await goOn(stdout, "--ndjson");
    assert.deepEqual(ids(rest.stdout), listed.slice(200));
  });
}

test("Ctrl-C in a terminal clears the progress and leaves no request behind", async () => {
  await reset(250);
  await stallPage(3, "mid-body");
  const { seen, done, type } = startTerminal("comfycontrol-runners all --json >/dev/null", env);
  await until(() => seen.stdout.includes("200 of 250 runners"));
  type(CTRL_C);
  const { code, stdout } = await done;
  assert.equal(code, 130);
  assert.match(
    plain(stdout),
    /\r\x1b\[Kcomfycontrol-runners: interrupted\n200 runners printed; go on with\n  comfycontrol-runners all --resume-from \S+\n$/,
  );
  await until(async () => (await emulator.stats()).inFlight === 0, "nothing under way");
});

test("Ctrl-C ends a command whose reader does not read, and the rest comes from the checkpoint", async () => {
  await reset(3800);
  const listed = await emulator.listed();
  const { child, done } = start(["all", "--ndjson"], env);
  child.stdout.pause();
  await requestsAtRest();
  child.kill("SIGINT");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  assert.equal(await ended, 130);
  child.stdout.resume();
  const { stdout, stderr } = await done;
  const whole = stdout.slice(0, stdout.lastIndexOf("\n") + 1);
  const rest = await goOn(stderr, "--ndjson");
  assert.equal(rest.code, 0);
  const all = [...ids(whole), ...ids(rest.stdout)];
  assert.deepEqual([...new Set(all)], listed, "nothing is lost");
});

test("a second Ctrl-C ends a command that waits for its reader to take what was found", async () => {
  await reset(1000);
  await stallPage(10, "before-headers");
  const { child, done } = start(["all", "--json"], env);
  child.stdout.pause();
  await until(async () => {
    const { listReads, inFlight } = await emulator.stats();
    return listReads === 10 && inFlight === 1;
  }, "only the last page is missing");
  child.kill("SIGINT");
  await until(async () => (await emulator.stats()).inFlight === 0, "the first Ctrl-C");
  assert.equal(child.exitCode, null);
  child.kill("SIGINT");
  await until(() => child.exitCode === 130, "the second Ctrl-C");
  child.stdout.resume();
  await done;
});

test("a failure half-way says what it was, and how to go on", async () => {
  await reset(250);
  const listed = await emulator.listed();
  await emulator.faults({ page: 3, status: 400, message: "page 3 is not served" });
  const first = await run(["all", "--ndjson"], env);
  assert.equal(first.code, 1);
  assert.match(
    first.stderr,
    /^comfycontrol-runners: GET \/v1\/managed-runner answered 400: page 3 is not served\n200 runners printed; go on with\n/,
  );
  const rest = await goOn(first.stderr, "--ndjson");
  assert.deepEqual(ids(first.stdout + rest.stdout), listed);
});

test("a failure of the first page offers no checkpoint", async () => {
  await reset(250);
  await emulator.faults({ status: 400, message: "no" });
  const { code, stdout, stderr } = await run(["all", "--json"], env);
  assert.deepEqual([code, stdout], [1, "[]\n"]);
  assert.equal(stderr, "comfycontrol-runners: GET /v1/managed-runner answered 400: no\n");
});

test("a list that changes meanwhile: every runner once, and people are told", async () => {
  await reset(250);
  await emulator.schedule({ after: 2, changes: { remove: [0, 1, 2] } });
  const { code, stdout, stderr } = await run(["all", "--ndjson", "--verbose"], env);
  assert.equal(code, 0);
  const found = ids(stdout);
  assert.equal(new Set(found).size, found.length);
  assert.deepEqual(
    (await emulator.listed()).filter((id) => !found.includes(id)),
    [],
  );
  assert.match(stderr, /the list changed while it was read; each of the 250 runners is here once/);
});

test("a list that never holds still ends in 5", async () => {
  await reset(250);
  await emulator.schedule(
    ...Array.from({ length: 80 }, (_, index) => ({ after: index + 1, changes: { remove: [0] } })),
  );
  const { code, stderr } = await run(["all", "--ndjson"], env);
  assert.equal(code, 5);
  assert.match(stderr, /^comfycontrol-runners: .*\n\d+ runners printed; go on with\n/);
});

test("a checkpoint that is damaged is wrong use", async () => {
  const { code, stderr } = await run(["all", "--resume-from", "abc"], env);
  assert.equal(code, 2);
  assert.match(stderr, /^comfycontrol-runners: --resume-from: expected a checkpoint .*\n$/);
});

test("a list that the limit slows down says at once how long it takes", async () => {
  await reset(5000);
  const { seen, done, type } = startTerminal("comfycontrol-runners all --json >/dev/null", env);
  // 50 requests, of which ten wait for the first 40 to be 10 s ago.
  await until(() => /\d of 5,000 runners, about 1\d s left/.test(plain(seen.stdout)), "the estimate");
  type(CTRL_C);
  assert.equal((await done).code, 130);
});

test("progress goes to a terminal alone, fits it, and is gone at the end", async () => {
  await reset(1200);
  const { code, stdout } = await startTerminal("comfycontrol-runners all --json >/dev/null", env, {
    columns: 30,
  }).done;
  assert.equal(code, 0);
  const lines = plain(stdout).split("\r\x1b[K");
  const shown = lines.filter((line) => line.includes(" of 1,200 run"));
  assert.ok(shown.length > 2, stdout);
  for (const line of shown) assert.ok(line.length < 30, line);
  assert.equal(lines.at(-1), "1,200 runners\n");
  const piped = await run(["all", "--json"], env);
  assert.equal(piped.stderr, "");
});
