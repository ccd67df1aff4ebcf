import { listManagedRunners } from "comfycontrol-runners";

export default {
  async fetch(request, env) {
    const { runners } = await listManagedRunners({
      token: env.COMFYCONTROL_TOKEN,
      baseUrl: env.COMFYCONTROL_BASE_URL,
    });
    return Response.json(runners);
  },
};
