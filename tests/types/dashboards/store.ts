// The store's own types.
import { ComfyControl, type ManagedRunner, matchRunners } from "comfycontrol-runners";
import { type RunnersStorage, runnersStore } from "comfycontrol-runners/store";

const client = new ComfyControl();
declare const runners: readonly ManagedRunner[];
declare const asynchronous: { [Name in "getItem"]: (key: string) => Promise<string | null> } & {
  setItem(key: string, text: string): Promise<void>;
  removeItem(key: string): Promise<void>;
};

const store = runnersStore(client, { initialRunners: runners, interval: undefined, account: undefined });
void runnersStore(client);
void runnersStore(client, { storage: localStorage, account: "acme", maxAge: 3_600_000 });
void runnersStore(client, { storage: () => sessionStorage, account: "acme", baseUrl: "/api" });
void runnersStore(client, { storage: asynchronous, account: "acme" });
const storage: RunnersStorage | undefined = globalThis.localStorage;
void runnersStore(client, { storage, account: "acme" });

export const able: ManagedRunner[] = matchRunners(store.value.runners, ["gpu"]);
const end = store.subscribe(({ status, error }) => void (status === "stale" && error?.code));
end();
end.unsubscribe();
store.subscribe({ next: ({ changes }) => void changes.added.length }).unsubscribe();
store.refresh();
store.clear();

// @ts-expect-error a list that is kept needs the account that it belongs to
void runnersStore(client, { storage: localStorage });
// @ts-expect-error the store ends its watch itself
void runnersStore(client, { signal: new AbortController().signal });
// @ts-expect-error milliseconds
void runnersStore(client, { interval: "1m" });
// @ts-expect-error a snapshot does not change
store.value.runners.push();
// @ts-expect-error nor does the store's value
store.value = store.getSnapshot();
