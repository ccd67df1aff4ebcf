// An `if` on `error` narrows the items of a watch, and the README's example compiles with typed arrays.
import { ComfyControl, type ManagedRunner, type ManagedRunnerChange } from "comfycontrol-runners";

type Changed = { runner: ManagedRunner; previous: ManagedRunner; fields: (keyof ManagedRunner)[] };
declare function showError(error: unknown): void;
declare function render(
  runners: ManagedRunner[],
  added: ManagedRunner[],
  removed: ManagedRunner[],
  changed: Changed[],
): void;

export async function readme(client: ComfyControl): Promise<void> {
  for await (const change of client.watchManagedRunners({ interval: 30_000 })) {
    if (change.error)
      showError(change.error); // the last good list is change.runners
    else render(change.runners, change.added, change.removed, change.changed);
  }
}

export function kinds(change: ManagedRunnerChange): number {
  if (!change.error) return change.added.length + change.removed.length + change.changed.length;
  // @ts-expect-error nothing was added where the list could not be read
  void change.added.length;
  const { runners } = change;
  return runners.length;
}

export function undefinedToo(change: ManagedRunnerChange): ManagedRunner[] {
  if (change.error !== undefined) return change.runners;
  const [first] = change.changed;
  const name: string | undefined = first?.previous.name;
  return name ? change.added : change.removed;
}

export function taken({ error, added, runners }: ManagedRunnerChange): ManagedRunner[] {
  return error ? runners : added;
}

// @ts-expect-error an item may be an error, and then nothing was added
export const unguarded = (change: ManagedRunnerChange): number => change.added.length;
