// A thousand processes on one ledger, in virtual time. They ask over a slow network, send slow requests, crash, and are
// suspended. The server counts the arriving requests, and sometimes answers 429 for a while.

import * as ledgerCore from "../../../js/ledger/core.js";

/** A seeded source of numbers in [0, 1): mulberry32. */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Events in the order of their times: a binary heap. */
function makeAgenda() {
  const heap = [];
  const isBefore = (a, b) => heap[a].at < heap[b].at || (heap[a].at === heap[b].at && heap[a].n < heap[b].n);
  const swap = (a, b) => ([heap[a], heap[b]] = [heap[b], heap[a]]);
  let count = 0;
  return {
    add(at, run) {
      heap.push({ at, run, n: (count += 1) });
      for (let i = heap.length - 1; i > 0 && isBefore(i, (i - 1) >> 1); i = (i - 1) >> 1)
        swap(i, (i - 1) >> 1);
    },
    next() {
      if (heap.length === 0) return undefined;
      swap(0, heap.length - 1);
      const first = heap.pop();
      for (let i = 0; ;) {
        let least = i;
        for (const child of [2 * i + 1, 2 * i + 2])
          if (child < heap.length && isBefore(child, least)) least = child;
        if (least === i) return first;
        swap(i, least);
        i = least;
      }
    },
  };
}

/**
 * Runs a simulation to its end.
 *
 * @param {object} options
 * @param {number} options.seed
 * @param {number} options.processes
 * @param {number} options.calls of each process
 * @param {number} [options.crashes] the fraction of processes that crash
 * @param {number} [options.stalls] the fraction of questions that are late, by up to 5 s
 * @param {number} [options.pauses] how often the server answers 429 for a while
 * @param {number} [options.arriveWithinMs] within which time all processes start
 * @param {number} [options.clockSteps] how often the ledger's clock is set back, by an hour
 * @param {object} [options.core] other rules
 */
export function simulate({
  seed,
  processes,
  calls,
  crashes = 0,
  stalls = 0,
  pauses = 0,
  arriveWithinMs = 5_000,
  clockSteps = 0,
  core = ledgerCore,
  requests = 40,
  windowMs = 10_000,
  timeoutMs = 10_000,
}) {
  const random = randomOf(seed);
  const between = (from, to) => from + (to - from) * random();
  const agenda = makeAgenda();
  const leaseMs = timeoutMs + 1_000;
  let now = 0;
  let skew = 1e12;
  let state;
  let pausedUntil = -1;
  const expectedMs = ((processes * calls) / requests) * windowMs;
  const seen = { arrivals: [], calls: [], polls: 0, refused: 0, unfinished: 0, lastGrantAt: 0 };

  const after = (ms, run) => agenda.add(now + ms, run);
  /** One round trip to the ledger. */
  const ledger = (step, answer = () => {}) =>
    after(between(0, 150), () => {
      const changed = step(state, now + skew);
      // The state is not copied: other tests check that it survives JSON.
      state = changed.state;
      after(between(0, 150), () => answer(changed.result));
    });

  for (let number = 0; number < processes; number += 1) {
    const crashesAt = random() < crashes ? between(0, 0.8 * expectedMs) : Infinity;
    const isAlive = () => now < crashesAt;
    const call = (left) => {
      if (left === 0 || !isAlive()) return;
      const id = `${number}-${left}`;
      const record = { askedAt: now, ahead: undefined, lateMs: 0, grantedAt: undefined };
      if (crashesAt === Infinity) seen.calls.push(record);
      const ask = () => {
        if (!isAlive()) return;
        seen.polls += 1;
        ledger((before, time) => {
          record.ahead ??= before?.queue.length ?? 0;
          return core.acquire(before, time, { id, requests, windowMs, leaseMs });
        }, receive);
      };
      const receive = (turn) => {
        if (!isAlive()) return;
        if (!turn.granted) {
          const late = random() < stalls ? between(0, 5_000) : 0;
          record.lateMs += late;
          return after(Math.max(1, Math.ceil(turn.retryInMs ?? turn.refusedForMs)) + late, ask);
        }
        record.grantedAt = seen.lastGrantAt = now;
        send(turn.epoch);
      };
      const send = (epoch) => {
        const arrivesIn = random() < 0.05 ? between(0, timeoutMs) : between(0, 500);
        const answersIn = random() < 0.05 ? Infinity : arrivesIn + between(0, 500);
        let refusedFor;
        // Once sent, a request arrives even if its process crashes. If its time-out aborts it, it may still arrive a
        // little later.
        const arrival = answersIn > timeoutMs ? Math.min(arrivesIn, timeoutMs) + between(0, 900) : arrivesIn;
        after(arrival, () => {
          seen.arrivals.push(now);
          if (now < pausedUntil) refusedFor = pausedUntil - now;
        });
        const isAnswered = answersIn <= timeoutMs;
        after(isAnswered ? answersIn : timeoutMs, () => {
          if (!isAlive()) return;
          ledger((before, time) => core.settle(before, time, id, { answered: isAnswered }));
          if (isAnswered && refusedFor !== undefined) {
            seen.refused += 1;
            ledger((before, time) => core.freeze(before, time, { forMs: windowMs, epoch }));
          }
          after(between(0, 50), () => call(left - 1));
        });
      };
      ask();
    };
    agenda.add(between(0, arriveWithinMs), () => call(calls));
  }
  for (let n = 0; n < pauses; n += 1) {
    agenda.add(between(0, expectedMs), () => (pausedUntil = Math.max(pausedUntil, now + windowMs)));
  }
  for (let n = 0; n < clockSteps; n += 1) agenda.add(between(0, expectedMs), () => (skew -= 3_600_000));

  for (let event = agenda.next(); event; event = agenda.next()) {
    now = event.at;
    if (now > 20 * expectedMs + 1e6) throw new Error("no end is in sight");
    event.run();
  }
  seen.unfinished = seen.calls.filter(({ grantedAt }) => grantedAt === undefined).length;
  return { ...seen, expectedMs, endedAt: now, mostInWindow: mostInWindow(seen.arrivals, windowMs) };
}

/** The most arrivals in any window. Two arrivals exactly one window apart are not in the same window. */
export function mostInWindow(arrivals, windowMs) {
  const sorted = [...arrivals].sort((a, b) => a - b);
  let most = 0;
  for (let last = 0, first = 0; last < sorted.length; last += 1) {
    while (sorted[first] <= sorted[last] - windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
