import {
  ComfyControl,
  ComfyControlError,
  isComfyControlError,
  listManagedRunners,
  matchRunners,
  type ErrorCode,
  type ListOptions,
  type ManagedRunner,
  type ManagedRunnerPage,
} from "comfycontrol-runners";
import * as slim from "comfycontrol-runners/slim";

const options: ListOptions = { page: 1, perPage: 50 };
const page: ManagedRunnerPage = await listManagedRunners({ ...options, token: async () => "cfc_demo" });
const able: ManagedRunner[] = matchRunners(page.runners, ["gpu:a100"]);

// The entries share their types, as they share their instance.
const client: slim.ComfyControl = new ComfyControl({ timeout: 5_000 });
slim.initialize(new Uint8Array());
// @ts-expect-error: not a URL
slim.initialize("/core.wasm");

try {
  await client.getManagedRunner(able[0]!.id);
} catch (error) {
  if (isComfyControlError(error, "forbidden")) {
    const code: "forbidden" = error.code;
    console.error(code, error.message);
  } else if (error instanceof ComfyControlError) {
    const code: ErrorCode = error.code;
    console.error(code);
  }
}
