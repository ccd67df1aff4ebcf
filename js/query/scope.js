// What tells one list from another: where the API is, and whose account it is.

import { baseUrlOf } from "../loaders/client.js";

/** Names of clients whose base URL is unknown: fakes, and clients of another copy of the package. */
const names = new WeakMap();
let unknown = 0;

/**
 * The base URL and the account that a list belongs to. Never a token.
 *
 * @param {object} client
 * @param {{ baseUrl?: string, account?: string }} options
 * @returns {{ baseUrl: string, account: string | null }}
 */
export function scopeOf(client, { baseUrl, account }) {
  if (typeof client !== "object" || client === null) throw new TypeError("expected a ComfyControl client");
  check("baseUrl", baseUrl);
  check("account", account);
  if (account?.startsWith("cfc_")) throw new TypeError("account: expected a label of your own, not a token");
  return { baseUrl: baseUrl ?? nameOf(client), account: account ?? null };
}

function check(name, value) {
  if (value !== undefined && (typeof value !== "string" || value === ""))
    throw new TypeError(`${name}: expected a string that is not empty`);
}

/** The base URL, or a name. A client keeps what it got first: a key that changes causes another request. */
function nameOf(client) {
  let name = names.get(client);
  if (name === undefined) {
    try {
      name = baseUrlOf(client);
    } catch {
      name = `client ${(unknown += 1)}`;
    }
    names.set(client, name);
  }
  return name;
}
