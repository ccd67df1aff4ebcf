import { listManagedRunners } from "/node_modules/comfycontrol-runners/dist/index.js";

addEventListener("message", (event) => {
  const list = async () => {
    const { runners } = await listManagedRunners({ baseUrl: "/api" });
    event.source.postMessage(runners);
  };
  event.waitUntil(list());
});
