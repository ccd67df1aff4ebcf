// The form that asks for a token and a base URL, before there is anything to see.

import { suggestedBaseUrl } from "../config.js";
import { ask, part, setAttribute, setText } from "../dom.js";
import { describe } from "../problem.js";

export function connect(root) {
  const form = part(root, "form");
  const { baseUrl, token, remember } = form.elements;
  const [problem, submit, sample] = ["problem", "submit", "sample"].map((name) => part(root, name));
  baseUrl.value = suggestedBaseUrl;
  let seen;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(root, "connect", {
      baseUrl: baseUrl.value.trim() || suggestedBaseUrl,
      token: token.value.trim(),
      remember: remember.checked,
    });
  });
  sample.addEventListener("click", () => ask(root, "connectToSample"));

  return (state) => {
    const waits = Boolean(state.session) && state.loading === "connect";
    setText(submit, waits && !state.session.sample ? "Connecting…" : "Connect");
    setAttribute(root, "aria-busy", waits);
    const description = state.session ? describe(state) : undefined;
    const speaks = description && (state.problem || state.waiting || !state.online);
    setText(problem, speaks ? `${description.title}. ${description.detail}` : "");
    setAttribute(problem, "data-tone", description?.tone);
    setAttribute(token, "aria-invalid", state.problem?.code === "unauthorized");
    setAttribute(baseUrl, "aria-invalid", FAULT_OF_URL.includes(state.problem?.code));
    if (state.problem && state.problem !== seen && !root.hidden) {
      if (state.problem.code === "unauthorized") token.focus();
      else if (FAULT_OF_URL.includes(state.problem.code)) baseUrl.focus();
    }
    seen = state.problem;
    // Clear the token after connecting, so that the next user of the form does not find it.
    if (state.list && token.value) (form.reset(), (baseUrl.value = suggestedBaseUrl));
  };
}

const FAULT_OF_URL = ["invalid_options", "not_found"];
