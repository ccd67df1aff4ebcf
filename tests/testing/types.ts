// Uses that must compile, and some that must not.

import { ComfyControl, type ManagedRunner, type RateLimitLedger } from "comfycontrol-runners";
import { createLedger, type LedgerState, type LedgerStore } from "comfycontrol-runners/ledger";
import { tabsLedger, type TabsLedger } from "comfycontrol-runners/tabs";
import {
  createEmulator,
  fakeRunner,
  fakeRunners,
  ledgerConformance,
  ready,
  resetRateLimits,
  type Emulator,
  type EmulatorOptions,
  type Fault,
  type LedgerCase,
  type RecordedRequest,
} from "comfycontrol-runners/testing";

const options: EmulatorOptions = {
  runners: 250,
  seed: 7,
  tier: "pro",
  token: false,
  rateLimit: { requests: 40, windowMs: 10_000 },
  retryAfter: "seconds",
  latency: 5,
  clock: "virtual",
  startTime: new Date(),
  baseUrl: "https://api.test",
};
const api: Emulator = createEmulator(options);
createEmulator();
createEmulator({ runners: [fakeRunner(), { name: "mine" }], tier: undefined, seed: undefined });
createEmulator({ runners: undefined, token: undefined, rateLimit: undefined, startTime: undefined });
createEmulator().failNext({ html: undefined, empty: undefined, body: undefined, headers: undefined });
createEmulator().changeWhile({ every: 1, times: undefined }, () => {});
fakeRunner({ id: undefined, name: undefined, tags: undefined, createdAt: undefined });
createEmulator({ runners: fakeRunners(3, { seed: 1 }) });
new ComfyControl({ ...api.clientOptions, timeout: 5 });

const runner: ManagedRunner = api.add(fakeRunner({ tags: ["gpu:a100"] }));
const removed: ManagedRunner = api.remove(runner.id);
const updated: ManagedRunner = api.update(runner.id, { name: "x", runnerType: "pro" });
const runners: ManagedRunner[] = api.runners;

const fault: Fault = { status: 503, times: 2, retryAfter: 1, cut: "mid-body", headers: { "x-a": "1" } };
api.failNext(fault);
api.failNext({ body: new Uint8Array(3) });
const stop: () => void = api.changeWhile({ every: 2 }, (list) => list.remove(list.runners[0]!.id));
api.clock.advance(10_000);
const now: number = api.clock.now;
const requests: RecordedRequest[] = api.requests;
const response: Promise<Response> = api.fetch(new Request("https://a.test"));
resetRateLimits();
const started: Promise<void> = ready();

// @ts-expect-error it takes nothing
ready({});
// @ts-expect-error no such option
createEmulator({ runers: 3 });
// @ts-expect-error no such tier
createEmulator({ tier: "gold" });
// @ts-expect-error the API's own names are not the client's
fakeRunner({ runner_type: "pro" });
// @ts-expect-error no such position
api.failNext({ cut: "half-way" });
// @ts-expect-error an id, not a runner
api.remove(runner);
// @ts-expect-error how often is needed
api.changeWhile({}, () => {});
// @ts-expect-error it has no token
void requests[0]!.token;

export { removed, updated, runners, stop, now, response, started };

const states = new Map<string, LedgerState>();
const store: LedgerStore = {
  update(key, change) {
    const { state, result } = change(states.get(key));
    states.set(key, state);
    return result;
  },
};
const ledger: RateLimitLedger = createLedger(store);
createLedger({ ...store, now: () => Date.now() }).acquire("a", {
  id: "b",
  requests: 1,
  windowMs: 1,
  leaseMs: 1,
  process: "c",
});
createLedger({
  async update(key, change) {
    return store.update(key, change);
  },
});
const tabs: TabsLedger = tabsLedger({ name: "mine" });
new ComfyControl({ rateLimit: { requests: 40, windowMs: 10_000, ledger } });
new ComfyControl({ rateLimit: { requests: 40, windowMs: 10_000, ledger: tabsLedger() } });
const cases: LedgerCase[] = ledgerConformance();
ledgerConformance({ windowMs: 500, wait: async () => {}, now: () => 0 });
const done: Promise<void> = cases[0]!.run(() => tabs);
cases[0]!.run(async () => ledger);

// @ts-expect-error a name is a text
tabsLedger({ name: 5 });
// @ts-expect-error where the state is kept is needed
createLedger({});
// @ts-expect-error not a ledger
cases[0]!.run(() => ({}));
