// Brings the module itself: here compiled from the file, beside the work of starting up.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { listManagedRunners as everywhere } from "comfycontrol-runners";
import { initialize, listManagedRunners } from "comfycontrol-runners/slim";

const file = fileURLToPath(import.meta.resolve("comfycontrol-runners/core.wasm"));
initialize(await WebAssembly.compile(await readFile(file)));

const { runners } = await listManagedRunners({ perPage: 5 });
// What it was given serves the usual entry too.
const more = await everywhere({ page: 2, perPage: 5 });
for (const { name } of [...runners, ...more.runners]) console.log(name);
