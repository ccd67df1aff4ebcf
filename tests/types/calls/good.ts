// Calls that must compile.
import {
  type ClientEvent,
  type ClientOptions,
  ComfyControl,
  ComfyControlError,
  type ErrorCode,
  getManagedRunner,
  isComfyControlError,
  type ListOptions,
  listManagedRunners,
  type ManagedRunner,
  type ManagedRunnerPage,
  matchRunners,
  type RateLimit,
  type RateLimitOptions,
  type RequestOptions,
  type ValidationIssue,
  type WaitReason,
} from "comfycontrol-runners";

const signal = new AbortController().signal;

export async function lists(): Promise<ManagedRunner[]> {
  await listManagedRunners();
  await listManagedRunners({});
  const page: ManagedRunnerPage = await listManagedRunners({ page: 2, perPage: 50, signal, timeout: 1000, maxRetries: 0, token: "cfc_", baseUrl: "/api", rateLimit: false });
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
  const known: "active" | "disabled" | undefined = runner.status === "active" || runner.status === "disabled" ? "active" : undefined;
  return [name, ...tags, createdAt, updatedAt, known].join();
}

const rateLimit: RateLimitOptions = { requests: 40, windowMs: 10_000 };
const options: ClientOptions = {
  token: async () => "cfc_",
  fetch: globalThis.fetch,
  rateLimit,
  onEvent: (event) => void event,
  onInvalidRunner: ({ path, expected, found, offset }: ValidationIssue) => console.log(path, expected, found, offset + 1),
};

export async function clients(): Promise<RateLimit> {
  new ComfyControl();
  new ComfyControl({ token: () => "cfc_", fetch: async (input, init) => fetch(input, init) });
  const client = new ComfyControl(options);
  const request: RequestOptions = { timeout: 5 };
  const list: ListOptions = { ...request, page: 1 };
  await client.listManagedRunners(list);
  const { id }: ManagedRunner = await client.getManagedRunner("018f9c3e-0000-7000-8000-00000000000a", request);
  const { limit, remaining, resetAt, queued } = client.rateLimit;
  console.log(id, limit - remaining - queued, resetAt === null ? "free" : new Date(resetAt));
  return client.rateLimit;
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
    console.log(code, error.message, error.path?.length, issues[0]?.path, error.retryable, cause, error.name satisfies "ComfyControlError");
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
    default:
      return event satisfies never;
  }
}
