// Calls of the entries for dashboards, which must compile in every kind of module.
import { ComfyControl } from "comfycontrol-runners";
import {
  allRunnersQuery,
  type RunnersKey,
  type RunnersQuery,
  runnerQuery,
  runnersInfiniteQuery,
  runnersKey,
  runnersQuery,
} from "comfycontrol-runners/query";
import { type RunnersStore, type RunnersStoreOptions, runnersStore } from "comfycontrol-runners/store";

const client = new ComfyControl();
const key: RunnersKey = runnersKey(client, { account: "acme", baseUrl: undefined });
const page: RunnersQuery<unknown, readonly unknown[]> = runnersQuery(client, { page: 2, perPage: undefined });
const options: RunnersStoreOptions = { interval: 60_000, perPage: 100, timeout: 5000, maxRetries: 0 };
const store: RunnersStore = runnersStore(client, options);
// A fake client needs the one method that is called.
const fake = runnersQuery({ listManagedRunners: (given) => client.listManagedRunners(given) });
export const all = [
  key,
  page,
  store,
  fake,
  runnerQuery(client, "id"),
  allRunnersQuery(client, { concurrency: 2 }),
  runnersInfiniteQuery(client, { perPage: 50 }),
];
