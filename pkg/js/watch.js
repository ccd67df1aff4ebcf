// Watching: reads the list whenever Rust says so, and tells what has changed.

import { DONE, now, wait } from "./io.js";
import { stoppable } from "./iterate.js";
import { Reading } from "./reading.js";

export function watch(core, client, values) {
  const { signal, interval } = values;
  let reading, wake;
  let over = false;
  const show = () => wake?.(DONE);
  const stop = () => {
    over = true;
    reading?.stop();
    show();
  };
  return stoppable(follow(), stop);

  async function* follow() {
    const page = globalThis.document;
    let last;
    let due = -Infinity;
    let errors = 0;
    while (!over && !signal?.aborted) {
      const ms = core.untilDue(due, !page?.hidden, now());
      if (ms > 0) {
        page?.addEventListener("visibilitychange", show);
        await wait(core, ms, signal, (end) => void (wake = end));
        page?.removeEventListener("visibilitychange", show);
        continue;
      }
      let change;
      let retryAt = 0;
      try {
        const rows = await readAll();
        change = compare(last ?? [], rows, !last);
        last = rows;
        errors = 0;
      } catch (error) {
        change = { error, runners: last?.slice() ?? [] };
        errors++;
        if (error?.retryAt) retryAt = error.retryAt - Date.now() + now();
      }
      due = core.nextDue(interval, errors, now(), retryAt);
      if (change && !over && !signal?.aborted) yield change;
    }
  }

  async function readAll() {
    const rows = [];
    reading = new Reading(core, client, values);
    try {
      for await (const page of reading.pages()) {
        rows.push(...page);
        reading.consumed(page.length);
      }
    } finally {
      reading.close();
    }
    return rows;
  }
}

const FIELDS = ["name", "runnerType", "status", "tags", "createdAt", "updatedAt"];

/**
 * What changed from the `old` list to `rows`, or `undefined` where nothing did; another order alone is nothing. Puts the
 * objects known already into `rows`, so that nobody has to compare again.
 */
function compare(old, rows, first) {
  const left = new Map(old.map((runner) => [runner.id, runner]));
  const added = [];
  const changed = [];
  rows.forEach((runner, place) => {
    const previous = left.get(runner.id);
    if (!left.delete(runner.id)) return added.push(runner);
    const fields = FIELDS.filter((field) => differs(runner[field], previous[field]));
    if (fields.length) changed.push({ runner, previous, fields });
    else rows[place] = previous;
  });
  const removed = [...left.values()];
  if (first || added.length + removed.length + changed.length) return { runners: rows.slice(), added: first ? [] : added, removed, changed };
}

/** Whether texts or tags differ. The caller had the previous ones, and may have changed them. */
function differs(value, previous) {
  if (!Array.isArray(value)) return value !== previous;
  return previous?.length !== value.length || value.some((tag, place) => tag !== previous[place]);
}
