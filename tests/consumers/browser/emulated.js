import { ComfyControl } from "/node_modules/comfycontrol-runners/dist/index.js";
import { createEmulator, ready, resetRateLimits } from "/node_modules/comfycontrol-runners/dist/testing.js";
import { show } from "./show.js";

await ready();
const api = createEmulator({ runners: 250 });
api.failNext({ cut: "mid-body" });
const client = new ComfyControl({ ...api.clientOptions });
await client.listManagedRunners();
resetRateLimits();
const { runners } = await client.listManagedRunners();
show(runners);
