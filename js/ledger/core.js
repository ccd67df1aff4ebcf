// The rules of a shared rate limit: those of `src/limiter.rs`, for processes that share one state. All functions are
// pure: they take a state, the time and a request, and return the new state and the answer. A state is plain data that
// survives JSON. No function changes the state that it was given.
//
// A request holds a slot from its grant until one window after its end, the latest moment at which the server can have
// counted it. A waiter lapses one second after it should have asked again, and a request at the end of its lease.
// Waiters are served in the order in which they first asked.
//
// All times are milliseconds of the ledger's clock. Answers contain durations, because the processes have other clocks.

/** How long an aborted request may still take to reach the server. */
const ABORTED_GRACE_MS = 1_000;
/** How late a waiter may ask before others stop waiting for it. */
const LATE_GRACE_MS = 1_000;
/** How long a late waiter's position is kept: a hidden page may get to run once a minute. */
const POSITION_KEPT_MS = 90_000;
/** The longest cooldown that calls wait for. */
const LONGEST_COOLDOWN_MS = 60_000;
/** How long a process counts after its last `acquire`. */
const PROCESS_COUNTS_MS = 60_000;
/** If the time goes back by more than this, the clock was set. If by less, the clocks of two hosts differ. */
const CLOCK_STEP_MS = 1_000;

const VERSION = 1;

/**
 * @typedef {object} State
 * @property {number} version
 * @property {number} time of the latest change
 * @property {number} clockOffset how far the clock was set back in total; added to its time
 * @property {number} epoch the number of freezes so far
 * @property {number} cooldownUntil no request starts before this
 * @property {number} longestWindowMs
 * @property {{ id: string, asksAgainAt: number }[]} queue waiters, in the order in which they first asked
 * @property {{ id: string, lapsesAt: number }[]} running requests under way
 * @property {{ id: string, at: number }[]} ended when requests ended, earliest first; can be in the future
 * @property {Record<string, number>} processes when each process last asked
 */

/** @returns {State} */
function initialState() {
  return {
    version: VERSION,
    time: 0,
    clockOffset: 0,
    epoch: 0,
    cooldownUntil: 0,
    longestWindowMs: 0,
    queue: [],
    running: [],
    ended: [],
    processes: {},
  };
}

/**
 * The state after the previous one was lost. Its requests are unknown, so it begins with a pause of one window.
 *
 * @param {number} now
 * @param {number} windowMs
 * @returns {State}
 */
export function stateAfterLoss(now, windowMs) {
  return { ...initialState(), time: now, cooldownUntil: now + windowMs, longestWindowMs: windowMs };
}

/**
 * Asks for a slot. The same id means the same request, which asks again.
 *
 * @param {State | undefined} before `undefined`, or a state of another version, counts as an empty state
 * @param {number} now
 * @param {{ id: string, requests: number, windowMs: number, leaseMs: number, process?: string }} lease
 */
export function acquire(before, now, lease) {
  const state = advance(before, now);
  const { time, epoch } = state;
  const { id, requests, windowMs, leaseMs, process } = lease;
  state.longestWindowMs = Math.max(state.longestWindowMs, windowMs);
  if (process !== undefined) state.processes[process] = time;
  const known = Object.keys(state.processes).length;
  const processes = known > 0 ? { processes: known } : {};
  const grant = () => {
    state.running.push({ id, lapsesAt: time + leaseMs });
    return { state, result: { granted: true, epoch, ...processes } };
  };

  // A request that has a slot asks again: the grant did not reach it, so it has not started.
  const wasGranted = take(state.running, id) !== undefined;
  if (state.cooldownUntil - time > LONGEST_COOLDOWN_MS) {
    take(state.queue, id);
    return { state, result: paused(state.cooldownUntil - time) };
  }
  const isCooling = time < state.cooldownUntil;
  if (wasGranted && !isCooling) return grant();

  const waiter = state.queue.find((waiter) => waiter.id === id) ?? { id, asksAgainAt: time };
  if (!state.queue.includes(waiter)) state.queue.push(waiter);
  const ahead = aheadOf(state, waiter);
  const slots = new Slots(state, requests, windowMs);
  // There is a free slot for this waiter and for each waiter ahead of it.
  if (ahead < slots.free && !isCooling) {
    take(state.queue, id);
    return grant();
  }
  const startAt = slots.freeAt(ahead);
  const askAt = Math.min(startAt, slots.askAt(ahead));
  state.queue[state.queue.indexOf(waiter)] = { id, asksAgainAt: askAt };
  const reason = isCooling ? "cooldown" : "rate_limit";
  return {
    state,
    result: { granted: false, retryInMs: askAt - time, startInMs: startAt - time, reason, ...processes },
  };
}

/**
 * Ends a request. Its slot comes free one window later. If a request ends twice, only the later end counts.
 *
 * @param {State | undefined} before
 * @param {number} now
 * @param {string} id
 * @param {{ answered: boolean }} end
 */
export function settle(before, now, id, { answered }) {
  const state = advance(before, now);
  take(state.running, id);
  const earlier = take(state.ended, id);
  const at = state.time + (answered ? 0 : ABORTED_GRACE_MS);
  addEnd(state, id, earlier ? Math.max(at, earlier.at) : at);
  return { state, result: undefined };
}

/**
 * Forgets a request that did not start: it leaves the queue, or gives back its slot.
 *
 * @param {State | undefined} before
 * @param {number} now
 * @param {string} id
 */
