// Checks that a value is a runner, by the rules of `api/contract.md`.

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** The form of an RFC 3339 date and time. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

const isText = (value) => typeof value === "string";
const isTime = (value) => isText(value) && DATE_TIME.test(value) && !Number.isNaN(Date.parse(value));

const MEMBERS = {
  id: (value) => isText(value) && UUID.test(value),
  name: isText,
  runnerType: isText,
  status: isText,
  tags: (value) => Array.isArray(value) && value.every(isText),
  createdAt: isTime,
  updatedAt: isTime,
};

/** @param {unknown} value */
export function isRunner(value) {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(MEMBERS).every(
    ([name, isSound]) => Object.hasOwn(value, name) && isSound(value[name]),
  );
}

/** A copy of a runner without further members. */
export function runnerOf({ id, name, runnerType, status, tags, createdAt, updatedAt }) {
  return { id, name, runnerType, status, tags, createdAt, updatedAt };
}
