// Compiles the module while it arrives, and the client without it is a quarter of the size.
import { initialize, listManagedRunners } from "/node_modules/comfycontrol-runners/dist/slim.js";
import { show } from "./show.js";

initialize(await WebAssembly.compileStreaming(fetch("/node_modules/comfycontrol-runners/dist/core.wasm")));

const { runners } = await listManagedRunners({ baseUrl: "/api" });
show(runners);
