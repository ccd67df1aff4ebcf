import { listManagedRunners } from "comfycontrol-runners";

export async function GET() {
  const { runners } = await listManagedRunners();
  return Response.json(runners);
}
