// The latest changes, newest first.

import { h, part, setText } from "../dom.js";
import { timeOfDay } from "../format.js";
import { icon } from "../icons.js";

const KINDS = {
  added: { icon: "plus", word: "added" },
  removed: { icon: "minus", word: "removed" },
  changed: { icon: "changed", word: "changed" },
};
const FIELDS = {
  name: "name",
  runnerType: "type",
  status: "status",
  tags: "tags",
  createdAt: "created",
  updatedAt: "updated",
};

export function log(root) {
  const [empty, list] = [part(root, "empty"), part(root, "list")];
  let shown;

  return ({ log, watching }) => {
    setText(empty, watching ? "Nothing has changed yet." : "Turn on Watch to see what changes.");
    root.toggleAttribute("data-idle", !watching && log.length === 0);
    if (log === shown) return;
    // Only what is new is made: entries never change.
    const fresh = shown ? log.indexOf(shown[0]) : -1;
    const news = fresh < 0 ? log : log.slice(0, fresh);
    if (fresh < 0) list.replaceChildren();
    list.prepend(...news.map(line));
    while (list.children.length > log.length) list.lastChild.remove();
    shown = log;
    empty.hidden = log.length > 0;
    list.hidden = log.length === 0;
  };
}

function line({ at, kind, id, name, fields }) {
  const what = fields.map((field) => FIELDS[field] ?? field).filter((field) => field !== "updated");
  const words = kind === "changed" && what.length > 0 ? `changed: ${what.join(", ")}` : KINDS[kind].word;
  const named = h("bdi", { class: "log-name" }, name.slice(0, 120) || id);
  return h(
    "li",
    { "data-kind": kind },
    icon(KINDS[kind].icon),
    h("span", { class: "log-what" }, named, ` ${words}`),
    h("time", { datetime: new Date(at).toISOString() }, timeOfDay(at)),
  );
}
