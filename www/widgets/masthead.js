// The head of the page: the server that it is connected to, and the button to disconnect.

import { ask, h, part, setText } from "../dom.js";
import { SAMPLE_ANSWERS, setSampleAnswer } from "../sample.js";

export function masthead(root) {
  const [session, host, sample, answers] = ["session", "host", "sample", "answers"].map((name) =>
    part(root, name),
  );
  part(root, "disconnect").addEventListener("click", () => {
    ask(root, "disconnect");
    document.getElementById("content").focus();
  });
  // The sample server can fail in every way, to try how the page handles it.
  answers.append(...SAMPLE_ANSWERS.map((answer) => h("option", {}, answer)));
  answers.addEventListener("change", () => {
    setSampleAnswer(answers.value);
    ask(root, "reload");
  });

  return (state) => {
    session.hidden = !state.session || (!state.list && !state.session.restored);
    sample.hidden = !state.session?.sample;
    setText(host, state.session?.host ?? "");
  };
}
