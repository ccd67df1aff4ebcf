import { ComfyControl, isComfyControlError, responseOf, type Priority } from "comfycontrol-runners";

const priority: Priority = "low";
const client = new ComfyControl({ headers: { "x-team": "render" }, fetchOptions: { cache: "no-store" } });
new ComfyControl({ headers: [["x-team", "render"]] });
new ComfyControl({ headers: new Headers() });
new ComfyControl({ headers: new Map([["x-team", "render"]]) });
// @ts-expect-error a header is a string
new ComfyControl({ headers: { "x-team": 5 } });
// @ts-expect-error no such priority
client.listManagedRunners({ priority: "urgent" });

export async function use(): Promise<void> {
  const page = await client.listManagedRunners({ priority, totalTimeout: 60_000 });
  const answer = responseOf(page);
  const id: string | undefined = answer?.requestId;
  const type: string | undefined = answer?.headers["content-type"];
  // @ts-expect-error there may be no answer
  responseOf(page).status;
  await using runners = client.iterateManagedRunners({ limit: 10 });
  for await (const { name } of runners) name.toUpperCase();
  await using pages = client.iterateManagedRunners().pages();
  await using watch = client.watchManagedRunners({ background: true });
  watch.refresh();
  watch.interval = 60_000;
  for await (const change of watch) if (change.error) change.error.toJSON();
  if (isComfyControlError(id)) id;
  void type;
  void pages;
}
