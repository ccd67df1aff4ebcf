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
import { initialize } from "comfycontrol-runners/slim";

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
