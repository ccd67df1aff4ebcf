// No web types are declared: the definitions need only the language.
import {
  ComfyControl,
  isComfyControlError,
  listManagedRunners,
  matchRunners,
  type ClientEvent,
  type ClientOptions,
  type ManagedRunner,
  type ManagedRunnerChange,
  type ManagedRunnerPage,
} from "comfycontrol-runners";
import { runnersInfiniteQuery, runnersQuery } from "comfycontrol-runners/query";
import { initialize } from "comfycontrol-runners/slim";
import { runnersStore, type RunnersSnapshot } from "comfycontrol-runners/store";

export async function uses(options: ClientOptions): Promise<ManagedRunner[]> {
  initialize(new Uint8Array());
  const client = new ComfyControl({ ...options, onEvent: (event: ClientEvent) => void event.type });
  const page: ManagedRunnerPage = await client.listManagedRunners({ perPage: 5 });
  const changes: AsyncIterableIterator<ManagedRunnerChange> = client.watchManagedRunners();
  const all = await client
    .collectManagedRunners()
    .catch((error: unknown) => (isComfyControlError(error, "list_changed") ? error : undefined));
  await changes.return?.();
  return matchRunners(page.runners, ["gpu"]).concat(all?.runners ?? (await listManagedRunners()).runners);
}

export function dashboard(client: ComfyControl): RunnersSnapshot {
  const { queryKey, retry } = runnersQuery(client, { page: 2, account: "acme" });
  const [name, { baseUrl, account }, kind, { perPage }] = queryKey;
  const texts: (string | null)[] = [name, baseUrl, account, kind];
  const numbers: number[] = [perPage, runnersInfiniteQuery(client).initialPageParam];
  void [texts, numbers, retry];
  return runnersStore(client, { perPage: 50 }).value;
}
