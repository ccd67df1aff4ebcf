import { listManagedRunners } from "comfycontrol-runners";

addEventListener("fetch", (event) => {
  const answer = async () =>
    Response.json(
      (await listManagedRunners({ token: COMFYCONTROL_TOKEN, baseUrl: COMFYCONTROL_BASE_URL })).runners,
    );
  event.respondWith(answer());
});
