// Turns an answer of the emulator into a `Response`, which may come late or slowly, stall, or be cut.

import { abortReason } from "./abort.js";

/** Statuses whose responses have no body (RFC 9110 §15). */
const WITHOUT_BODY = [204, 205, 304];

/**
 * Returns the response as `fetch` would. Calls `report` with how the request ended.
 *
 * @param {object} answer an `Answer` of testing/src/exchange.rs
 * @param {AbortSignal | undefined} signal
 * @param {(outcome: "sent" | "aborted" | "cut") => void} report
 * @returns {Promise<Response>}
 */
export async function deliver(answer, signal, report) {
  const { status, headers, body, latency, end, endAfter } = answer;
  try {
    if (latency > 0) await pause(latency, signal);
    if (endAfter === undefined && end === "stall") await pause(undefined, signal);
  } catch (reason) {
    report("aborted");
    throw reason;
  }
  if (endAfter === undefined) {
    report("cut");
    throw new TypeError("fetch failed");
  }
  if (WITHOUT_BODY.includes(status)) {
    report("sent");
    return new Response(null, { status, headers });
  }
  if (end === "complete" && answer.drip === undefined) {
    report("sent");
    return new Response(body, { status, headers });
  }
  return new Response(stream(answer, signal, report), { status, headers });
}

/** A body that is sent slowly or ends early. */
function stream({ body, drip, end, endAfter }, signal, report) {
  let sent = 0;
  const pull = async (controller) => {
    try {
      if (sent < endAfter) {
        if (drip !== undefined) await pause(drip, signal);
        const next = drip === undefined ? endAfter : sent + 1;
        controller.enqueue(body.slice(sent, next));
        sent = next;
      } else if (end === "stall") {
        await pause(undefined, signal);
      } else if (end === "cut") {
        report("cut");
        controller.error(new TypeError("terminated"));
        return;
      }
      if (sent === endAfter && end === "complete") {
        report("sent");
        controller.close();
      }
    } catch (reason) {
      report("aborted");
      controller.error(reason);
    }
  };
  // Nothing is sent ahead of its reader, so that an error does not overtake the bytes before it.
  return new ReadableStream({ pull, cancel: () => report("aborted") }, { highWaterMark: 0 });
}

/** Timers that are set for longer fire at once. */
const LONGEST = 2 ** 31 - 1;

/** Waits this many milliseconds, or for ever. Rejects as soon as the signal is aborted. */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(abortReason(signal));
    };
    const timer =
      milliseconds === undefined
        ? undefined
        : setTimeout(
            () => {
              signal?.removeEventListener("abort", stop);
              resolve();
            },
            Math.min(milliseconds, LONGEST),
          );
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
