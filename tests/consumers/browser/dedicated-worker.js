import { listManagedRunners } from "/node_modules/comfycontrol-runners/dist/index.js";

const { runners } = await listManagedRunners({ baseUrl: "/api" });
postMessage(runners);
