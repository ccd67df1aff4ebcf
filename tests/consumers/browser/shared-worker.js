import { listManagedRunners } from "/node_modules/comfycontrol-runners/dist/index.js";

addEventListener("connect", async ({ ports: [port] }) => {
  const { runners } = await listManagedRunners({ baseUrl: "/api" });
  port.postMessage(runners);
});
