// Standard output with back-pressure: a write resolves when the reader has taken the data.

/** The reader has exited, as in `comfycontrol-runners all | head`. Not a failure. */
export class PipeClosed extends Error {}

/**
 * @param {import("node:stream").Writable} stream
 * @param {AbortSignal} signal ends a write that waits for a reader
 * @returns {{ write(text: string): Promise<void> }}
 */
export function createStdout(stream, signal) {
  const translated = (error) =>
    error.code === "EPIPE"
      ? new PipeClosed()
      : new Error(`cannot write to standard output: ${error.message}`);
  // Each write reports its own error. Without this listener, the first error would end the process.
  stream.on("error", () => {});
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        if (signal.aborted && stream.writableNeedDrain) return reject(signal.reason);
        const interrupted = () => reject(signal.reason);
        signal.addEventListener("abort", interrupted, { once: true });
        stream.write(text, (error) => {
          signal.removeEventListener("abort", interrupted);
          if (error) reject(translated(error));
          else resolve();
        });
      }),
  };
}
