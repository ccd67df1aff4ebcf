// Calls that must not compile: each line below a mark has its error.
import {
  ComfyControl,
  ComfyControlError,
  getManagedRunner,
  isComfyControlError,
  listManagedRunners,
  type ManagedRunner,
  type ManagedRunnerPage,
  matchRunners,
  type ClientEvent,
} from "comfycontrol-runners";

// @ts-expect-error options are an object
void listManagedRunners(2);
// @ts-expect-error `null` is no options object
void listManagedRunners(null);
// @ts-expect-error a number, not a text
void listManagedRunners({ page: "2" });
// @ts-expect-error the API's own spelling is not ours
void listManagedRunners({ per_page: 10 });
// @ts-expect-error an unknown option
void listManagedRunners({ limit: 10 });
// @ts-expect-error the signal, not its controller
void listManagedRunners({ signal: new AbortController() });
// @ts-expect-error there is no other switch than `false`
void listManagedRunners({ rateLimit: true });
// @ts-expect-error both numbers are needed
void listManagedRunners({ rateLimit: { requests: 40 } });
// @ts-expect-error a token function gives a text
void listManagedRunners({ token: () => 7 });
// @ts-expect-error `fetch` gives a Response
void listManagedRunners({ fetch: async () => "text" });
// @ts-expect-error events have types
void listManagedRunners({ onEvent: (event: string) => event });

// @ts-expect-error the id is needed
void getManagedRunner();
// @ts-expect-error the id is a text
void getManagedRunner(7);
// @ts-expect-error one runner has no pages
void getManagedRunner("id", { page: 1 });

// @ts-expect-error a call's option is not a client's
void new ComfyControl({ page: 1 });
const client = new ComfyControl();
// @ts-expect-error a client's option is not a call's
void client.listManagedRunners({ token: "cfc_" });
// @ts-expect-error the id is needed
void client.getManagedRunner();
// @ts-expect-error read only
client.rateLimit = { limit: 1, remaining: 1, resetAt: null, queued: 0 };
// @ts-expect-error a number or null
void (client.rateLimit.resetAt + 1);
// @ts-expect-error nothing needs to be freed
client.free();

// @ts-expect-error an iterator is no promise of runners
void client.iterateManagedRunners().then();
void (() => {
  // @ts-expect-error asynchronous
  for (const runner of client.iterateManagedRunners()) void runner;
});
// @ts-expect-error one of three words
void client.collectManagedRunners({ consistency: "eventual" });
// @ts-expect-error all pages, not one
void client.collectManagedRunners({ page: 2 });
// @ts-expect-error milliseconds, not words
void client.watchManagedRunners({ interval: "1m" });
void (async () => {
  // @ts-expect-error an item may be an error, and then nothing was added
  for await (const change of client.watchManagedRunners()) void change.added.length;
});

// @ts-expect-error runners, not a page of them
void (async (page: ManagedRunnerPage) => matchRunners(page, []));
// @ts-expect-error a list of tags
void ((runners: ManagedRunner[]) => matchRunners(runners, "gpu"));
// @ts-expect-error both are needed
void ((runners: ManagedRunner[]) => matchRunners(runners));

// @ts-expect-error only the package makes its errors
void new ComfyControlError("timeout", "message");
// @ts-expect-error no such code
isComfyControlError(new Error(), "time_out");
// @ts-expect-error nothing is known of it before
void ((error: unknown) => error.code);
export function narrowed(error: unknown): void {
  if (!isComfyControlError(error, "timeout")) return;
  // @ts-expect-error the code is known by now
  void (error.code === "not_found");
  // @ts-expect-error read only
  error.code = "timeout";
  // @ts-expect-error not every error has one
  void (error.status + 1);
}

// @ts-expect-error a runner has no snake case
void ((runner: ManagedRunner) => runner.created_at);
// @ts-expect-error timestamps stay texts
void ((runner: ManagedRunner) => runner.createdAt.getTime());
// @ts-expect-error a promise, to be awaited
void (async () => listManagedRunners().total);
// @ts-expect-error not every event has a path
void ((event: ClientEvent) => event.path);
