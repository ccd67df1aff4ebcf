import { listManagedRunners } from "/node_modules/comfycontrol-runners/dist/index.js";
import { show } from "./show.js";

const { runners } = await listManagedRunners({ baseUrl: "/api" });
show(runners);
