// Shared by `all` and `match`: reads the whole list, prints it, and reports whether it is complete.

import { createClient } from "../client.js";
import { NOT_COMPLETE, SUCCESS } from "../exit-codes.js";
import { count, plural, progress } from "../format.js";
import { chooseFormat, createOutput } from "../output/output.js";
import { PipeClosed } from "../stdout.js";

const PER_PAGE = 100;
const CONCURRENCY = 4;

/**
 * Prints every runner of the list that `accepts` returns true for, out of the first `limit` ones. If an interruption, a
 * failure or the limit ends the reading early, `onStop` gets the checkpoint of the runners printed so far.
 *
 * @returns {Promise<number>} the exit status
 */
export async function enumerate(
  { options, limit, accepts, onStop },
  { stdout, terminal, status, signal, fail },
) {
  const client = await createClient(options, status);
  const output = createOutput(chooseFormat(options, terminal, "table"), stdout);
  // Progress would be printed in the middle of the data where both go to the same terminal.
  const showsProgress = status.isRead && !(output.streams && terminal.isTerminal);
  const iterator = client.iterateManagedRunners({
    perPage: PER_PAGE,
    concurrency: CONCURRENCY,
    limit,
    resumeFrom: options.resumeFrom,
    onProgress: showsProgress
      ? (facts) => facts.delivered < facts.total && status.progress(progress(facts))
      : undefined,
    signal,
  });

  let checkpoint = options.resumeFrom;
  let printed = 0;
  try {
    for await (const runner of iterator) {
      if (accepts(runner)) {
        await output.add(runner);
        printed += 1;
      }
      checkpoint = iterator.checkpoint;
      if (printed === options.limit) break;
    }
  } catch (error) {
    if (error instanceof PipeClosed) throw error;
    // Print the stored runners also after a failure, since the checkpoint continues after them.
    await output.end();
    const exitCode = fail(error);
    onStop({ failed: true, checkpoint, printed });
    return exitCode;
  }
  await output.end();
  if (printed === options.limit) {
    onStop({ failed: false, checkpoint, printed });
    return SUCCESS;
  }
  return conclude(iterator.report, status);
}

/**
 * Reports whether the list is complete.
 *
 * @param {import("comfycontrol-runners").Report} report
 * @param {ReturnType<import("../status.js").createStatus>} status
 * @returns {number} the exit status
 */
export function conclude({ unique, duplicates, totalStart, totalEnd, complete }, status) {
  if (complete === false) {
    status.error(
      `the list is not complete, since it changed while it was read: ` +
        `${plural(unique, "runner")} of ${count(totalEnd)} found; run it again`,
    );
    return NOT_COMPLETE;
  }
  const changed = totalStart !== totalEnd || duplicates > 0;
  status.note(
    changed
      ? `the list changed while it was read; each of the ${plural(unique, "runner")} is here once`
      : plural(unique, "runner"),
  );
  return SUCCESS;
}
