// Angular's zones: timers and promises are replaced, and fetch, whose plugin assigns `init.signal`.
import "zone.js";
import "zone.js/plugins/zone-patch-fetch";
import { ComfyControl, listManagedRunners } from "comfycontrol-runners";

const zone = Zone.current.fork({ name: "app" });
await zone.run(async () => {
  const { runners } = await listManagedRunners({ signal: new AbortController().signal });
  const all = await new ComfyControl().collectManagedRunners();
  if (all.runners.length !== 250) throw new Error(`${all.runners.length} runners`);
  for (const { name } of runners) console.log(name);
});
