// The reasons of signals that aborted a call. They are the caller's own objects, so nothing follows from how they look.

const reasons = new WeakSet();

export function rememberReason(reason) {
  if (Object(reason) === reason) reasons.add(reason);
}

export function isReason(value) {
  return reasons.has(value);
}
