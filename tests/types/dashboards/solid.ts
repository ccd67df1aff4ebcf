// TanStack Query for Solid, and the store as a signal.
import { useInfiniteQuery, useQuery } from "@tanstack/solid-query";
import { ComfyControl, type ManagedRunnerPage } from "comfycontrol-runners";
import { type UniqueRunnersPages, runnersInfiniteQuery, runnersQuery } from "comfycontrol-runners/query";
import { type RunnersSnapshot, runnersStore } from "comfycontrol-runners/store";
import { createSignal, from } from "solid-js";

import { same } from "./equal.js";

const client = new ComfyControl({ baseUrl: "/api" });

export function Component(): void {
  const [page] = createSignal(1);
  const query = useQuery(() => runnersQuery(client, { page: page() }));
  same<typeof query.data, ManagedRunnerPage | undefined>(true);
  const pages = useInfiniteQuery(() => runnersInfiniteQuery(client));
  same<typeof pages.data, UniqueRunnersPages | undefined>(true);
  const store = runnersStore(client);
  const snapshot = from(store, store.value);
  same<ReturnType<typeof snapshot>, RunnersSnapshot>(true);
}
