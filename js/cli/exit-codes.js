// The meaning of the exit status. `--help` prints this table.

export const SUCCESS = 0;
export const FAILURE = 1;
export const WRONG_USE = 2;
export const NOT_ALLOWED = 4;
export const NOT_COMPLETE = 5;
export const INTERRUPTED = 130;

/** Each status with its meaning, in the order in which `--help` lists them. */
export const EXIT_CODES = [
  [SUCCESS, "success"],
  [FAILURE, "failure"],
  [WRONG_USE, "wrong use"],
  [NOT_ALLOWED, "not allowed: the API answered 401 or 403"],
  [NOT_COMPLETE, "rate limited, or the list is not complete"],
  [INTERRUPTED, "interrupted"],
];

const BY_ERROR_CODE = {
  invalid_options: WRONG_USE,
  unauthorized: NOT_ALLOWED,
  forbidden: NOT_ALLOWED,
  rate_limited: NOT_COMPLETE,
  list_changed: NOT_COMPLETE,
};

/**
 * The exit status for the `code` of a `ComfyControlError`.
 *
 * @param {string} code
 * @returns {number}
 */
export const exitCodeOf = (code) => BY_ERROR_CODE[code] ?? FAILURE;
