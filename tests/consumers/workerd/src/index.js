import { ComfyControl } from "comfycontrol-runners";

export default {
  async fetch(request, env) {
    const client = new ComfyControl({ token: env.COMFYCONTROL_TOKEN, baseUrl: env.COMFYCONTROL_BASE_URL });
    const { runners } = await client.listManagedRunners();
    return Response.json(runners);
  },
};
