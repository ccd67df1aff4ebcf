// Runs a command: arguments in, exit status out. Everything outside comes in as an argument, for tests.

import { parseArguments } from "./arguments.js";
import { all } from "./commands/all.js";
import { completion } from "./commands/completion.js";
import { emulator } from "./commands/emulator.js";
import { get } from "./commands/get.js";
import { list } from "./commands/list.js";
import { match } from "./commands/match.js";
import { watch } from "./commands/watch.js";
import { INTERRUPTED, SUCCESS } from "./exit-codes.js";
import { describeFailure } from "./failure.js";
import { commandHelp, programHelp } from "./help.js";
import { FIELDS } from "./output/fields.js";
import { createStatus } from "./status.js";
import { PipeClosed } from "./stdout.js";

const DEFAULT_BASE_URL = "https://api.comfycontrol.app";
const COMMANDS = { list, all, get, watch, match, emulator, completion };

/**
 * Runs one command.
 *
 * @param {readonly string[]} args
 * @param {object} machine
 * @param {{ write(text: string): Promise<void> }} machine.stdout
 * @param {() => import("./terminal.js").Terminal} machine.describeTerminal standard output
 * @param {Parameters<typeof createStatus>[0]} machine.stderr
 * @param {Record<string, string | undefined>} machine.env
 * @param {AbortSignal} machine.signal aborted by Ctrl-C
 * @param {() => number} machine.now milliseconds since 1970
 * @param {() => string} machine.version of the package
 * @returns {Promise<number>} the exit status
 */
export async function run(args, { stdout, describeTerminal, stderr, env, signal, now, version }) {
  let status = createStatus(stderr, false);
  const facts = {
    hasToken: Boolean(env.COMFYCONTROL_TOKEN),
    baseUrl: env.COMFYCONTROL_BASE_URL || DEFAULT_BASE_URL,
    baseUrlFrom: "COMFYCONTROL_BASE_URL",
  };
  const fail = (error, prefix = "") => {
    const { text, exitCode } = describeFailure(error, { ...facts, now: now() });
    status.clear();
    status.error(prefix + text);
    return exitCode;
  };
  try {
    const request = parseArguments(args);
    if (request.kind === "version") await stdout.write(`${version()}\n`);
    if (request.kind === "help")
      await stdout.write(request.command ? commandHelp(request.command) : programHelp());
    if (request.kind !== "run") return SUCCESS;
    status = createStatus(stderr, request.options.verbose === true);
    // Named after `--json` without a list, as in gh.
    if (request.options.json === FIELDS)
      status.note(`fields: ${FIELDS.join(", ")}; choose with --json id,name`);
    facts.hasToken ||= request.options.tokenFile !== undefined;
    if (request.options.baseUrl !== undefined)
      Object.assign(facts, { baseUrl: request.options.baseUrl, baseUrlFrom: "--base-url" });
    const context = {
      stdout: aboveStatus(stdout, status),
      terminal: describeTerminal(),
      describeTerminal,
      status,
      signal,
      fail,
      now,
    };
    return await COMMANDS[request.command](request, context);
  } catch (error) {
    if (!(error instanceof PipeClosed)) return fail(error);
    status.clear();
    return signal.aborted ? INTERRUPTED : SUCCESS;
  }
}

// Data and progress may go to the same terminal: clear the line of progress before printing data.
const aboveStatus = (stdout, status) => ({
  write(text) {
    status.clear();
    return stdout.write(text);
  },
});
