import type {
  ChangedRunner,
  ComfyControl,
  ComfyControlError,
  ManagedRunner,
  WatchOptions,
} from "comfycontrol-runners";

/** The whole list at one moment. It is immutable: every change creates a new snapshot. */
export interface RunnersSnapshot {
  /**
   * - `loading`: there is no list yet.
   * - `ready`: `runners` is the list as it was last read.
   * - `stale`: `runners` is an older list: it comes from the storage or from `initialRunners`, or the last
   *   reading failed (see `error`), or there were no subscribers for a while.
   * - `error`: there is no list, and the last reading failed.
   */
  readonly status: "loading" | "ready" | "stale" | "error";
  /** The last good list, or an empty array. If nothing changed, it is the same array as before. */
  readonly runners: readonly ManagedRunner[];
  /** The changes that the last reading found; empty after the first reading of a watch. */
  readonly changes: {
    /** Runners that were not in the list before. */
    readonly added: readonly ManagedRunner[];
    /** Runners that are no longer in the list. */
    readonly removed: readonly ManagedRunner[];
    /** Runners whose values changed. */
    readonly changed: readonly ChangedRunner[];
  };
  /** Why the last reading failed; `undefined` if it succeeded. */
  readonly error: ComfyControlError | undefined;
  /** When the list was read, in milliseconds since 1970; `undefined` if that is unknown. */
  readonly updatedAt: number | undefined;
}

/** A storage for the list: `localStorage`, or a similar object. The methods may return promises. */
export interface RunnersStorage {
  /** The text of a key; `null` or `undefined` if there is none. */
  getItem(key: string): string | null | undefined | PromiseLike<string | null | undefined>;
  /** Saves a text. */
  setItem(key: string, text: string): unknown;
  /** Removes the text of a key. */
  removeItem(key: string): unknown;
}

/** Options of a store that does not save its list. */
export interface NoStorage {
  /** Where to save the list: nowhere. */
  storage?: undefined;
  /** Has no effect without `storage`. */
  maxAge?: number | undefined;
  /** Has no effect without `storage`. */
  account?: string | undefined;
}

/** Options of a store that saves its list, for the next visit and for times without a network. */
export interface KeptInStorage {
  /**
   * Where to save the last good list: a storage, or a function that returns one. The store calls the function
   * each time; it may throw. The store checks what it reads. A 401 or 403 removes the saved list.
   */
  storage: RunnersStorage | (() => RunnersStorage) | undefined;
  /** How old a saved list may be when the store is created, in milliseconds, above 0. Default 86400000 (a day). */
  maxAge?: number | undefined;
  /** A label of your own for the account, such as a user's id; never a token. Each account has its own list. */
  account: string;
}

/** Options of `runnersStore`: those of `watchManagedRunners`, and of the store itself. */
export type RunnersStoreOptions = Omit<WatchOptions, "signal" | "everyReading"> &
  (NoStorage | KeptInStorage) & {
    /** The first list, such as one that the server has rendered. It is `stale` until the first reading. */
    initialRunners?: readonly ManagedRunner[] | undefined;
    /** The API's address in the storage's key. Default: the client's base URL. */
    baseUrl?: string | undefined;
  };

/** Ends a subscription. Its method `unsubscribe` does the same, because RxJS expects one. */
export interface Unsubscribe {
  (): void;
  /** The same. */
  unsubscribe(): void;
}

/** A list to subscribe to. Its methods do not use `this`. */
export interface RunnersStore {
  /**
   * Calls `listener` at once, and then with every new snapshot, until you call the returned function. The store
   * watches the list while there are subscribers. All subscribers share one watch.
   */
  subscribe(
    this: void,
    listener:
      ((snapshot: RunnersSnapshot) => void) | { next?: ((snapshot: RunnersSnapshot) => void) | undefined },
  ): Unsubscribe;
  /** The current snapshot. It is the same object until something changes. */
  getSnapshot(this: void): RunnersSnapshot;
  /** The snapshot for rendering on a server and hydrating: `initialRunners`, or `loading`. Always the same object. */
  getServerSnapshot(this: void): RunnersSnapshot;
  /** The current snapshot, as `getSnapshot` returns it. */
  readonly value: RunnersSnapshot;
  /** Reads the list now, without waiting for the interval. Does nothing without subscribers. */
  refresh(this: void): void;
  /** Removes the list, here and in the storage. Call it when a user signs out. */
  clear(this: void): void;
}

/**
 * Creates a store of the whole list, which is kept up to date while there are subscribers.
 *
 * ```js
 * const store = runnersStore(client, { interval: 30_000 });
 * const { runners, status } = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
 * ```
 *
 * Throws a `TypeError` for a wrong option of the store. The client checks the options of the watch: a wrong one
 * ends up in the snapshot's `error`.
 */
export function runnersStore(
  client: Pick<ComfyControl, "watchManagedRunners">,
  options?: RunnersStoreOptions,
): RunnersStore;
