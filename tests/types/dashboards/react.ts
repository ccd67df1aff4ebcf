// TanStack Query for React: what is inferred, without an annotation.
import {
  QueryClient,
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  usePrefetchQuery,
  useQueries,
  useQuery,
  useSuspenseInfiniteQuery,
  useSuspenseQueries,
  useSuspenseQuery,
} from "@tanstack/react-query";
import { ComfyControl } from "comfycontrol-runners";
import type { ManagedRunner, ManagedRunnerCollection, ManagedRunnerPage } from "comfycontrol-runners";
import {
  type UniqueRunnersPages,
  allRunnersQuery,
  runnerQuery,
  runnersInfiniteQuery,
  runnersKey,
  runnersQuery,
} from "comfycontrol-runners/query";
import { runnersStore } from "comfycontrol-runners/store";
import { useSyncExternalStore } from "react";

import { same } from "./equal.js";

const client = new ComfyControl({ baseUrl: "/api" });
const queries = new QueryClient();

export function Queries(): void {
  const page = useQuery(runnersQuery(client, { page: 2, perPage: 50 })).data;
  same<typeof page, ManagedRunnerPage | undefined>(true);
  const runner = useQuery(runnerQuery(client, "id")).data;
  same<typeof runner, ManagedRunner | undefined>(true);
  const all = useQuery(allRunnersQuery(client, { account: "acme" })).data;
  same<typeof all, ManagedRunnerCollection | undefined>(true);
  const names = useQuery({
    ...runnersQuery(client),
    select: ({ runners }) => runners.map(({ name }) => name),
    staleTime: 60_000,
  }).data;
  same<typeof names, string[] | undefined>(true);
}

export function Suspended(): void {
  const page = useSuspenseQuery(runnersQuery(client)).data;
  same<typeof page, ManagedRunnerPage>(true);
  const runner = useSuspenseQuery(runnerQuery(client, "id")).data;
  same<typeof runner, ManagedRunner>(true);
  const all = useSuspenseQuery(allRunnersQuery(client)).data;
  same<typeof all, ManagedRunnerCollection>(true);
  const pages = useSuspenseInfiniteQuery(runnersInfiniteQuery(client)).data;
  same<typeof pages, UniqueRunnersPages>(true);
}

export function Infinite(): void {
  const { data, fetchNextPage } = useInfiniteQuery(runnersInfiniteQuery(client, { perPage: 50 }));
  same<typeof data, UniqueRunnersPages | undefined>(true);
  void fetchNextPage();
  const options = runnersInfiniteQuery(client);
  const count = useInfiniteQuery({ ...options, select: (data) => options.select(data).runners.length }).data;
  same<typeof count, number | undefined>(true);
}

export function Many(): void {
  const [page, runner] = useQueries({ queries: [runnersQuery(client), runnerQuery(client, "id")] });
  same<typeof page.data, ManagedRunnerPage | undefined>(true);
  same<typeof runner.data, ManagedRunner | undefined>(true);
  const [sure] = useSuspenseQueries({ queries: [allRunnersQuery(client)] });
  same<typeof sure.data, ManagedRunnerCollection>(true);
  usePrefetchQuery(runnersQuery(client));
}

export async function outside(): Promise<void> {
  const page = await queries.fetchQuery(runnersQuery(client));
  same<typeof page, ManagedRunnerPage>(true);
  const all = await queries.ensureQueryData(allRunnersQuery(client));
  same<typeof all, ManagedRunnerCollection>(true);
  await queries.prefetchQuery(runnerQuery(client, "id"));
  await queries.prefetchInfiniteQuery(runnersInfiniteQuery(client));
  await queries.invalidateQueries({ queryKey: runnersKey(client, { account: "acme" }) });
  // `queryOptions` gives keys that know what is cached.
  const cached = queries.getQueryData(queryOptions(runnersQuery(client)).queryKey);
  same<typeof cached, ManagedRunnerPage | undefined>(true);
  const cachedPages = queries.getQueryData(infiniteQueryOptions(runnersInfiniteQuery(client)).queryKey);
  const first: ManagedRunnerPage | undefined = cachedPages?.pages[0];
  void first;
}

export function Watched(): number {
  const store = runnersStore(client, { interval: 30_000 });
  const snapshot = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
  same<typeof snapshot.runners, readonly ManagedRunner[]>(true);
  return snapshot.runners.length;
}

// @ts-expect-error a page is a number
void runnersQuery(client, { page: "2" });
// @ts-expect-error TanStack Query has the signal
void runnersQuery(client, { signal: new AbortController().signal });
// @ts-expect-error an infinite query begins with the first page
void runnersInfiniteQuery(client, { page: 2 });
// @ts-expect-error each reading begins anew
void allRunnersQuery(client, { resumeFrom: "" });
// @ts-expect-error which one?
void runnerQuery(client);
