// Numbers and times as people read them.

const LOCALE = "en-GB";
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const integers = new Intl.NumberFormat(LOCALE);
const exact = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "long" });
const clock = new Intl.DateTimeFormat(LOCALE, { timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });

/** `5,000`. */
export const count = (number) => integers.format(number);

/** `1 runner`, `5,000 runners`. */
export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** A time in milliseconds as date and time of day with its zone. */
export const exactTime = (time) => exact.format(time);

/** A time in milliseconds as time of day. */
export const timeOfDay = (time) => clock.format(time);

const STEPS = [
  [MINUTE, SECOND, "second"],
  [HOUR, MINUTE, "minute"],
  [DAY, HOUR, "hour"],
  [30 * DAY, DAY, "day"],
  [365 * DAY, 30 * DAY, "month"],
  [Infinity, 365 * DAY, "year"],
];

/** `3 days ago`. The last minute is `just now`, because seconds would change too often in a table. */
export function relativeTime(time, now) {
  const ago = now - time;
  if (Math.abs(ago) < MINUTE) return "just now";
  const [, unit, name] = STEPS.find(([limit]) => Math.abs(ago) < limit);
  return relative.format(-Math.trunc(ago / unit), name);
}

/** How old something is: `4 s`, `3 min`, `2 h`. */
export function age(ms) {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} days`;
}

/** Time left, rounded up, so that it never says 0 before it is over: `9 s`, `2 min`. */
export function timeLeft(ms) {
  const seconds = Math.max(0, Math.ceil(ms / SECOND));
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
