// A program that imports the package while one of its libraries requires it: one rate limit for both.
import { createRequire } from "node:module";
import { ComfyControl, listManagedRunners } from "comfycontrol-runners";

const required = createRequire(import.meta.url)("comfycontrol-runners");

const { runners } = await listManagedRunners({ perPage: 5 });
const more = await required.listManagedRunners({ page: 2, perPage: 5 });
for (const { name } of [...runners, ...more.runners]) console.log(name);
console.error(new ComfyControl().rateLimit.remaining, new required.ComfyControl().rateLimit.remaining);
