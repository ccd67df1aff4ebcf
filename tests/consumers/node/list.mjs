import { listManagedRunners } from "comfycontrol-runners";

const { runners } = await listManagedRunners();
for (const { name } of runners) console.log(name);
