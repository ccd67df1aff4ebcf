// TanStack Query for Svelte, and the store as one of Svelte's own.
import { createInfiniteQuery, createQuery } from "@tanstack/svelte-query";
import { ComfyControl, type ManagedRunner, type ManagedRunnerPage } from "comfycontrol-runners";
import { type UniqueRunnersPages, runnersInfiniteQuery, runnersQuery } from "comfycontrol-runners/query";
import { type RunnersSnapshot, runnersStore } from "comfycontrol-runners/store";
import { type Readable, derived, fromStore, get } from "svelte/store";

import { same } from "./equal.js";

const client = new ComfyControl({ baseUrl: "/api" });

export function component(): void {
  const query = createQuery(() => runnersQuery(client, { page: 2 }));
  same<typeof query.data, ManagedRunnerPage | undefined>(true);
  const pages = createInfiniteQuery(() => runnersInfiniteQuery(client));
  same<typeof pages.data, UniqueRunnersPages | undefined>(true);

  const store: Readable<RunnersSnapshot> = runnersStore(client);
  const runners = derived(store, (snapshot) => snapshot.runners);
  same<typeof runners, Readable<readonly ManagedRunner[]>>(true);
  same<ReturnType<typeof fromStore<RunnersSnapshot>>["current"], RunnersSnapshot>(true);
  void fromStore(runnersStore(client)).current.runners;
  void get(runnersStore(client)).status;
}
