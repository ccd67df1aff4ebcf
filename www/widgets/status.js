// One line that shows the state of the connection, always at the same position and height.

import { ask, part, setText } from "../dom.js";
import { describe } from "../problem.js";

export function status(root) {
  const [title, age, detail, action] = ["title", "age", "detail", "action"].map((name) => part(root, name));
  let type;
  action.addEventListener("click", () => ask(root, type));

  return (state) => {
    const description = describe(state);
    root.dataset.tone = description.tone;
    setText(title, description.title);
    setText(age, description.age ?? "");
    setText(detail, description.detail);
    // The button keeps its place, and the focus, while a request is under way.
    if (description.action) {
      type = description.action.type;
      setText(action, description.action.label);
    }
    action.hidden =
      !description.action && !(description.tone === "busy" && document.activeElement === action);
  };
}
