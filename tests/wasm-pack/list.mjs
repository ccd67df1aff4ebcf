// Functions that every build of the crate must pass, in Node and in pages.

import { missingValues } from "../types/missing.mjs";

const RUNNER = {
  id: "018f9c3e-0000-7000-8000-00000000000a",
  name: "render 😀",
  runner_type: "pro",
  status: "active",
  tags: ["gpu", "eu"],
  created_at: "2024-01-15T10:30:00Z",
  updated_at: "2024-01-15T10:30:00Z",
};

/** A `fetch` whose every answer is one page. */
async function fetch() {
  const body = JSON.stringify({ runners: [RUNNER], total: 55 });
  return new Response(body, { headers: { "Content-Type": "application/json" } });
}

/**
 * The declared values that a build lacks. If there are none, also the result of a listing.
 *
 * @param {object} api - The module, ready for calls.
 * @param {[name: string, members: string[]][]} declared - What `declaredValues` gives.
 */
export async function ask(api, declared) {
  const missing = missingValues(declared, api);
  return missing.length > 0 ? { missing } : { missing, listed: await list(api) };
}

/** Lists a page in both ways, and passes a wrong option. */
async function list(api) {
  const client = new api.ComfyControl({ token: "cfc_test", fetch });
  const options = { page: 2, perPage: 50 };
  const error = await client.listManagedRunners({ perPage: -1 }).catch((error) => error);
  const page = await api.listManagedRunners({ ...options, token: "cfc_test", fetch });
  return {
    page,
    pageOfClient: await client.listManagedRunners(options),
    matching: api.matchRunners(page.runners, ["gpu"]).length,
    error: {
      code: error.code,
      isComfyControlError: api.isComfyControlError(error, "invalid_options"),
      instance: error instanceof api.ComfyControlError,
    },
  };
}

/** The result of `ask` for a good build. */
export const EXPECTED = (() => {
  const { runner_type: runnerType, created_at: createdAt, updated_at: updatedAt, ...same } = RUNNER;
  const runners = [{ ...same, runnerType, createdAt, updatedAt }];
  const page = { runners, total: 55, page: 2, perPage: 50, pageCount: 2, hasNextPage: false };
  const error = { code: "invalid_options", isComfyControlError: true, instance: true };
  return { missing: [], listed: { page, pageOfClient: page, matching: 1, error } };
})();
