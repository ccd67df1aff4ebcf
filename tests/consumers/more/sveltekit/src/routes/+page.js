// Runs on the server and in the browser. SvelteKit's own fetch resolves paths, and on the server asks the
// route below without a request.
import { listManagedRunners } from "comfycontrol-runners";

export async function load({ fetch }) {
  const { runners } = await listManagedRunners({ baseUrl: "/api", fetch });
  return { runners };
}
