// Numbers and times as people read them.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** `5,000`. Loading the rules of a locale takes milliseconds, which a small number does not need. */
export const count = (number) => (number < 1000 ? String(number) : number.toLocaleString("en-GB"));

/** `1 runner`, `5,000 runners`. */
export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** A length of time, rounded up so that it never says 0 before it is over: `9 s`, `2 min`, `3 h`. */
export function timeLeft(ms) {
  if (ms < 100 * SECOND) return `${Math.max(0, Math.ceil(ms / SECOND))} s`;
  if (ms < 100 * MINUTE) return `${Math.ceil(ms / MINUTE)} min`;
  return `${Math.ceil(ms / HOUR)} h`;
}

/** `1,200 of 10,000 runners, about 20 s left`. */
export function progress({ delivered, total, estimatedMs }) {
  const left = estimatedMs >= SECOND ? `, about ${timeLeft(estimatedMs)} left` : "";
  return `${count(delivered)} of ${plural(total, "runner")}${left}`;
}
