import { listManagedRunners } from "comfycontrol-runners";

export async function GET() {
  return Response.json((await listManagedRunners()).runners);
}
