// The scope of a list: the API's address, and the account.

import { baseUrlOf } from "../loaders/client.js";

/** Base URLs of clients. A fake, or a client of another copy of the package, has a generated name instead. */
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
  return { baseUrl: baseUrl ?? nameOf(client), account: account ?? null };
}

function check(name, value) {
  if (value === undefined) return;
  if (typeof value !== "string" || value === "")
    throw new TypeError(`${name}: expected a string that is not empty`);
  if (value.includes("cfc_")) throw new TypeError(`${name}: expected a label of your own, not a token`);
}

/** The base URL of a client, or a generated name. It never changes, because a new key causes another request. */
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
