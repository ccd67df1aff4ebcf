// With `exactOptionalPropertyTypes`, every optional member also accepts `undefined`, as in `process.env`.
import {
  ComfyControl,
  getManagedRunner,
  listManagedRunners,
  type ClientOptions,
  type IterateOptions,
  type ListOptions,
  type RequestOptions,
  type WatchOptions,
} from "comfycontrol-runners";

declare const env: { [name: string]: string | undefined };
declare const some: { number?: number; boolean?: boolean };

export const request: RequestOptions = { signal: undefined, timeout: some.number, maxRetries: undefined };
export const list: ListOptions = { ...request, page: some.number, perPage: undefined };
export const iterate: IterateOptions = {
  ...request,
  perPage: undefined,
  concurrency: some.number,
  consistency: undefined,
  resumeFrom: env.CHECKPOINT,
  onProgress: undefined,
};
export const watch: WatchOptions = {
  ...request,
  interval: undefined,
  perPage: some.number,
  everyReading: some.boolean,
};
export const options: ClientOptions = {
  token: env.COMFYCONTROL_TOKEN,
  baseUrl: env.COMFYCONTROL_BASE_URL,
  timeout: undefined,
  maxRetries: undefined,
  fetch: undefined,
  rateLimit: undefined,
  onEvent: undefined,
  onInvalidRunner: undefined,
  allowInsecureToken: some.boolean,
};

export async function calls(id: string): Promise<void> {
  const client = new ComfyControl({ token: env.MY_TOKEN, timeout: 5_000 });
  await client.listManagedRunners({ perPage: 100, signal: undefined });
  await client.getManagedRunner(id, undefined);
  await client.collectManagedRunners(iterate);
  for await (const { runners } of client.watchManagedRunners(watch)) if (runners.length) break;
  await listManagedRunners({ ...list, ...options });
  await getManagedRunner(id, { ...request, ...options });
  await new ComfyControl(undefined).listManagedRunners(undefined);
}

// @ts-expect-error a number is no switch
export const insecure: ClientOptions = { allowInsecureToken: 1 };
