// The same where no condition names the platform: import the module, and hand it over.
import { initialize, listManagedRunners } from "comfycontrol-runners/slim";
import module from "comfycontrol-runners/core.wasm";

export async function list(env) {
  initialize(module);
  const { runners } = await listManagedRunners({
    token: env.COMFYCONTROL_TOKEN,
    baseUrl: env.COMFYCONTROL_BASE_URL,
  });
  return Response.json(runners);
}
