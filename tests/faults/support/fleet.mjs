// What the emulator's list was, and when: what answers are compared with.

/** A runner as the client gives it, as text. */
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

/** So many of the latest totals are not come back to: a change that leaves the total as it was is what nobody can see. */
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

  /** Reads the list anew. The one before it may have been seen until now, this one since `from`. */
  async look(from = performance.now()) {
    // Most are as they were: their texts are held once, however many versions there are.
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

  /** Adds, removes, disables, activates and renames a few, so that the total is one it has not been for long. */
  change() {
    return (this.#changing = this.#change());
  }

  /** Waits until it is known what was there until now. */
  known() {
    return this.#changing;
  }

  async #change() {
    const whole = (limit) => Math.floor(this.#random() * limit);
    const { length } = this.#versions.at(-1).ids;
    const more = length < 150 || (length < 400 && this.#random() < 0.5);
    let by = 1 + whole(3);
    while (this.#totals.includes(more ? length + by : length - by)) by += 1;
    // Those that are only disabled come back, in the place where they were.
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

  /** The lists that may have been seen between two times. */
  between(start, end) {
    return this.#versions.filter(({ from, until }) => from <= end && until >= start);
  }

  /** The newest. */
  get latest() {
    return this.#versions.at(-1);
  }

  /** Forgets what nobody who is still under way since `time` can have seen. */
  forget(time) {
    this.#versions = this.#versions.filter(({ until }) => until >= time);
  }
}
