// The page's only live region. It announces changes after a pause, so that typing, countdowns and a busy
// fleet do not cause a stream of announcements.

import { setText } from "../dom.js";
import { plural } from "../format.js";
import { describe } from "../problem.js";

const QUIET_MS = 600;

export function announcer(root) {
  let before;
  let timer;

  function say(text) {
    if (!text) return;
    clearTimeout(timer);
    timer = setTimeout(() => setText(root, text), QUIET_MS);
  }

  return (state, shown) => {
    if (before) {
      const { spoken = "" } = describe(state);
      if (spoken !== before.spoken) say(spoken);
      if (state.announcement !== before.announcement) say(state.announcement?.text);
      const looked = state.view !== before.view && state.view.sort === before.view.sort;
      if (looked && state.list) say(`${plural(shown.matching, "runner")} of ${shown.loaded} match.`);
      before.spoken = spoken;
    }
    before = { spoken: "", ...before, announcement: state.announcement, view: state.view };
  };
}
