import { listManagedRunners } from "comfycontrol-runners";

export async function loader({ request }) {
  return Response.json((await listManagedRunners({ signal: request.signal })).runners);
}
