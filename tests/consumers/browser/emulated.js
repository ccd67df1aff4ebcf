import { ComfyControl } from "/node_modules/comfycontrol-runners/dist/index.js";
import { createEmulator, ready } from "/node_modules/comfycontrol-runners/dist/testing.js";
import { show } from "./show.js";

await ready();
const api = createEmulator({ runners: 250 });
api.failNext({ cut: "mid-body" });
const { runners } = await new ComfyControl({ ...api.clientOptions }).listManagedRunners();
show(runners);
