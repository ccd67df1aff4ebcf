// Describes the state of the connection: what happened, and what to do about it. Pure.

import { age, plural, timeLeft } from "./format.js";

/**
 * `{ tone, title, detail, age, action, spoken }`. `tone` is `ok`, `busy`, `warn` or `bad`. `age`
 * says how old the list on screen is. `action` is `{ label, type }`: a button and its action.
 * `spoken` is the text for screen readers, which stays the same while a countdown runs.
 */
export function describe(state) {
  const { list, loading, online, problem, session, waiting } = state;
  if (!online && !session?.sample) return offline(state);
  if (waiting && waiting.until > state.now) return held(state);
  if (problem && loading !== "connect") return withAge(failure(state), state);
  if (state.all?.status === "loading") {
    return busy("Loading all runners", "The list below stays as it is until they are all here.");
  }
  if (loading) return busy(LOADING[loading], list ? ageOf(state) : `Asking ${session.host}.`);
  if (!list) return busy("Not connected", "");
  return {
    tone: "ok",
    title: state.watching ? "Watching" : "Up to date",
    detail: state.watching
      ? `${plural(list.total, "runner")}, last checked ${ageWords(state)}.`
      : ageOf(state),
    action: state.watching ? undefined : { label: "Reload", type: "reload" },
    spoken: "",
  };
}

const LOADING = {
  connect: "Connecting",
  page: "Loading the page",
  refresh: "Reloading",
  watch: "Reading the whole list",
};

const RETRY = { label: "Try again", type: "reload" };

const busy = (title, detail) => ({ tone: "busy", title, detail, spoken: "" });

function offline(state) {
  return withAge(
    {
      tone: "warn",
      title: "You are offline",
      detail: "The list is read again as soon as the network is back.",
    },
    state,
  );
}

/** The client delays a request. It continues by itself. */
function held({ waiting, now, session }) {
  const left = timeLeft(waiting.until - now);
  const reasons = {
    cooldown: [
      "Too many requests from this address",
      `${session.host} accepts no requests for a while. Continuing in ${left}.`,
    ],
    rate_limit: ["Keeping to the rate limit", `The next request starts in ${left}.`],
    backoff: ["A request failed", `Trying it again in ${left}.`],
  };
  const [title, detail] = reasons[waiting.reason] ?? reasons.backoff;
  const tone = waiting.reason === "rate_limit" ? "busy" : "warn";
  // Do not announce short waits.
  return { tone, title, detail, spoken: waiting.reason === "cooldown" ? `${title}.` : "" };
}

/** Describes a failed call by its code and members, never by its message. */
function failure({ problem, session, now }) {
  const host = session?.host ?? "the server";
  const answered = sentence(
    [`${host} answered ${problem.status}`, problem.serverMessage].filter(Boolean).join(": "),
  );
  switch (problem.code) {
    case "unauthorized":
      return {
        tone: "bad",
        title: "The token was refused",
        detail: `${answered} Tokens are made in the ComfyControl dashboard, and may expire.`,
        action: { label: "Enter a token", type: "askToken" },
      };
    case "forbidden":
      return {
        tone: "bad",
        title: "This account has no managed runners",
        detail: `${answered} Managed runners come with the Plus, Pro and Enterprise tiers.`,
        action: { label: "Use another token", type: "askToken" },
      };
    case "rate_limited": {
      const again = problem.retryAt > now ? `Trying again in ${timeLeft(problem.retryAt - now)}.` : "";
      // Without a status, the client sent nothing, because an earlier answer asked for a pause.
      const title = problem.status ? "Too many requests from this address" : "The server asked for a pause";
      const reason = problem.status
        ? "All tabs and programs behind one address share 40 requests per 10 seconds."
        : `${host} accepts no requests for now.`;
      return {
        tone: "warn",
        title,
        detail: `${reason} ${again}`,
        action: again ? undefined : RETRY,
        spoken: `${title}.`,
      };
    }
    case "server_error":
      return {
        tone: "bad",
        title: "The server has a problem",
        detail: `${answered} Wait a little, then try again.`,
        action: RETRY,
      };
    case "connection_failed":
      return {
        tone: "bad",
        title: `No answer from ${host}`,
        detail:
          "Check the address and the network. If both are right, the server may not let pages " +
          "of other origins call it: go through a same-origin proxy.",
        action: RETRY,
      };
    case "timeout":
      return {
        tone: "bad",
        title: `${host} took too long`,
        detail: "No complete answer came in time. The server or the network is slow: try again.",
        action: RETRY,
      };
    case "invalid_response":
      return {
        tone: "bad",
        title: "The answer could not be read",
        detail: `${problem.issue ? fault(problem.issue) : answered} Another server may have answered in place of the API.`,
        action: RETRY,
      };
    case "not_found":
      return {
        tone: "bad",
        title: `The API is not at ${host}`,
        detail: `${answered} Check the base URL.`,
        action: { label: "Change the connection", type: "disconnect" },
      };
    case "list_changed":
      return {
        tone: "warn",
        title: "The list kept changing",
        detail:
          "Runners came and went while the pages were read, so some may be missing. Try again in a moment.",
        action: RETRY,
      };
    case "invalid_options":
      return {
        tone: "bad",
        title: "This connection cannot be used",
        detail: ownWords(problem),
        action: { label: "Change the connection", type: "disconnect" },
      };
    case "unsupported":
      return { tone: "bad", title: "This browser lacks something", detail: ownWords(problem) };
    default:
      return {
        tone: "bad",
        title: "The request failed",
        detail: problem.status ? answered : ownWords(problem),
        action: RETRY,
      };
  }
}

/** A `ValidationIssue` as a sentence. */
function fault({ path, expected, found }) {
  return sentence(`${path || "The body"} should be ${expected}, but is ${found}`);
}

/** The error's own message, without the code at its end, which is for logs. */
function ownWords({ code, message }) {
  return sentence(message.replace(` (comfycontrol/${code})`, ""));
}

function sentence(text) {
  return ".!?…".includes(text.at(-1)) ? text : `${text}.`;
}

/** The last good list stays on screen, so say how old it is. */
function withAge(description, state) {
  const spoken = description.spoken ?? `${description.title}. ${description.detail}`;
  const age = state.list ? `The list is from ${ageWords(state)}.` : "";
  return { ...description, detail: description.detail.trim(), age, spoken };
}

function ageOf(state) {
  return `${plural(state.list.total, "runner")}, read ${ageWords(state)}.`;
}

function ageWords({ list, now }) {
  const ms = now - list.at;
  return ms < 2000 ? "just now" : `${age(ms)} ago`;
}
