/** The reason of the signal after Ctrl-C. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted");
    this.name = "Interrupted";
  }
}

/**
 * A signal that Ctrl-C aborts. A second Ctrl-C ends the process at once.
 *
 * @param {NodeJS.Process} process
 * @param {number} exitCode of the second Ctrl-C
 * @returns {AbortSignal}
 */
export function listenForInterrupt(process, exitCode) {
  const controller = new AbortController();
  process.on("SIGINT", () => {
    if (controller.signal.aborted) process.exit(exitCode);
    controller.abort(new Interrupted());
  });
  return controller.signal;
}
