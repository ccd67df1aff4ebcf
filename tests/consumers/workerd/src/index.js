import { ComfyControl } from "comfycontrol-runners";
import * as slim from "./slim.js";

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/slim") return slim.list(env);
    const client = new ComfyControl({ token: env.COMFYCONTROL_TOKEN, baseUrl: env.COMFYCONTROL_BASE_URL });
    const { runners } = await client.listManagedRunners();
    return Response.json(runners);
  },
};
