// The build of the package that can panic on command, and the points where it can (`src/web/trap.rs`).

import { newest } from "./instances.mjs";

if (!process.env.TRAPS) throw new Error("TRAPS names no packed package: run `cargo xtask test faults`");
process.env.TARBALL = process.env.TRAPS;
const client = await import("../../package/support/package.mjs");
export const { ComfyControl, isComfyControlError, listManagedRunners, getManagedRunner, matchRunners, home } =
  client;

export const CALL = 0;
export const TURN = 1;
export const ANSWER = 2;
export const ENUMERATION = 3;
export const WATCH = 4;

/** Makes the running instance panic at a point, after passing it `skip` times. */
export function arm(point, skip = 0) {
  // Any use of the module starts an instance if none runs.
  matchRunners([], []);
  newest().armTrap(point, skip);
}
