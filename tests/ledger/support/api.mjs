// The emulator with the documented limit on a shorter time scale. It counts the requests.

import { startEmulator } from "../../package/support/emulator.mjs";
import { startProcess } from "./process.mjs";

/** Half a second instead of the documented window of ten. */
export const LIMIT = { requests: 40, windowMs: 500 };

export const startApi = ({ requests, windowMs } = LIMIT) =>
  startEmulator("--limit", String(requests), "--window-ms", String(windowMs), "--runners", "5");

/** Starts processes, each of which has made a few calls, so that it is warm. */
export async function crowd(count, options) {
  const processes = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      startProcess({ rateLimit: LIMIT, ...options, ...options.each?.(index) }),
    ),
  );
  await Promise.all(processes.map((each) => each.call(4)));
  return processes;
}

/** Milliseconds of a clock that all processes share. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;
