// The documented limit on another scale, served by the emulator: it counts, and is the judge.

import { startEmulator } from "../../package/support/emulator.mjs";
import { startProcess } from "./process.mjs";

/** 40 requests in half a second stand for 40 in ten. */
export const LIMIT = { requests: 40, windowMs: 500 };

export const startApi = ({ requests, windowMs } = LIMIT) =>
  startEmulator("--limit", String(requests), "--window-ms", String(windowMs), "--runners", "5");

/** So many processes, each of which has made a few calls: what is slow at first is over. */
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
