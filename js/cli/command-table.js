// All commands with their descriptions and arguments, for parsing, help and completion. The files in `commands/`
// run them.

import { FORMATS, OF_ALL, OF_CALLS } from "./options.js";

export const PROGRAM = "comfycontrol-runners";
export const SHELLS = ["bash", "zsh", "fish"];

/**
 * @typedef {object} Command
 * @property {string} about one line
 * @property {string} usage what follows the command's name
 * @property {string} [details] for its own `--help`
 * @property {readonly string[]} options their names, besides those that every command has
 * @property {{ name: string, words?: readonly string[], repeats?: boolean }} [operand] besides options
 * @property {readonly [string, string][]} examples arguments, and what they do
 */

/** @type {Record<string, Command>} */
export const COMMANDS = {
  list: {
    about: "one page of the runners, newest first",
    usage: "[--page N] [--per-page N]",
    options: ["page", "per-page", ...FORMATS, ...OF_CALLS],
    examples: [
      ["list --page 2 --per-page 50", "the second page of 50"],
      ["list --json id,name,tags", "three fields, as JSON"],
    ],
  },
  all: {
    about: "every runner once, whatever changes meanwhile",
    usage: "[--limit N] [--resume-from CHECKPOINT]",
    details: `Ctrl-C and failures print what was found so far, and a checkpoint to go on from.
With --ndjson, with --csv and in pipes, runners are printed while pages arrive; when
the reader ends, so do the requests.`,
    options: ["limit", "resume-from", ...FORMATS, ...OF_CALLS],
    examples: [
      ["all --ndjson | head -n 3", "three runners, and no more requests than that takes"],
      ["all --csv > runners.csv", "all of them, for a spreadsheet"],
    ],
  },
  get: {
    about: "runners by their ids",
    usage: "ID...",
    options: [...FORMATS, ...OF_CALLS],
    operand: { name: "ID", repeats: true },
    examples: [["get 018f9c3e-5b1a-7c2d-8e4f-0123456789ab", "everything about one runner"]],
  },
  watch: {
    about: "changes as they happen, until Ctrl-C",
    usage: "[--interval TIME]",
    details: `A line a change: + added, - removed, ~ changed. With --ndjson, the first line has the
whole list, and each further one a change with the runner.`,
    options: ["interval", "ndjson", ...OF_CALLS],
    examples: [
      ["watch --interval 10s", "read the list every ten seconds"],
      ["watch --ndjson | jq -c 'select(.type == \"removed\")'", "only the runners that went away"],
    ],
  },
  match: {
    about: "the runners that could take a workflow with these tags",
    usage: "--tag TAG [--tag TAG]...",
    details: "Those that carry all of the tags, and those without any, which take every workflow.",
    options: ["tag", "limit", ...FORMATS, ...OF_CALLS],
    examples: [["match --tag gpu:a100 --tag region:eu", "where could this workflow run?"]],
  },
  emulator: {
    about: "the API on this machine, for trying things out",
    usage: "[--runners N] [--tier TIER] [--port N]",
    options: ["runners", "tier", "port", "verbose"],
    examples: [["emulator --runners 1000 --port 0", "a thousand runners on a free port"]],
  },
  completion: {
    about: "a script that completes commands and options in your shell",
    usage: SHELLS.join("|"),
    options: [],
    operand: { name: "SHELL", words: SHELLS },
    examples: [
      ["completion bash > ~/.local/share/bash-completion/completions/comfycontrol-runners", "for bash"],
      ['completion zsh > "${fpath[1]}/_comfycontrol-runners"', "for zsh"],
      ["completion fish > ~/.config/fish/completions/comfycontrol-runners.fish", "for fish"],
    ],
  },
};

/** Names from other tools, and what they are called here. */
export const OTHER_NAMES = {
  ls: "list",
  show: "get",
  view: "get",
  follow: "watch",
  tail: "watch",
  serve: "emulator",
  mock: "emulator",
};

/**
 * The names of all options a command takes.
 *
 * @param {string} command
 * @returns {string[]}
 */
export const optionsOf = (command) => [...COMMANDS[command].options, ...OF_ALL];
