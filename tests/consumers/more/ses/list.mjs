// Hardened JavaScript: after `lockdown()` the language's own objects are frozen.
import "ses";

lockdown({ errorTaming: "unsafe", stackFiltering: "verbose" });

const { ComfyControl, isComfyControlError, listManagedRunners } = await import("comfycontrol-runners");
const { runners } = await listManagedRunners();
const client = harden(new ComfyControl());
let met = 0;
for await (const runner of client.iterateManagedRunners()) met += runner.id ? 1 : 0;
const error = await client.listManagedRunners({ perPage: 0 }).catch((error) => error);
if (met !== 250 || !isComfyControlError(error, "invalid_options"))
  throw new Error(`${met} runners, ${error}`);
for (const { name } of harden(runners)) console.log(name);
