// The connection of this tab, if the user asked to keep it. `sessionStorage` ends with the tab, and other
// tabs cannot read it. The token is never written anywhere else.

const KEY = "comfycontrol.connection";

/** `{ baseUrl, token }`, or nothing. */
export function recall() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    const sound = typeof kept?.baseUrl === "string" && typeof kept.token === "string";
    return sound ? { baseUrl: kept.baseUrl, token: kept.token } : undefined;
  } catch {
    // Storage is turned off, or has other content: treat it as empty.
    return undefined;
  }
}

/** Keeps the connection until the tab is closed. */
export function keep({ baseUrl, token }) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ baseUrl, token }));
  } catch {
    // Storage is turned off or full: the connection lasts until the page is reloaded.
  }
}

/** Removes the kept connection. */
export function forget() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Storage is turned off, so there is nothing to forget.
  }
}
