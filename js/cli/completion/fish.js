import { COMMANDS, optionsOf, PROGRAM } from "../command-table.js";
import { OPTIONS } from "../options.js";
import { quoted } from "./quoted.js";

const complete = (...flags) => `complete -c ${PROGRAM} ${flags.join(" ")}\n`;

const after = (command) => `-n ${quoted(`__fish_seen_subcommand_from ${command}`)}`;
const beforeCommand = () =>
  `-n ${quoted(`not __fish_seen_subcommand_from ${Object.keys(COMMANDS).join(" ")}`)}`;
const offering = (words) => (words ? [`-a ${quoted(words.join(" "))}`] : []);

function option(command, name) {
  const { about, short, value, instead, words, completes } = OPTIONS[name];
  const requires = value !== undefined && instead === undefined;
  return complete(
    after(command),
    `-l ${name}`,
    ...(short ? [`-s ${short}`] : []),
    ...(requires ? [completes === "file" ? "-r -F" : "-x"] : []),
    ...offering(words),
    `-d ${quoted(about)}`,
  );
}

/**
 * The completion script for fish.
 *
 * @returns {string}
 */
export function fish() {
  const lines = Object.entries(COMMANDS).flatMap(([name, { about, operand }]) => [
    complete(beforeCommand(), `-a ${name}`, `-d ${quoted(about)}`),
    ...(operand?.words ? [complete(after(name), ...offering(operand.words))] : []),
    ...optionsOf(name).map((one) => option(name, one)),
  ]);
  return `# Completes ${PROGRAM} in fish.\n${complete("-f")}${lines.join("")}`;
}
