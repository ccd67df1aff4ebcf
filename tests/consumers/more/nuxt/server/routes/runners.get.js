import { listManagedRunners } from "comfycontrol-runners";

export default defineEventHandler(async (event) => {
  const { token, baseUrl } = useRuntimeConfig(event).comfycontrol;
  return (await listManagedRunners({ token, baseUrl })).runners;
});
