// How many requests may start now, and until when a cooldown lasts.

import { part, setAttribute, setText } from "../dom.js";
import { timeLeft } from "../format.js";

export function budget(root) {
  const [label, number, bar, fill] = ["label", "number", "bar", "fill"].map((name) => part(root, name));

  return ({ budget, now, waiting }) => {
    const { limit = 40, remaining = 40, resetAt = null, queued = 0 } = budget ?? {};
    const cooling = waiting?.reason === "cooldown" || (remaining === 0 && resetAt - now > 0 && queued === 0);
    root.dataset.state = cooling ? "cooldown" : remaining === 0 ? "used" : "free";
    setText(label, cooling ? "Cooldown" : queued > 0 ? "Waiting" : "Requests free");
    setText(
      number,
      cooling && resetAt
        ? timeLeft(resetAt - now)
        : queued > 0
          ? `${queued} queued`
          : `${remaining} of ${limit}`,
    );
    setAttribute(bar, "aria-valuemax", limit);
    setAttribute(bar, "aria-valuenow", remaining);
    setAttribute(
      bar,
      "aria-valuetext",
      cooling ? "none, the server asks for a pause" : `${remaining} of ${limit}`,
    );
    fill.style.setProperty("--part", limit > 0 ? Math.min(1, remaining / limit) : 0);
  };
}
