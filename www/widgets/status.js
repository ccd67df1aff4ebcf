// One line that always says how things stand, in the same place and of the same height.

import { ask, part, setText } from "../dom.js";
import { describe } from "../problem.js";

export function status(root) {
  const [title, age, detail, action] = ["title", "age", "detail", "action"].map((name) => part(root, name));
  let type;
  action.addEventListener("click", () => ask(root, type));

  return (state) => {
    const said = describe(state);
    root.dataset.tone = said.tone;
    setText(title, said.title);
    setText(age, said.age ?? "");
    setText(detail, said.detail);
    // The button keeps its place, and the focus, while a request is under way.
    if (said.action) {
      type = said.action.type;
      setText(action, said.action.label);
    }
    action.hidden = !said.action && !(said.tone === "busy" && document.activeElement === action);
  };
}
