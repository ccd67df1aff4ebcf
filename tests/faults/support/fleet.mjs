// Records the versions of the emulator's list over time, to compare answers with them.

/** A runner as the client returns it, as text. */
const given = ({ id, name, runner_type, status, tags, created_at, updated_at }) =>
  JSON.stringify({
    id,
    name,
    runnerType: runner_type,
    status,
    tags,
    createdAt: created_at,
    updatedAt: updated_at,
  });

/** How many of the latest totals no change goes back to: no client can notice a change that restores the total. */
const REMEMBERED = 60;

export class Fleet {
  #emulator;
  #random;
  #versions = [];
  #totals = [];
  #texts = new Map();
  changes = 0;
  #changing;

  constructor(emulator, random) {
    this.#emulator = emulator;
    this.#random = random;
  }

  /** Reads the list. The version before it may have been served until now, this version since `from`. */
  async look(from = performance.now()) {
    // Most runners do not change: keep each text only once, however many versions there are.
    const all = (await this.#emulator.runners()).map((runner) => {
      const text = given(runner);
      const [id, known] = this.#texts.get(runner.id) ?? [];
      if (known === text) return [{ ...runner, id }, known];
      this.#texts.set(runner.id, [runner.id, text]);
      return [runner, text];
    });
    const now = performance.now();
    if (this.#versions.length) this.#versions.at(-1).until = now;
    const listed = all.filter(([{ status }]) => status !== "disabled");
    this.#versions.push({
      from,
      until: Infinity,
      ids: listed.map(([{ id }]) => id),
      rows: listed.map(([, text]) => text),
      known: new Map(all.map(([{ id }, text]) => [id, text])),
    });
    this.#totals = [...this.#totals, listed.length].slice(-REMEMBERED);
  }

  /** Adds, removes, disables, activates and renames a few runners, so that the total is not a recent one. */
  change() {
    return (this.#changing = this.#change());
  }

  /** Waits until all versions up to now are known. */
  known() {
    return this.#changing;
  }

  async #change() {
    const whole = (limit) => Math.floor(this.#random() * limit);
    const { length } = this.#versions.at(-1).ids;
    const more = length < 150 || (length < 400 && this.#random() < 0.5);
    let by = 1 + whole(3);
    while (this.#totals.includes(more ? length + by : length - by)) by += 1;
    // Disabled runners can come back, at their old position.
    const positions = new Set();
    while (!more && positions.size < by) positions.add(whole(length));
    const renamed = Array.from({ length }, (_, position) => position).filter(
      (position) => !positions.has(position),
    );
    const changes = {
      change: [{ runner: renamed[whole(renamed.length)], set: { name: `rénamed ${whole(1e9)}` } }],
    };
    const asleep = [...this.#versions.at(-1).known.keys()].length - length;
    if (!more)
      Object.assign(changes, this.#random() < 0.5 ? { remove: [...positions] } : { disable: [...positions] });
    else if (asleep >= by && this.#random() < 0.5)
      changes.activate = Array.from({ length: by }, (_, position) => position);
    else changes.add = by;
    const sent = performance.now();
    await this.#emulator.change(changes);
    await this.look(sent);
    this.changes += 1;
  }

  /** The versions that may have been served between two times. */
  between(start, end) {
    return this.#versions.filter(({ from, until }) => from <= end && until >= start);
  }

  /** The newest. */
  get latest() {
    return this.#versions.at(-1);
  }

  /** Forgets versions that no request under way since `time` can have got. */
  forget(time) {
    this.#versions = this.#versions.filter(({ until }) => until >= time);
  }
}
