import { ComfyControl } from "comfycontrol-runners";
import { createEmulator } from "comfycontrol-runners/testing";

const api = createEmulator({ runners: 250 });
api.failNext({ cut: "mid-body" });
const { runners } = await new ComfyControl({ ...api.clientOptions }).listManagedRunners();
for (const { name } of runners) console.log(name);