export function abandon(before, now, id) {
  const state = advance(before, now);
  take(state.queue, id);
  take(state.running, id);
  return { state, result: undefined };
}

/**
 * The server answered 429: no request starts for a while. If two freezes overlap, the later end counts, so that a late
 * 429 shortens no freeze.
 *
 * @param {State | undefined} before
 * @param {number} now
 * @param {{ forMs: number, epoch: number }} pause `epoch` is that of the request's grant
 */
export function freeze(before, now, { forMs, epoch }) {
  const state = advance(before, now);
  state.cooldownUntil = Math.max(state.cooldownUntil, state.time + forMs);
  // Several requests of one epoch can get a 429 in the same cooldown of the server. It counts once.
  if (epoch >= state.epoch) state.epoch += 1;
  return { state, result: undefined };
}

/** The answer during a cooldown that lasts `forMs` more. */
export function paused(forMs) {
  return forMs > LONGEST_COOLDOWN_MS
    ? { granted: false, refusedForMs: forMs }
    : { granted: false, retryInMs: forMs, startInMs: forMs, reason: "cooldown" };
}

/** A copy of the state at the time `now`, without lapsed entries and ends that lie outside every window. */
function advance(before, now) {
  const state = before?.version === VERSION ? copy(before) : initialState();
  let time = now + state.clockOffset;
  // The clock was set back. Treat it as if no time had passed, and correct later readings.
  if (time < state.time - CLOCK_STEP_MS) state.clockOffset += state.time - time;
  state.time = time = Math.max(time, state.time);

  state.queue = state.queue.filter(({ asksAgainAt }) => asksAgainAt + POSITION_KEPT_MS > time);
  for (const { id, lapsesAt } of state.running) if (lapsesAt <= time) addEnd(state, id, lapsesAt);
  state.running = state.running.filter(({ lapsesAt }) => lapsesAt > time);
  state.ended = state.ended.filter(({ at }) => at + state.longestWindowMs > time);
  for (const [process, seenAt] of Object.entries(state.processes)) {
    if (seenAt + PROCESS_COUNTS_MS <= time) delete state.processes[process];
  }
  return state;
}

function copy(state) {
  const { queue, running, ended, processes } = state;
  return {
    ...state,
    queue: [...queue],
    running: [...running],
    ended: [...ended],
    processes: { ...processes },
  };
}

/** Removes the entry with this id from a list, and returns it. */
function take(list, id) {
  const index = list.findIndex((entry) => entry.id === id);
  return index < 0 ? undefined : list.splice(index, 1)[0];
}

function addEnd({ ended }, id, at) {
  const later = ended.findIndex((end) => end.at > at);
  ended.splice(later < 0 ? ended.length : later, 0, { id, at });
}

/** How many waiters that have not lapsed are ahead of this one. */
function aheadOf({ queue, time }, waiter) {
  let count = 0;
  for (const { id, asksAgainAt } of queue) {
    if (id === waiter.id) break;
    if (asksAgainAt + LATE_GRACE_MS > time) count += 1;
  }
  return count;
}

/** The slots of a window, for a client that may start `requests` in `windowMs`. */
class Slots {
  constructor({ running, ended, time, cooldownUntil }, requests, windowMs) {
    this.requests = requests;
    this.windowMs = windowMs;
    this.now = time;
    this.opensAt = Math.max(time, cooldownUntil);
    this.running = running.length;
    /** Ends whose windows are not over, earliest first. */
    this.ends = ended.map(({ at }) => at).filter((at) => at + windowMs > time);
    const held = this.running + this.ends.length;
    this.free = Math.max(0, requests - held);
    /** How many slots must come free before one can be taken: clients with a higher limit may hold more slots. */
    this.excess = Math.max(0, held - requests);
  }

  /** When a waiter behind `ahead` others can start at the earliest, if all of them start as soon as they can. */
  freeAt(ahead) {
    if (ahead < this.free) return this.opensAt;
    const behind = ahead - this.free;
    const round = Math.floor(behind / this.requests);
    const end = this.end(this.excess + (behind % this.requests));
    return Math.max(end + this.windowMs, this.opensAt) + this.windowMs * round;
  }

  /** When a waiter that cannot start now should ask again. */
  askAt(ahead) {
    if (ahead < this.free) return this.opensAt;
    // Waiters ahead may leave. So it asks when half of them have started, and at least once per window.
    const half = Math.min(Math.floor((ahead - this.free) / 2), this.requests - 1);
    const askAt = this.freeAt(this.free + half);
    // Waiters ahead that have a free slot take it after the cooldown, or lapse.
    const isNext = ahead < this.free + this.requests;
    return this.free > 0 && isNext ? Math.min(askAt, this.opensAt + LATE_GRACE_MS) : askAt;
  }

  /**
   * The earliest end, in order, of the request at this index among those that hold a slot, if waiters take the free
   * slots when the cooldown is over. A request under way ends now at the earliest.
   */
  end(index) {
    const { ends, running, free, now, opensAt } = this;
    const past = ends.filter((end) => end <= now).length;
    const beforeOpening = ends.filter((end) => end <= opensAt).length;
    if (index < past) return ends[index];
    if (index < past + running) return now;
    if (index < beforeOpening + running) return ends[index - running];
    if (index < beforeOpening + running + free) return opensAt;
    return ends[index - running - free];
  }
}
