import { createClient } from "../client.js";
import { SUCCESS } from "../exit-codes.js";
import { chooseFormat, createOutput } from "../output/output.js";

/** `get`: runners by their ids, in the order of the arguments. After a failure, the others are still printed. */
export async function get({ options, operands }, { stdout, terminal, status, signal, fail }) {
  const client = await createClient(options, status);
  const output = createOutput(chooseFormat(options, terminal, "records"), stdout);
  const calls = operands.map((id) => client.getManagedRunner(id, { signal }));
  let exitCode = SUCCESS;
  for (const [index, outcome] of (await Promise.allSettled(calls)).entries()) {
    if (outcome.status === "fulfilled") await output.add(outcome.value);
    else {
      signal.throwIfAborted();
      const failed = fail(outcome.reason, operands.length > 1 ? `${operands[index]}: ` : "");
      exitCode = Math.max(exitCode, failed);
    }
  }
  await output.end();
  return exitCode;
}
