import { env } from "$env/dynamic/private";
import { listManagedRunners } from "comfycontrol-runners";

export async function GET() {
  const { runners } = await listManagedRunners({
    token: env.COMFYCONTROL_TOKEN,
    baseUrl: env.COMFYCONTROL_BASE_URL,
  });
  return Response.json(runners);
}
