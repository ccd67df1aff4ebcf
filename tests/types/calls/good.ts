// Calls that must compile.
import {
  type ClientEvent,
  type ClientOptions,
  ComfyControl,
  ComfyControlError,
  type ErrorCode,
  getManagedRunner,
  isComfyControlError,
  type IterateOptions,
  type ListOptions,
  listManagedRunners,
  type ManagedRunner,
  type ManagedRunnerChange,
  type ManagedRunnerCollection,
  type ManagedRunnerIterator,
  type ManagedRunnerPage,
  matchRunners,
  type RateLimit,
  type RateLimitOptions,
  type Report,
  type RequestOptions,
  type ValidationIssue,
  type WaitReason,
  type WatchOptions,
} from "comfycontrol-runners";

const signal = new AbortController().signal;

export async function lists(): Promise<ManagedRunner[]> {
  await listManagedRunners();
  await listManagedRunners({});
  const page: ManagedRunnerPage = await listManagedRunners({
    page: 2,
    perPage: 50,
    signal,
    timeout: 1000,
    maxRetries: 0,
    token: "cfc_",
    baseUrl: "/api",
    rateLimit: false,
  });
  const { runners, total, hasNextPage, pageCount, perPage } = page;
  const sum: number = total + page.page + perPage + pageCount;
  const more: boolean = hasNextPage;
  return more && sum ? runners : [];
}

export async function gets(id: string): Promise<string> {
  const runner = await getManagedRunner(id, { signal });
  // Known values and any other.
  if (runner.runnerType === "plus" || runner.runnerType === "enterprise") return runner.status;
  const { name, tags, createdAt, updatedAt } = runner;
  const known: "active" | "disabled" | undefined =
    runner.status === "active" || runner.status === "disabled" ? "active" : undefined;
  return [name, ...tags, createdAt, updatedAt, known].join();
}

const rateLimit: RateLimitOptions = { requests: 40, windowMs: 10_000 };
const options: ClientOptions = {
  token: async () => "cfc_",
  fetch: globalThis.fetch,
  rateLimit,
  onEvent: (event) => void event,
  onInvalidRunner: ({ path, expected, found, offset }: ValidationIssue) =>
    console.log(path, expected, found, offset + 1),
};

export async function clients(): Promise<RateLimit> {
  new ComfyControl();
  new ComfyControl({ token: () => "cfc_", fetch: async (input, init) => fetch(input, init) });
  const client = new ComfyControl(options);
  const request: RequestOptions = { timeout: 5 };
  const list: ListOptions = { ...request, page: 1 };
  await client.listManagedRunners(list);
  const { id }: ManagedRunner = await client.getManagedRunner(
    "018f9c3e-0000-7000-8000-00000000000a",
    request,
  );
  const { limit, remaining, resetAt, queued } = client.rateLimit;
  console.log(id, limit - remaining - queued, resetAt === null ? "free" : new Date(resetAt));
  return client.rateLimit;
}

export async function enumerates(client: ComfyControl): Promise<string> {
  const given: IterateOptions = {
    perPage: 100,
    concurrency: 4,
    consistency: "detect",
    signal,
    onProgress: ({ delivered, total, requests, estimatedMs }) =>
      console.log(delivered + total + requests + estimatedMs),
  };
  const iterator: ManagedRunnerIterator = client.iterateManagedRunners(given);
  for await (const runner of iterator) console.log(runner.name.length);
  for await (const runners of client.iterateManagedRunners().pages())
    console.log(runners.length, runners[0]?.id);
  const report: Report = iterator.report;
  const complete: boolean | "unknown" = report.complete;
  const all: ManagedRunnerCollection = await client.collectManagedRunners({
    resumeFrom: iterator.checkpoint,
  });
  return `${complete} ${report.unique} ${all.runners.length} ${all.report.requests}`;
}

export async function watches(client: ComfyControl): Promise<ManagedRunner[]> {
  const given: WatchOptions = { interval: 60_000, perPage: 100, signal };
  for await (const change of client.watchManagedRunners(given)) {
    const { runners }: ManagedRunnerChange = change;
    if (change.error !== undefined) continue;
    for (const { runner, previous, fields } of change.changed ?? [])
      console.log(fields.map((field) => [previous[field], runner[field]]));
    if (runners.length > 0) return change.added ?? [];
  }
  return [];
}

export function matches(runners: readonly ManagedRunner[], tags: readonly string[]): ManagedRunner[] {
  return matchRunners(runners, tags).concat(matchRunners([], ["gpu"]));
}

export function errors(error: unknown): number | undefined {
  if (isComfyControlError(error, "rate_limited")) {
    const code: "rate_limited" = error.code;
    return code.length + (error.retryAt ?? 0);
  }
  if (isComfyControlError(error)) {
    const code: ErrorCode = error.code;
    const issues: ValidationIssue[] = error.issues ?? [];
    const cause: unknown = error.cause;
    console.log(
      code,
      error.message,
      error.path?.length,
      issues[0]?.path,
      error.retryable,
      cause,
      error.name satisfies "ComfyControlError",
    );
    return error.status;
  }
  return error instanceof ComfyControlError ? error.retryAt : undefined;
}

export function events(event: ClientEvent): string {
  switch (event.type) {
    case "request":
      return `${event.call} ${event.time} ${event.attempt} ${event.path}`;
    case "response":
      return `${event.status ?? event.error} after ${event.durationMs.toFixed()}`;
    case "retry":
      return `${event.error} ${event.status} ${event.waitMs} ${event.charged}`;
    case "wait": {
      const reason: WaitReason = event.reason;
      return `${reason} ${event.waitMs}`;
    }
    case "cooldown":
      return new Date(event.until).toISOString();
    case "ledger":
      return `${event.state satisfies "lost" | "back"} ${event.requests}`;
    default:
      return event satisfies never;
  }
}
