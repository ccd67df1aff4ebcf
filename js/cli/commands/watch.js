import { createClient } from "../client.js";
import { INTERRUPTED } from "../exit-codes.js";
import { plural } from "../format.js";
import { changeJson, changeLine, changeRow, separate } from "../output/changes.js";
import { jsonLine } from "../output/ndjson.js";
import { pick } from "../output/fields.js";

/** `watch`: changes until Ctrl-C. A failed reading is reported; the watch ends if a retry cannot help. */
export async function watch({ options }, { stdout, terminal, describeTerminal, status, signal, fail, now }) {
  const client = await createClient(options, status);
  const print = (change, time) => {
    if (options.ndjson) return changeJson(withFields(change, options.ndjson), time.toISOString());
    if (!terminal.isTerminal) return changeRow(change, time.toISOString());
    return changeLine(change, { ...describeTerminal(), time: timeOfDay(time) });
  };
  let first = true;
  for await (const item of client.watchManagedRunners({ interval: options.interval, signal })) {
    if (item.error) {
      if (signal.aborted) break;
      const failed = fail(item.error);
      if (item.error.retryable !== true) return failed;
      continue;
    }
    const time = new Date(now());
    if (first) {
      status.note(`watching ${plural(item.runners.length, "runner")}; Ctrl-C ends it`);
      const runners = item.runners.map((runner) => pick(runner, options.ndjson ?? []));
      if (options.ndjson) await stdout.write(jsonLine({ type: "list", time: time.toISOString(), runners }));
    }
    first = false;
    for (const change of separate(item)) await stdout.write(print(change, time));
  }
  return INTERRUPTED;
}

const timeOfDay = (time) => time.toTimeString().slice(0, 8);

function withFields({ runner, previous, ...rest }, fields) {
  return { ...rest, runner: pick(runner, fields), ...(previous && { previous: pick(previous, fields) }) };
}
