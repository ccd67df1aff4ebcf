// The package is loaded, and used, before `lockdown()`.
import { listManagedRunners } from "comfycontrol-runners";
import "ses";

await listManagedRunners();
lockdown();
const { runners } = await listManagedRunners();
for (const { name } of runners) console.log(name);
