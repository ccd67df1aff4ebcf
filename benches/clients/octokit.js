// Octokit's core with the three plugins that its users add, pointed at this API. Nothing is checked.
import { Octokit } from "@octokit/core";
import { paginateRest } from "@octokit/plugin-paginate-rest";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";

const Client = Octokit.plugin(retry, throttling, paginateRest);

export const client = (fetch) => {
  const again = () => true;
  const api = new Client({
    auth: "cfc_bench",
    baseUrl: "https://api.comfycontrol.app",
    request: { fetch },
    throttle: { onRateLimit: again, onSecondaryRateLimit: again },
  });
  return async (page, per_page) => (await api.request("GET /v1/managed-runner", { page, per_page })).data;
};
