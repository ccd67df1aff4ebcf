/**
 * Why a signal was aborted. Old signals carry no reason.
 *
 * @param {AbortSignal} signal
 */
export function abortReason(signal) {
  return signal.reason ?? new DOMException("This operation was aborted", "AbortError");
}
