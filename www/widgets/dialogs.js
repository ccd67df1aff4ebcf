// The two dialogs: one asks for a token again, the other shows a runner in full.

import { ask, h, part, setText } from "../dom.js";
import { exactTime } from "../format.js";
import { describe } from "../problem.js";

/** Opens or closes a dialog to match the state. */
function follow(dialog, open) {
  if (open && !dialog.open) dialog.showModal();
  if (!open && dialog.open) dialog.close();
}

/** Asks for another token for the same server. */
export function tokenDialog(dialog) {
  const [form, why, token, remember, cancel] = ["form", "why", "token", "remember", "cancel"].map((name) =>
    part(dialog, name),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(dialog, "reconnect", { token: token.value.trim(), remember: remember.checked });
  });
  cancel.addEventListener("click", () => ask(dialog, "keepToken"));
  dialog.addEventListener("close", () => {
    token.value = "";
    ask(dialog, "keepToken");
  });

  return (state) => {
    if (state.asking && state.problem) setText(why, describe(state).detail);
    follow(dialog, state.asking);
  };
}

/** Shows every field of one runner. */
export function details(dialog) {
  const [name, fields, close] = ["name", "fields", "close"].map((each) => part(dialog, each));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => ask(dialog, "close"));
  let shown;

  return ({ opened, list, gone }) => {
    const runner =
      opened &&
      (list?.runners.find(({ id }) => id === opened) ??
        gone.map((each) => each.runner).find(({ id }) => id === opened));
    // A runner that left the list stays visible until the dialog is closed.
    if (runner && runner !== shown) {
      setText(name, runner.name || "(no name)");
      fields.replaceChildren(...rows(runner));
      shown = runner;
    }
    follow(dialog, Boolean(opened && shown?.id === opened));
  };
}

function rows({ id, runnerType, status, tags, createdAt, updatedAt }) {
  const tagList = h(
    "ul",
    { class: "tags", role: "list" },
    ...tags.map((tag) => h("li", {}, h("bdi", { class: "tag" }, tag))),
  );
  const time = (text) => h("time", { datetime: text }, exactTime(Date.parse(text)));
  return [
    ["Id", h("code", {}, id)],
    ["Type", runnerType],
    ["Status", status],
    ["Tags", tags.length > 0 ? tagList : "None: it accepts any workflow"],
    ["Created", time(createdAt)],
    ["Updated", time(updatedAt)],
  ].map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)));
}
