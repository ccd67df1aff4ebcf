// One isolate, many visitors: with a client for each, or one that all share.
import { ComfyControl } from "comfycontrol-runners";

const shared = new Map();

/** The client of this visitor: `limit` is "requests/windowMs", or absent for the default. */
function clientFor({ searchParams }, env) {
  const baseUrl = searchParams.get("api");
  const [requests, windowMs] = (searchParams.get("limit") ?? "").split("/").map(Number);
  const options = {
    token: env.COMFYCONTROL_TOKEN,
    baseUrl,
    ...(requests ? { rateLimit: { requests, windowMs } } : {}),
  };
  if (!searchParams.has("shared")) return new ComfyControl(options);
  if (!shared.has(baseUrl)) shared.set(baseUrl, new ComfyControl(options));
  return shared.get(baseUrl);
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    try {
      const client = clientFor(url, env);
      const { runners } =
        url.pathname === "/all" ? await client.collectManagedRunners() : await client.listManagedRunners();
      return Response.json(runners.map(({ name }) => name));
    } catch (error) {
      return new Response(`${error.name} ${error.code}: ${error.message}`, { status: 502 });
    }
  },
};
