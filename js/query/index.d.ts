import type {
  ComfyControl,
  Consistency,
  IterateOptions,
  ListOptions,
  ManagedRunner,
  ManagedRunnerCollection,
  ManagedRunnerPage,
  RequestOptions,
  Signal,
} from "../loaders/index.js";

/** What tells the lists of a `QueryClient` apart. */
export interface RunnersScope {
  /**
   * The API's address in the key. Default: the client's base URL. Set it where the server that renders and
   * the browser use different addresses, so that their keys are the same.
   */
  baseUrl?: string | undefined;
  /**
   * A label of your own for the account, such as a user's id. Set it where one `QueryClient` serves several
   * accounts: without it, they share what is cached. Never a token.
   */
  account?: string | undefined;
}

/** Options of a call, without the signal: TanStack Query has its own. */
type Call<Options> = Omit<Options, "signal">;

/** The start of every key of this entry: `["comfycontrol-runners", { baseUrl, account }]`. */
export type RunnersKey = readonly [
  name: "comfycontrol-runners",
  scope: { readonly baseUrl: string; readonly account: string | null },
];

/**
 * The start of all keys of a client, to invalidate or remove everything that is cached of it.
 *
 * ```js
 * queryClient.invalidateQueries({ queryKey: runnersKey(client) });
 * ```
 */
export function runnersKey(client: object, scope?: RunnersScope): RunnersKey;

/** What `useQuery` and the like take. The client retries, so TanStack Query does not. */
export interface RunnersQuery<Data, Key extends readonly unknown[]> {
  /** Base URL, account label and what is asked for; never a token. */
  queryKey: Key;
  /** Calls the client. TanStack Query's signal cancels the call. */
  queryFn: (context: { readonly signal: Signal }) => Promise<Data>;
  /** The client retries. */
  retry: false;
}

/** Options of `runnersQuery`. */
export interface RunnersQueryOptions extends Call<ListOptions>, RunnersScope {}

/**
 * One page of the list.
 *
 * ```js
 * const { data } = useQuery(runnersQuery(client, { page, perPage: 50 }));
 * ```
 *
 * Throws a `TypeError` where the account is not a label.
 */
export function runnersQuery(
  client: Pick<ComfyControl, "listManagedRunners">,
  options?: RunnersQueryOptions,
): RunnersQuery<
  ManagedRunnerPage,
  readonly [...RunnersKey, "page", { readonly page: number; readonly perPage: number }]
>;

/** Options of `runnerQuery`. */
export interface RunnerQueryOptions extends Call<RequestOptions>, RunnersScope {}

/** One runner. */
export function runnerQuery(
  client: Pick<ComfyControl, "getManagedRunner">,
  id: string,
  options?: RunnerQueryOptions,
): RunnersQuery<ManagedRunner, readonly [...RunnersKey, "runner", { readonly id: string }]>;

/** Options of `allRunnersQuery`. Every reading starts anew: there is nothing to resume. */
export interface AllRunnersQueryOptions extends Omit<Call<IterateOptions>, "resumeFrom">, RunnersScope {}

/**
 * The whole list, as `collectManagedRunners` reads it: each runner once, also while the list changes.
 *
 * ```js
 * const { runners, report } = useSuspenseQuery(allRunnersQuery(client)).data;
 * ```
 */
export function allRunnersQuery(
  client: Pick<ComfyControl, "collectManagedRunners">,
  options?: AllRunnersQueryOptions,
): RunnersQuery<
  ManagedRunnerCollection,
  readonly [...RunnersKey, "all", { readonly consistency: Consistency }]
>;

/** The pages of an infinite query as they are cached. */
export interface RunnersPages {
  /** The pages, in the order in which they were read. */
  pages: ManagedRunnerPage[];
  /** Their numbers. */
  pageParams: number[];
}

/** What `runnersInfiniteQuery` gives as `data`. */
export interface UniqueRunnersPages extends RunnersPages {
  /** The runners of all pages, each once. */
  runners: ManagedRunner[];
}

/** What `useInfiniteQuery` and the like take. */
export interface RunnersInfiniteQuery {
  /** Base URL, account label and page size; never a token. */
  queryKey: readonly [...RunnersKey, "infinite", { readonly perPage: number }];
  /** Calls the client. TanStack Query's signal cancels the call. */
  queryFn: (context: { readonly signal: Signal; readonly pageParam: number }) => Promise<ManagedRunnerPage>;
  /** The first page. */
  initialPageParam: number;
  /** The page after the last one; one that was read already where runners were removed meanwhile. */
  getNextPageParam: (last: ManagedRunnerPage, pages: ManagedRunnerPage[]) => number | undefined;
  /** Drops runners that an earlier page has. To select further, call this one first. */
  select: (data: RunnersPages) => UniqueRunnersPages;
  /** The client retries. */
  retry: false;
}

/** Options of `runnersInfiniteQuery`. */
export interface RunnersInfiniteQueryOptions extends Omit<Call<ListOptions>, "page">, RunnersScope {}

/**
 * The list page by page, for "load more" and endless scrolling. No runner is repeated when others are
 * added meanwhile. Where `total` shows that runners were removed, the next page is one that was read
 * already, for those that have moved up.
 *
 * ```js
 * const { data, fetchNextPage, hasNextPage } = useInfiniteQuery(runnersInfiniteQuery(client, { perPage: 50 }));
 * ```
 */
export function runnersInfiniteQuery(
  client: Pick<ComfyControl, "listManagedRunners">,
  options?: RunnersInfiniteQueryOptions,
): RunnersInfiniteQuery;
