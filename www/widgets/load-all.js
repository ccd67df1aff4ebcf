// Loading all pages: the button and the progress.

import { ask, part, setText } from "../dom.js";
import { count, plural, timeLeft } from "../format.js";

export function loadAll(root) {
  const [progress, bar, text, button] = ["progress", "bar", "text", "button"].map((name) => part(root, name));
  let type = "loadAll";
  button.addEventListener("click", () => ask(root, type));

  return ({ all, list, watching }) => {
    progress.hidden = !all;
    if (all) {
      bar.max = Math.max(1, all.total);
      bar.value = all.delivered;
      setText(text, `${count(all.delivered)} of ${count(all.total)}${remaining(all)}`);
    }
    if (all?.status === "loading") type = "stopLoadingAll";
    else if (all) type = "loadAll";
    else type = list?.whole ? "loadPage" : "loadAll";
    setText(button, label(all, list));
    button.hidden = !list || watching || (!all && !list.whole && list.pageCount <= 1);
  };
}

function label(all, list) {
  if (all) return all.status === "loading" ? "Stop" : "Go on";
  if (list?.whole) return "Back to single pages";
  return `Load all ${plural(list?.total ?? 0, "runner")}`;
}

function remaining({ status, estimatedMs }) {
  if (status === "stopped") return ", stopped";
  return estimatedMs > 0 ? `, about ${timeLeft(estimatedMs)} left` : "";
}
