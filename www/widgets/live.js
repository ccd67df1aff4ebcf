// The switch that turns watching on and off.

import { ask, part, setAttribute } from "../dom.js";

export function live(root) {
  const toggle = part(root, "switch");
  toggle.addEventListener("click", () =>
    ask(root, toggle.getAttribute("aria-checked") === "true" ? "unwatch" : "watch"),
  );
  return ({ watching }) => setAttribute(toggle, "aria-checked", String(watching));
}
