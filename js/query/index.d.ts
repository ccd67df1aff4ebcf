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
} from "comfycontrol-runners";

/** Keeps the lists of different APIs and accounts apart in one `QueryClient`. */
export interface RunnersScope {
  /**
   * The API's address in the key, a string that is not empty. Default: the client's base URL. Set it if the
   * rendering server and the browser use different addresses, so that their keys are equal.
   */
  baseUrl?: string | undefined;
  /**
   * A label of your own for the account, such as a user's id; never a token. Set it if one `QueryClient`
   * serves several accounts: otherwise they share one cache entry. Default: none.
   */
  account?: string | undefined;
}

/** Options of a call, without the signal: TanStack Query has its own. */
type Call<Options> = Omit<Options, "signal">;

/** The common start of all query keys: `["comfycontrol-runners", { baseUrl, account }]`. */
export type RunnersKey = readonly [
  name: "comfycontrol-runners",
  scope: { readonly baseUrl: string; readonly account: string | null },
];

/**
 * The common start of all query keys of a client, to invalidate or remove all its queries.
 *
 * ```js
 * queryClient.invalidateQueries({ queryKey: runnersKey(client) });
 * ```
 */
export function runnersKey(client: object, scope?: RunnersScope): RunnersKey;

/** Options for `useQuery` and similar functions. The client retries, so TanStack Query does not. */
export interface RunnersQuery<Data, Key extends readonly unknown[]> {
  /** The base URL, the account label and the parameters of the request; never a token. */
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
 * Throws a `TypeError` if `account` or `baseUrl` is empty or not a string, or contains `cfc_`, as tokens do. So do
 * the other functions of this entry.
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

/** Options of `allRunnersQuery`. Every fetch reads the whole list, so there is no `resumeFrom`. */
export interface AllRunnersQueryOptions extends Omit<Call<IterateOptions>, "resumeFrom">, RunnersScope {}

/**
 * The whole list, as `collectManagedRunners` reads it: each runner once, also if the list changes meanwhile.
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
  readonly [...RunnersKey, "all", { readonly consistency: Consistency; readonly limit?: number }]
>;

/** The pages of an infinite query as they are cached. */
export interface RunnersPages {
  /** The pages, in the order in which they were read. */
  pages: ManagedRunnerPage[];
  /** Their numbers. */
  pageParams: number[];
}

/** The `data` of `runnersInfiniteQuery`. */
export interface UniqueRunnersPages extends RunnersPages {
  /** The runners of all pages, each once. */
  runners: ManagedRunner[];
}

/** Options for `useInfiniteQuery` and similar functions. */
export interface RunnersInfiniteQuery {
  /** The base URL, the account label and the page size; never a token. */
  queryKey: readonly [...RunnersKey, "infinite", { readonly perPage: number }];
  /** Calls the client. TanStack Query's signal cancels the call. */
  queryFn: (context: { readonly signal: Signal; readonly pageParam: number }) => Promise<ManagedRunnerPage>;
  /** The first page. */
  initialPageParam: number;
  /** The next page. If runners were removed meanwhile, a page that was already read. */
  getNextPageParam: (last: ManagedRunnerPage, pages: ManagedRunnerPage[]) => number | undefined;
  /** Drops runners that an earlier page has. If you write your own `select`, call this one first. */
  select: (data: RunnersPages) => UniqueRunnersPages;
  /** The client retries. */
  retry: false;
}

/** Options of `runnersInfiniteQuery`. */
export interface RunnersInfiniteQueryOptions extends Omit<Call<ListOptions>, "page">, RunnersScope {}

/**
 * The list page by page, for "load more" and infinite scrolling. If runners are added meanwhile, none is
 * repeated. If `total` shows that runners were removed, the query reads an earlier page again, because later
 * runners have moved up to it.
 *
 * ```js
 * const { data, fetchNextPage, hasNextPage } = useInfiniteQuery(runnersInfiniteQuery(client, { perPage: 50 }));
 * ```
 */
export function runnersInfiniteQuery(
  client: Pick<ComfyControl, "listManagedRunners">,
  options?: RunnersInfiniteQueryOptions,
): RunnersInfiniteQuery;
